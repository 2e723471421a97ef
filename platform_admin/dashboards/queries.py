"""What the dashboards show. Everything starts from the schools the officer sees; counts only."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Self

from django.db.models import Aggregate, Count, Exists, F, FloatField, OuterRef, Q, QuerySet, Sum, Window
from django.db.models.functions import Cast
from django.utils import timezone

from ent.kernel.access import Acting
from ent.kernel.measure import RoleGroup
from platform_admin.dashboards.masking import masked, share
from platform_admin.dashboards.models import Adoption, ServiceDay, Standing
from platform_admin.dashboards.review import SIZES
from platform_admin.officers.access import seen_authorities, seen_schools
from platform_admin.rollout.models import Wave
from tenants.liaison.models import SchoolPulse
from tenants.models import Authority, School, SchoolKind

SERVICE_DAYS = 28
# Fewer schools than this are no group to compare with.
LEAST_ALIKE = 3


class Median(Aggregate):
    """The middle value."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()


@dataclass
class View:
    """The schools a dashboard is about, and whether small numbers are hidden in it."""

    acting: Acting
    authority: Authority | None = None
    is_masked: bool = False
    today: date = field(default_factory=timezone.localdate)

    @classmethod
    def of(cls, acting: Acting, authority: Authority | None = None) -> Self:
        """Agents of collectivities see no count of fewer than five people; and one collectivity at a time, so that
        nothing hidden in it is found by subtracting it from several together."""
        view = cls(acting, authority, is_masked=acting.sees is not None)
        if view.is_masked and authority is None and view.authorities:
            view.authority = view.authorities[0]
        return view

    @cached_property
    def schools(self) -> QuerySet[School]:
        """The schools it is about."""
        found = seen_schools(self.acting)
        return found.filter(authority=self.authority) if self.authority else found

    def of_authorities(self, lines: QuerySet) -> QuerySet:
        """Lines kept by collectivity, cut to those it is about."""
        if self.authority:
            return lines.filter(authority=self.authority)
        return lines if self.acting.sees is None else lines.filter(authority__in=self.acting.sees)

    def of_schools(self, lines: QuerySet) -> QuerySet:
        """Lines kept by school, cut to those it is about."""
        if self.authority:
            return lines.filter(school__authority=self.authority)
        return lines if self.acting.sees is None else lines.filter(school__authority__in=self.acting.sees)

    @cached_property
    def authorities(self) -> list[Authority]:
        """The collectivities the officer may look at one by one."""
        return list(seen_authorities(self.acting).filter(Exists(School.objects.filter(authority=OuterRef("pk")))))


# --- adoption ----------------------------------------------------------------------------------------------------
@dataclass
class Count3:
    """Accounts, activated ones, and people who came in the week."""

    accounts: int = 0
    activated: int = 0
    came: int = 0

    def add(self, line: dict) -> None:
        """Add the counts of another part."""
        self.accounts += line["accounts"]
        self.activated += line["activated"]
        self.came += line["came"]


@dataclass
class AdoptionCurves:
    """Counts by day, then by role and by wave."""

    days: list[date]
    roles: dict[str, dict[date, Count3]]
    waves: dict[int, dict[date, Count3]]

    @property
    def last(self) -> date | None:
        """The last full day."""
        return self.days[-1] if self.days else None


def adoption(view: View, until: date | None = None) -> AdoptionCurves:
    """The curves, week by week. One query."""
    roles: dict[str, dict[date, Count3]] = {role: defaultdict(Count3) for role in RoleGroup.values}
    waves: dict[int, dict[date, Count3]] = defaultdict(lambda: defaultdict(Count3))
    lines = view.of_authorities(Adoption.objects)
    if until:
        lines = lines.filter(day__lte=until)
    found = lines.values("day", "role", "wave").order_by("day").annotate(
        accounts=Sum("accounts"), activated=Sum("activated"), came=Sum("came_this_week")
    )  # fmt: skip
    days: dict[date, None] = {}
    for line in found.values_list("day", "role", "wave", "accounts", "activated", "came", named=True):
        counts = {"accounts": line.accounts, "activated": line.activated, "came": line.came}
        days[line.day] = None
        if line.role in roles:
            roles[line.role][line.day].add(counts)
        if line.wave is not None:
            waves[line.wave][line.day].add(counts)
    return AdoptionCurves(list(days), roles, dict(sorted(waves.items())))


