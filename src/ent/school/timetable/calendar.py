"""Which days are taught: the national calendar by zone, public holidays, and the school's own days.

The national calendar is `ent.kernel.holidays`: reckoned in memory.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import BooleanField, Value
from django.http import HttpRequest

from ent.kernel.holidays import public_holidays, school_holidays
from ent.school.structure.models import SchoolYear
from ent.school.timetable.models import CalendarDay, Week, monday_of

WORKING_WEEKDAYS = range(1, 7)


def zone_of(request: HttpRequest) -> str:
    """The zone of the school holidays a request's school follows."""
    return request.in_force["holiday_zone"].value


def days_off(starts_on: date, ends_on: date, zone: str, own: list[CalendarDay]) -> dict[date, str]:
    """{day: why} of the days without lessons between two dates, both included; Sundays are not named."""
    found: dict[date, str] = {}
    for year in range(starts_on.year, ends_on.year + 1):
        for named in (school_holidays(year, zone), public_holidays(year)):
            found |= {day: why for day, why in named.items() if starts_on <= day <= ends_on}
    for one in own:
        if one.is_taught:
            found.pop(one.day, None)
        elif starts_on <= one.day <= ends_on:
            found[one.day] = one.label
    return found


@dataclass(frozen=True)
class TaughtDays:
    """The taught days of a year, and the pattern of each of their weeks."""

    days: tuple[date, ...]
    off: dict[date, str]
    patterns: dict[date, str]

    def why_off(self, day: date) -> str:
        """Why there is no lesson on a day ("" where there is)."""
        return self.off.get(day, "Dimanche" if day.isoweekday() == 7 else "")

    def pattern(self, day: date) -> str:
        """« A » or « B »; "" in a week without lessons."""
        return self.patterns.get(monday_of(day), "")


def taught_days(year: SchoolYear, zone: str) -> TaughtDays:
    """The year's taught days, Monday to Saturday, and its A/B weeks: alternating, unless corrected. One query."""
    weeks = Week.objects.order_by().values_list("monday", "pattern", Value(None, BooleanField()))
    rows = CalendarDay.objects.order_by().values_list("day", "label", "is_taught").union(weeks, all=True)
    own, corrected = [], {}
    for day, text, is_taught in rows:
        if is_taught is None:
            corrected[day] = text
        else:
            own.append(CalendarDay(day=day, label=text, is_taught=is_taught))
    off = days_off(year.starts_on, year.ends_on, zone, own)
    span = (year.ends_on - year.starts_on).days + 1
    everyday = (year.starts_on + timedelta(days=number) for number in range(span))
    days = tuple(day for day in everyday if day.isoweekday() in WORKING_WEEKDAYS and day not in off)
    patterns: dict[date, str] = {}
    previous = "B"
    # A week of which some weekday is taught counts; whole weeks of holidays do not turn the pattern.
    for monday in sorted({monday_of(day) for day in days if day.isoweekday() < 6}):
        previous = corrected.get(monday, "B" if previous == "A" else "A")
        patterns[monday] = previous
    return TaughtDays(days, off, patterns)
