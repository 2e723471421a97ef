"""Absences and lateness of a time, added up from the registers by the half-day rule.

A pupil's half-day is counted once, with the first session missed in it: whatever it is counted by, the sum is the same.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from uuid import UUID

from django.db.models import Sum
from django.db.models.functions import ExtractHour, ExtractIsoWeekDay

from ent.school.absences.half_days import half_day_of, hours
from ent.school.absences.models import AbsenceCase, CaseKind
from ent.school.absences.queries import between, cases, reason_of
from ent.school.absences.syncing import MISSING, missed_of
from ent.school.attendance.models import Attendance, Register
from ent.school.people.models import Person
from ent.school.structure.models import Division, Enrolment
from ent.school.timetable.models import Session

WEEKDAYS = ("Lundi", "Mardi", "Mercredi", "Jeudi", "Vendredi", "Samedi", "Dimanche")
BY = {"class": "Classe", "reason": "Motif", "weekday": "Jour", "hour": "Heure", "pupil": "Élève"}
HEADER = ("Demi-journées", "Minutes", "Part d'absents (%)", "Retards")
NO_REASON, NO_CLASS = "Sans motif", "Sans classe"


@dataclass(frozen=True)
class Line:
    """One line of a table of statistics; `rate`: the share of pupils missing from its registers, in percent."""

    label: str
    half_days: int
    minutes: int
    latenesses: int
    rate: float | None = None

    @property
    def hours(self) -> str:
        """« 3 h 05 »."""
        return hours(self.minutes)

    @property
    def rate_words(self) -> str:
        """« 4,2 »; empty where no register says."""
        return "" if self.rate is None else f"{self.rate:.1f}".replace(".", ",")


@dataclass
class _Sum:
    half_days: int = 0
    minutes: int = 0
    latenesses: int = 0


@dataclass(frozen=True)
class Marked:
    """A session that a pupil missed, in all or in part."""

    pupil: UUID
    starts_at: datetime
    half_day: str
    minutes: int
    is_late: bool


@dataclass
class Span:
    """What is looked at: from a day to another, in a class or in all."""

    first: date
    last: date
    midday: time
    division: Division | None = None
    # {pupil: code of the class}.
    codes: dict[UUID, str] = field(default_factory=dict)


def span(first: date, last: date, midday: time, division: Division | None = None) -> Span:
    """A time to look at. One query."""
    enrolled = Enrolment.objects.filter(closed_at=None)
    return Span(first, last, midday, division, dict(enrolled.values_list("pupil", "division__code")))


def lines(by: str, of: Span, *, health: bool) -> list[Line]:
    """Absences and lateness by class, reason, weekday, hour or pupil. Three queries at most."""
    marks = marked(of)
    key = _key(by, of, marks, health)
    sums: dict[tuple, _Sum] = defaultdict(_Sum)
    counted: set[tuple[UUID, str]] = set()
    for one in marks:
        there = sums[key(one)]
        if one.is_late:
            there.latenesses += 1
            continue
        there.minutes += one.minutes
        if (one.pupil, one.half_day) not in counted:
            counted.add((one.pupil, one.half_day))
            there.half_days += 1
    shares = _shares(by, of)
    found = [
        Line(key[-1], those.half_days, those.minutes, those.latenesses, shares.get(key[-1]))
        for key, those in sorted(sums.items(), key=lambda one: one[0][:-1] or one[0])
    ]
    if by in ("reason", "pupil"):
        found.sort(key=lambda one: (-one.half_days, -one.latenesses, one.label))
    return found


def total(found: Iterable[Line]) -> Line:
    """All lines together."""
    shown = list(found)
    sums = (sum(getattr(one, name) for one in shown) for name in ("half_days", "minutes", "latenesses"))
    return Line("Total", *sums)


def marked(of: Span) -> list[Marked]:
    """The sessions missed, in order of time. One query."""
    rows = Attendance.objects.filter(state__in=MISSING, day__range=(of.first, of.last)).exclude(
        session__state=Session.State.CANCELLED
    )
    if of.division:
        rows = rows.filter(pupil__in=[pupil for pupil, code in of.codes.items() if code == of.division.code])
    found = []
    read = rows.order_by("starts_at", "pk").values_list(
        "pupil_id", "state", "minutes", "starts_at", "ends_at", named=True
    )
    for row in read:
        missed = missed_of(row)
        minutes = int(-(-(missed.span.ends_at - missed.span.starts_at).total_seconds() // 60))
        found.append(Marked(row.pupil_id, missed.span.starts_at, half_day_of(missed.span.starts_at, of.midday),
                            minutes, missed.kind == CaseKind.LATENESS))  # fmt: skip
    return found


def _key(by: str, of: Span, marks: list[Marked], health: bool) -> Callable[[Marked], tuple]:
    """What a mark is counted under: what it is sorted by, then its label."""
    if by == "weekday":
        return lambda one: (one.starts_at.isoweekday(), WEEKDAYS[one.starts_at.weekday()])
    if by == "hour":
        return lambda one: (one.starts_at.hour, f"{one.starts_at.hour} h")
    if by == "pupil":
        people = Person.objects.filter(pk__in={one.pupil for one in marks})
        names = {one.pk: (one.sort_key, one.pk, f"{one.last_name} {one.first_name}") for one in people}
        return lambda one: names[one.pupil]
    if by == "reason":
        given: dict[UUID, list[AbsenceCase]] = defaultdict(list)
        for case in cases().filter(between(of.first, of.last)):
            given[case.pupil_id].append(case)
        return lambda one: (_reason(one, given[one.pupil], health),)
    return lambda one: (of.codes.get(one.pupil, NO_CLASS),)


def _reason(one: Marked, those: list[AbsenceCase], health: bool) -> str:
    kind = CaseKind.LATENESS if one.is_late else CaseKind.ABSENCE
    case = next((case for case in those if case.kind == kind and case.starts_at <= one.starts_at < case.ends_at), None)
    return (reason_of(case, health) if case else "") or NO_REASON


def _registers(of: Span):
    found = Register.objects.filter(day__range=(of.first, of.last))
    return found.filter(session__audiences__division=of.division) if of.division else found


def _shares(by: str, of: Span) -> dict[str, float]:
    """{label: share of pupils missing}, where registers tell. One query."""
    if by == "class":
        rows = (
            _registers(of).exclude(session__audiences__division=None).values_list("session__audiences__division__code")
        )
        return _percent(rows.annotate(Sum("absent_count"), Sum("pupil_count")))
    if by == "weekday":
        rows = _registers(of).values_list(ExtractIsoWeekDay("day")).annotate(Sum("absent_count"), Sum("pupil_count"))
        return _percent((WEEKDAYS[number - 1], *counts) for number, *counts in rows)
    if by == "hour":
        hours = _registers(of).values_list(ExtractHour("session__starts_at"))
        return _percent(
            (f"{hour} h", *counts) for hour, *counts in hours.annotate(Sum("absent_count"), Sum("pupil_count"))
        )
    return {}


def _percent(rows: Iterable[tuple]) -> dict:
    sums: dict = defaultdict(lambda: [0, 0])
    for key, absent, pupils in rows:
        sums[key][0] += absent
        sums[key][1] += pupils
    return {key: round(100 * absent / pupils, 1) for key, (absent, pupils) in sums.items() if pupils}


def rates(of: Span) -> list[tuple[date, float]]:
    """The share of pupils missing in the registers, day by day, in percent. One query."""
    return sorted(_percent(_registers(of).values_list("day", "absent_count", "pupil_count")).items())


LEAST_SHOWN = 5


def masked(lines: list[Line]) -> list[tuple[str, str, str, str, str]]:
    """The same for a paper that leaves the school: what comes to fewer than five is hidden; where one cell alone of a
    column would be, so is the next smallest, or the total would give it away.
    """
    columns = [_masked([getattr(one, name) for one in lines]) for name in ("half_days", "latenesses")]
    return [
        (one.label, half_days, *((str(one.minutes), one.rate_words) if half_days.isdigit() else ("", "")), lates)
        for one, half_days, lates in zip(lines, *columns, strict=True)
    ]


HIDDEN_CELL = f"moins de {LEAST_SHOWN}"


def _masked(counts: list[int]) -> list[str]:
    small = {number for number, count in enumerate(counts) if 0 < count < LEAST_SHOWN}
    words = dict.fromkeys(small, HIDDEN_CELL)
    if len(small) == 1:
        others = [number for number in range(len(counts)) if number not in small and counts[number]]
        words |= dict.fromkeys(sorted(others, key=lambda one: counts[one])[:1], "masqué")
    return [words.get(number, str(count)) for number, count in enumerate(counts)]


def chart(rates: list[tuple[date, float]]) -> dict[str, object]:
    """The bars of a drawing 120 points high, a day every 10 points; whole points, as SVG reads them."""
    most = max((rate for _, rate in rates), default=0)
    bars = [
        {"x": 10 * number, "y": 120 - round(116 * rate / (most or 1)), "height": round(116 * rate / (most or 1)),
         "day": day, "rate": rate}
        for number, (day, rate) in enumerate(rates)
    ]  # fmt: skip
    return {"bars": bars, "width": 10 * max(len(rates), 1), "most": most,
            "first": rates[0][0] if rates else None, "last": rates[-1][0] if rates else None}  # fmt: skip
