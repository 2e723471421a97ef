"""Lists of schools into the platform: registered, presentable, with a stable address each."""

from dataclasses import dataclass, field
from pathlib import Path

from django.db import transaction

from ent.exchange.directory.reader import SchoolList, SchoolListError, SchoolRow, read_school_list
from ent.exchange.naming import subdomain
from tenants.models import Authority, School, SchoolKind

DEPARTEMENTS = {"03": "Allier", "15": "Cantal", "43": "Haute-Loire", "63": "Puy-de-Dôme"}
REGION = ("ARA", "Région Auvergne-Rhône-Alpes")
# What a list may bring up to date; the subdomain and the state are ours.
VALUES = ["name", "kind", "is_public", "town", "postal_code", "departement", "latitude", "longitude", "headcount"]


@dataclass
class Outcome:
    """What one file did."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    list: SchoolList = field(default_factory=lambda: SchoolList(""))


@transaction.atomic
def import_school_list(path: Path) -> Outcome:
    """Register the schools of a file; twice changes nothing, and what a poorer list does not know is kept."""
    outcome = Outcome(list=read_school_list(path))
    if not outcome.list.rows and not outcome.list.left_out:
        faults = outcome.list.problems[:1]
        first = "".join(f" (ligne {fault.line} : {fault.reason})" for fault in faults)
        raise SchoolListError(
            f"{path.name} ne contient aucun établissement lisible{first} : téléchargez de nouveau la liste."
        )
    known = {school.uai: school for school in School.objects.all()}
    taken = {school.subdomain for school in known.values()}
    authorities = {authority.code: authority for authority in Authority.objects.all()}
    for row in sorted(outcome.list.rows, key=lambda one: one.uai):
        values = {name: getattr(row, name) for name in VALUES if getattr(row, name) not in (None, "")}
        values["authority"] = _authority(row, authorities)
        school = known.get(row.uai)
        if school and row.latitude is None:
            # A list without coordinates is the poorer one: it completes, it does not rename.
            values = {name: value for name, value in values.items() if getattr(school, name) in (None, "")}
        if school is None:
            address = subdomain(row.name, row.town, taken)
            taken.add(address)
            School.objects.create(uai=row.uai, subdomain=address, **values)
            outcome.created += 1
        elif any(getattr(school, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(school, name, value)
            school.save()
            outcome.changed += 1
        else:
            outcome.unchanged += 1
    return outcome


def _authority(row: SchoolRow, known: dict[str, Authority]) -> Authority:
    """Collèges are their département's, lycées the région's (code de l'éducation, L213-2 and L214-6)."""
    if row.kind == SchoolKind.COLLEGE:
        kind, code = Authority.Kind.DEPARTEMENT, row.departement
        name = DEPARTEMENTS.get(code, f"Département {code}")
    else:
        kind, (code, name) = Authority.Kind.REGION, REGION
    if code not in known:
        known[code] = Authority.objects.create(kind=kind, code=code, name=name)
    return known[code]
