"""What the console shows: counts only, never a name of a person."""

import re

from django.db.models import Count, Q, QuerySet

from ent.accounts.models import Membership
from ent.exchange.aaf.undo import UndoRefused, check_undo
from ent.exchange.models import ImportRun
from ent.kernel.access import Acting
from ent.school.administration.queries import KINDS
from platform_admin.dashboards.queries import percent
from platform_admin.officers.access import seen_authorities
from tenants.models import Authority, School


def authorities(acting: Acting) -> QuerySet[Authority]:
    """The authorities an officer sees, with how many of their schools are in each state."""
    return (
        seen_authorities(acting)
        .annotate(
            total=Count("schools"),
            with_space=Count("schools", filter=Q(schools__revision__isnull=False)),
            opened=Count("schools", filter=Q(schools__state=School.State.OPEN)),
        )
        .order_by("kind", "code")
    )


def schools(
    found: QuerySet[School], words: str = "", authority: str = "", state: str = "", departement: str = ""
) -> QuerySet[School]:
    """Some of these schools, by name."""
    found = found.select_related("authority")
    if departement:
        found = found.filter(departement=departement)
    if words:
        found = found.filter(Q(name__icontains=words) | Q(town__icontains=words) | Q(uai__iexact=words))
    if authority:
        found = found.filter(authority__code=authority)
    if state in School.State.values:
        found = found.filter(state=state)
    return found


def accounts_of(school: School, *, is_masked: bool) -> dict[str, int | None]:
    """Accounts of a school: all, activated (not told where small counts are masked), and the share in per cent."""
    found = Membership.objects.filter(school=school, closed_at=None).aggregate(
        total=Count("pk"), active=Count("pk", filter=Q(account__activated_at__isnull=False))
    )
    found["percent"] = percent(found["active"], found["total"], is_masked)
    return found


HOW = ("created", "changed", "unchanged", "closed")
DUPLICATE = "possible_duplicate"
LISTED = 100


def import_report(run: ImportRun) -> dict[str, object]:
    """A run's report as its page shows it: totals, school by school, duplicates, other remarks by reason."""
    report = run.report
    names = dict(School.objects.filter(uai__in=report.get("schools", ())).values_list("uai", "name"))
    oddities = report.get("oddities", [])
    others: dict[str, list[dict]] = {}
    for oddity in oddities:
        if oddity["kind"] != DUPLICATE:
            # What is quoted differs from line to line: the sentence around it is the reason.
            others.setdefault(re.sub(r"«[^»]*»|[\w-]*\d[\w-]*", "…", oddity["reason"]), []).append(oddity)
    return {
        "totals": _kinds(report.get("totals", {})),
        "schools": [
            (names.get(uai, ""), uai, _kinds(counts), any(counts[kind][how] for kind in counts for how in HOW[:2]))
            for uai, counts in report.get("schools", {}).items()
        ],
        "duplicates": [oddity for oddity in oddities if oddity["kind"] == DUPLICATE],
        "oddities": sorted(others.items(), key=lambda item: -len(item[1])),
        "listed": LISTED,
        "may_undo": _may_undo(run),
    }


def _kinds(counts: dict[str, dict[str, int]]) -> list[tuple[str, list[int]]]:
    return [(label, [counts[kind][how] for how in HOW]) for kind, label in KINDS.items() if kind in counts]


def _may_undo(run: ImportRun) -> bool:
    try:
        return bool(check_undo(run)) and not run.is_unfinished
    except UndoRefused:
        return False
