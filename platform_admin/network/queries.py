"""Where the service will be slow, and why."""

from collections import Counter
from dataclasses import dataclass

from django.db.models import QuerySet

from ent.kernel.access import Acting
from platform_admin.officers.access import seen_schools
from tenants.liaison.models import Connectivity, SpeedTest
from tenants.liaison.network import Expected, Level, expected
from tenants.models import School

UNKNOWN = "unknown"
LEVELS = [*((str(level.value), level.label) for level in Level), (UNKNOWN, "Inconnu")]


@dataclass(frozen=True)
class Line:
    """One school of the page of the whole."""

    uai: str
    name: str
    town: str
    authority: str
    authority_code: str
    technology: str
    is_white_zone: bool
    down_mbps: float | None
    is_measured: bool
    expected: Expected

    @property
    def level_key(self) -> str:
        """What the filter by level compares."""
        return UNKNOWN if self.expected.level is None else str(self.expected.level.value)

    @property
    def technology_label(self) -> str:
        """« Fibre »; empty where it is not known."""
        return str(Connectivity.Technology(self.technology).label) if self.technology else ""


def lines(acting: Acting) -> list[Line]:
    """Every school an officer sees, worst connection first, unknown ones last. Two queries, whatever their number.

    The level comes from one function, here for all schools: it is not a column that could grow stale.
    """
    schools = seen_schools(acting).exclude(state__in=(School.State.CLOSED, School.State.ARCHIVED))
    tests = latest_tests(schools)
    found = [
        _line(row, tests.get(row[0]))
        for row in schools.order_by("name", "uai").values_list(
            "pk", "uai", "name", "town", "headcount", "authority__name", "authority__code", "connectivity__technology",
            "connectivity__down_mbps", "connectivity__is_white_zone",
        )
    ]  # fmt: skip
    return sorted(found, key=lambda line: -(line.expected.level or 0))


def latest_tests(schools: QuerySet[School]) -> dict[int, tuple[float, float]]:
    """Of each school that made one: (Mbit/s down, latency) of its last test."""
    tests = SpeedTest.objects.filter(school__in=schools.order_by().values("pk"))
    last = tests.order_by("school", "-at").distinct("school").values_list("school", "down_mbps", "latency_ms")
    return {school: (down, latency) for school, down, latency in last}


def _line(row: tuple, test: tuple[float, float] | None) -> Line:
    _, uai, name, town, headcount, authority, code, technology, declared, is_white_zone = row
    down, latency = test or (declared, None)
    return Line(
        uai, name, town, authority or "–", code or "", technology or "", bool(is_white_zone), down, test is not None,
        expected(down, headcount, latency, bool(is_white_zone)),
    )  # fmt: skip


def by_authority(found: list[Line]) -> list[tuple[str, str, list[int], int]]:
    """(code, name, schools at each level and unknown, all of them) of each collectivity."""
    counts: dict[tuple[str, str], Counter[str]] = {}
    for line in found:
        counts.setdefault((line.authority_code, line.authority), Counter())[line.level_key] += 1
    return [
        (code, name, [counted[key] for key, _ in LEVELS], counted.total())
        for (code, name), counted in sorted(counts.items())
    ]


def chosen(found: list[Line], words: str, authority: str, technology: str, level: str) -> list[Line]:
    """Those that a filter keeps."""
    words = words.lower()
    return [
        line
        for line in found
        if (not words or words in f"{line.name} {line.town} {line.uai}".lower())
        and authority in ("", line.authority_code)
        and technology in ("", line.technology)
        and level in ("", line.level_key)
    ]
