"""The day an answer is due by: proposed on a day with lessons, when papers come back too."""

from datetime import date

from ent.school.structure.models import SchoolYear
from ent.school.timetable.calendar import taught_days


def next_taught(wanted: date, zone: str) -> date:
    """That day, or the first one with lessons after it; as it is, outside of the year. Three queries."""
    year = SchoolYear.objects.filter(is_current=True).first()
    days = taught_days(year, zone).days if year else ()
    # Few schools teach on Saturdays.
    return next((day for day in days if day >= wanted and day.isoweekday() < 6), wanted)
