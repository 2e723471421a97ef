"""Lists of connections into the platform: what is declared of each school, with its history."""

from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from ent.exchange.connectivity.reader import ConnectivityList, ConnectivityRow, Problem, read_connectivity
from tenants.liaison.models import Connectivity, Declaration
from tenants.liaison.notices import forget_notices
from tenants.models import School

VALUES = ["technology", "down_mbps", "up_mbps", "is_white_zone"]


@dataclass
class Outcome:
    """What one file did."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    unknown: list[Problem] = field(default_factory=list)
    list: ConnectivityList = field(default_factory=ConnectivityList)

    @property
    def taken(self) -> int:
        """Lines that a school was found for."""
        return self.created + self.changed + self.unchanged


@transaction.atomic
def import_connectivity(raw: bytes, *, author: str, schools: QuerySet[School] | None = None) -> Outcome:
    """Declare the connections of a file, for these schools only if given; twice changes nothing.

    A cell left empty keeps what was declared.
    """
    outcome = Outcome(list=read_connectivity(raw))
    rows = {row.uai: row for row in outcome.list.rows}
    found = (School.objects.all() if schools is None else schools).filter(uai__in=rows)
    known = dict(found.values_list("uai", "pk"))
    declared = {one.school_id: one for one in Connectivity.objects.filter(school__in=known.values())}
    changed: list[Connectivity] = []
    for uai, row in rows.items():
        pk = known.get(uai)
        if pk is None:
            outcome.unknown.append(Problem(row.line, uai, "établissement inconnu ici, ou hors de votre ressort"))
            continue
        before = declared.get(pk)
        after = _merged(pk, before, row)
        if before is not None and _values(before) == _values(after):
            outcome.unchanged += 1
            continue
        outcome.created += before is None
        outcome.changed += before is not None
        changed.append(after)
    declare(changed, author=author)
    return outcome


@transaction.atomic
def declare(connections: list[Connectivity], *, author: str) -> None:
    """Keep what is now declared of these schools, and that it was."""
    Connectivity.objects.bulk_create(
        connections, update_conflicts=True, unique_fields=["school"], update_fields=[*VALUES, "declared_on"]
    )
    Declaration.objects.bulk_create(
        Declaration(school_id=one.school_id, author=author, **_values(one)) for one in connections
    )
    forget_notices(*[one.school_id for one in connections])


def _values(one: Connectivity) -> dict[str, object]:
    return {name: getattr(one, name) for name in VALUES}


def _merged(school: int, before: Connectivity | None, row: ConnectivityRow) -> Connectivity:
    values = {name: getattr(row, name) for name in VALUES if getattr(row, name) is not None}
    kept = _values(before) if before else {}
    return Connectivity(school_id=school, declared_on=timezone.localdate(), **(kept | values))