def percent(part: int, whole: int, is_masked: bool) -> int | None:
    """A share in per cent, or nothing where there is none (or where it may not be told)."""
    if not whole:
        return None
    return share(part, whole) if is_masked else min(round(100 * part / whole), 100)


def wave_names() -> dict[int, str]:
    """Waves by number."""
    return dict(Wave.objects.values_list("number", "name"))


# --- who came, school by school ----------------------------------------------------------------------------------
@dataclass
class Comings:
    """People who came in the week, by school and role, with totals; None where hidden."""

    schools: dict[int, list[int | None]]
    total: list[int | None]


def comings(view: View, schools: Iterable[int] | None = None) -> Comings:
    """The table of schools by role, each school of its last full day. Two queries.

    Of some schools only, for a page of them. What is hidden is worked out over all of them, whatever the page shows.
    """
    standings = view.of_schools(Standing.objects.filter(day__isnull=False))
    if schools is not None and not view.is_masked:
        standings = standings.filter(school__in=list(schools))
    last = dict(standings.values_list("school", "day"))
    found: dict[int, list[int]] = {pk: [0] * len(RoleGroup.values) for pk in last}
    lines = SchoolPulse.objects.filter(school__in=last, day__in=set(last.values()))
    for pk, day, role, came in lines.values_list("school", "day", "role", "came_this_week"):
        if last[pk] == day and role in RoleGroup.values:
            found[pk][RoleGroup.values.index(role)] = came
    order = sorted(found)
    table = [found[pk] for pk in order]
    if view.is_masked:
        *rows, total = masked(table) or [[0] * (len(RoleGroup.values) + 1)]
    else:
        rows = [[*row, sum(row)] for row in table]
        total = [sum(column) for column in zip(*rows, strict=True)] or [0] * (len(RoleGroup.values) + 1)
    return Comings(dict(zip(order, rows, strict=True)), total)


def came_today(view: View) -> list[int | None]:
    """People who came today so far, by role and in all."""
    found = dict(
        view.of_schools(SchoolPulse.objects.filter(day=view.today))
        .order_by()
        .values_list("role")
        .annotate(Sum("came_today"))
    )
    row = [found.get(role, 0) for role in RoleGroup.values]
    return masked([row])[0] if view.is_masked else [*row, sum(row)]


# --- service -----------------------------------------------------------------------------------------------------
def service(view: View, since: date | None = None, until: date | None = None) -> list[dict]:
    """Day by day: what was asked, errors, times weighted by what was asked. One query."""
    until = until or view.today
    since = since or until - timedelta(days=SERVICE_DAYS - 1)
    lines = view.of_authorities(ServiceDay.objects.filter(day__gte=since, day__lte=until))
    asked = Cast(Sum("requests"), FloatField())
    found = lines.values("day").order_by("day").annotate(
        asked=Sum("requests"), failed=Sum("errors"), letters=Sum("letters_printed"),
        median=Sum(F("median_ms") * F("requests")) / asked, p95=Sum(F("p95_ms") * F("requests")) / asked,
    ).filter(asked__gt=0)  # fmt: skip
    return [
        {**line, "median": round(line["median"]) if line["median"] is not None else None,
         "p95": round(line["p95"]) if line["p95"] is not None else None}
        for line in found
    ]  # fmt: skip


def service_week(days: list[dict]) -> dict[str, object]:
    """The last seven days in one line."""
    week = days[-7:]
    asked = sum(day["asked"] for day in week)
    failed = sum(day["failed"] for day in week)
    return {
        "asked": asked,
        "failed": failed,
        "error_share": 100 * failed / asked if asked else None,
        "median": mean_of(week, "median"),
        "p95": mean_of(week, "p95"),
    }


def mean_of(days: list[dict], name: str) -> int | None:
    """The mean of a time over some days, weighted by what was asked."""
    known = [day for day in days if day[name] is not None]
    asked = sum(day["asked"] for day in known)
    return round(sum(day[name] * day["asked"] for day in known) / asked) if asked else None


# --- schools -----------------------------------------------------------------------------------------------------
def states(view: View) -> dict[str, int]:
    """How many schools are in each state."""
    found = dict(view.schools.order_by().values_list("state").annotate(Count("pk")))
    return {state: found[state] for state in School.State.values if state in found}


