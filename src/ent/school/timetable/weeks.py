"""The year's weeks: their letter (A or B), their days off; one corrected, or all turned from one on."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from ent.kernel.live import announce
from ent.kernel.refused import Refused
from ent.kernel.text import dated
from ent.school.structure.models import SchoolYear
from ent.school.timetable.calendar import TaughtDays, taught_days
from ent.school.timetable.changing import TOPIC
from ent.school.timetable.generating import Generated, generate
from ent.school.timetable.models import CalendarDay, Week, monday_of

OTHER = {"A": "B", "B": "A"}


@dataclass(frozen=True)
class YearWeek:
    """A week of the year; without a letter where there are no lessons."""

    monday: date
    pattern: str
    off: str
    is_past: bool
    is_current: bool

    @property
    def friday(self) -> date:
        return self.monday + timedelta(days=4)

    @property
    def other(self) -> str:
        return OTHER.get(self.pattern, "")


def weeks_of(year: SchoolYear, zone: str) -> list[YearWeek]:
    """The weeks of a year, those of holidays too. One query."""
    calendar, now = taught_days(year, zone), monday_of(timezone.localdate())
    first, last = monday_of(year.starts_on), monday_of(year.ends_on)
    mondays = [first + timedelta(weeks=number) for number in range((last - first).days // 7 + 1)]
    return [
        YearWeek(monday, calendar.pattern(monday), _off(monday, calendar), monday < now, monday == now)
        for monday in mondays
    ]


def _off(monday: date, calendar: TaughtDays) -> str:
    """« Vacances de Noël » of a whole week, « mercredi 11 novembre : Armistice » of a day."""
    days = [monday + timedelta(days=number) for number in range(5)]
    named = {day: calendar.off[day] for day in days if day in calendar.off}
    if len(named) == len(days):
        return ", ".join(dict.fromkeys(named.values()))
    return ", ".join(f"{dated(day)} : {why}" for day, why in named.items())


@transaction.atomic
def add_day(day: CalendarDay, year: SchoolYear | None, zone: str) -> Generated:
    """A day of the school's own, off or taught; the sessions to come follow."""
    day.save()
    return _follow(year, zone)


@transaction.atomic
def remove_day(day: date | None, year: SchoolYear | None, zone: str) -> Generated:
    """A day is as the national calendar says again."""
    CalendarDay.objects.filter(day=day).delete()
    return _follow(year, zone)


def _follow(year: SchoolYear | None, zone: str) -> Generated:
    """The lessons did not change: sessions come and go with the calendar, those that stay are as they were."""
    announce(TOPIC)
    return generate(year, zone, timezone.now(), remakes=False) if year else Generated()


@transaction.atomic
def correct(year: SchoolYear, zone: str, monday: date, *, and_following: bool) -> Generated:
    """Give a week the other letter, alone or with all that follow; the sessions to come follow, the past stays."""
    patterns = dict(taught_days(year, zone).patterns)
    if monday not in patterns:
        raise Refused("Il n'y a pas cours cette semaine-là : elle n'a pas de lettre.")
    if monday < monday_of(timezone.localdate()):
        raise Refused("Cette semaine est passée : elle reste comme elle a été.")
    turned = {
        one: OTHER[letter] for one, letter in patterns.items() if one == monday or (and_following and one > monday)
    }
    _write(patterns | turned, monday, year.ends_on)
    return _follow(year, zone)


def _write(patterns: dict[date, str], since: date, until: date) -> None:
    """Keep what differs from plain alternation, from a week on."""
    Week.objects.filter(monday__range=(since, until)).delete()
    previous = _last_before(patterns, since)
    made = []
    for monday in sorted(one for one in patterns if one >= since):
        if patterns[monday] != OTHER[previous]:
            made.append(Week(monday=monday, pattern=patterns[monday]))
        previous = patterns[monday]
    Week.objects.bulk_create(made)


def _last_before(patterns: dict[date, str], since: date) -> str:
    before: Iterable[date] = [one for one in patterns if one < since]
    return patterns[max(before)] if before else "B"