def needing_help(view: View) -> QuerySet[Standing]:
    """The schools that need help, those that need it most first."""
    return (
        view.of_schools(Standing.objects.filter(score__gt=0))
        .select_related("school")
        .order_by("-score", "school__name", "pk")
    )


def first_to_help(view: View, most: int) -> tuple[Sequence[Standing], int]:
    """The first of them, and how many there are. One query."""
    found = list(needing_help(view).annotate(total=Window(Count("pk")))[:most])
    return found, int(found[0].total) if found else 0


ACTIVATED = Cast(F("activated"), FloatField()) * 100 / F("accounts")
CAME = Cast(F("came_this_week"), FloatField()) * 100 / F("accounts")
ORDERS = {
    "name": ("Nom", ["school__name", "pk"]),
    "activated": ("Comptes activés, du moins au plus", [F("percent_activated").asc(nulls_last=True), "pk"]),
    "came": ("Venus cette semaine, du moins au plus", [F("percent_came").asc(nulls_last=True), "pk"]),
    "slow": ("Pages les plus lentes", [F("p95_ms").desc(nulls_last=True), "pk"]),
    "alike": ("Type et taille", ["alike", "school__name", "pk"]),
}


def compared(view: View, order: str = "name") -> QuerySet[Standing]:
    """The schools that people use, to be set side by side."""
    return (
        view.of_schools(Standing.objects.filter(accounts__gt=0))
        .select_related("school")
        .annotate(percent_activated=ACTIVATED, percent_came=CAME)
        .order_by(*ORDERS.get(order, ORDERS["name"])[1])
    )


@dataclass
class Alike:
    """Schools of a kind and a size, and the middle one of them in each respect."""

    label: str
    schools: int
    activated: float | None
    came: float | None
    p95: float | None


def alike_groups(view: View) -> dict[str, Alike]:
    """Groups of schools alike, by key. One query."""
    found = (
        view.of_schools(Standing.objects.filter(accounts__gt=0))
        .order_by()
        .values("alike")
        .annotate(schools=Count("pk"), activated=Median(ACTIVATED), came=Median(CAME), p95=Median("p95_ms"))
    )
    groups = {
        line["alike"]: Alike(
            alike_label(line["alike"]), line["schools"],
            *(line[name] if line["schools"] >= LEAST_ALIKE else None for name in ("activated", "came", "p95")),
        )
        for line in found
    }  # fmt: skip
    return dict(sorted(groups.items()))


def alike_label(key: str) -> str:
    """« Collège, 200 à 399 élèves »."""
    kind, size = key.split(":")
    label = str(SchoolKind(kind).label) if kind in SchoolKind.values else kind
    if not size:
        return f"{label}, effectif inconnu"
    number = int(size)
    if number == 0:
        return f"{label}, moins de {SIZES[0]} élèves"
    if number == len(SIZES):
        return f"{label}, {SIZES[-1]} élèves et plus"
    return f"{label}, {SIZES[number - 1]} à {SIZES[number] - 1} élèves"


# --- places ------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Place:
    """A school on the map."""

    uai: str
    name: str
    town: str
    departement: str
    latitude: float | None
    longitude: float | None
    state: str
    # Share of the people who came in the week; None where nothing is known, or may be told.
    use: int | None
    has_figures: bool


def places(view: View) -> list[Place]:
    """Every school, sorted by département and town. One query."""
    rows = view.schools.order_by("departement", "town", "name", "uai").values_list(
        "uai", "name", "town", "departement", "latitude", "longitude", "state",
        "standing__accounts", "standing__came_this_week",
    )  # fmt: skip
    return [
        Place(*row[:7], use=percent(row[8] or 0, row[7] or 0, view.is_masked), has_figures=bool(row[7]))
        for row in rows.iterator(chunk_size=2_000)
    ]


@dataclass(frozen=True)
class Cluster:
    """Schools of a département, where there are too many to draw each."""

    departement: str
    schools: int
    open: int
    latitude: float | None
    longitude: float | None


def clusters(view: View) -> list[Cluster]:
    """Schools by département. One query."""
    found = (
        view.schools.order_by("departement")
        .values_list("departement")
        .annotate(
            schools=Count("pk"), opened=Count("pk", filter=Q(state=School.State.OPEN)),
            latitude=Median("latitude"), longitude=Median("longitude"),
        )
    )  # fmt: skip
    return [Cluster(*row) for row in found]
