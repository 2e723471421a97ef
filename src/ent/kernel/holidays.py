"""The national calendar: school holidays by zone, public holidays.

School holidays come from the ministry's open data (`vacances-scolaires-france`), public holidays from `holidays` (code
du travail, art. L3133-1). Both are reckoned in memory, once per process.
"""

from datetime import date, timedelta
from functools import lru_cache

import holidays
from vacances_scolaires_france import SchoolHolidayDates, UnsupportedYearException

SUMMER = "Vacances d'été"


@lru_cache(maxsize=1)
def _national() -> SchoolHolidayDates:
    return SchoolHolidayDates()


@lru_cache(maxsize=64)
def school_holidays(year: int, zone: str) -> dict[date, str]:
    """{day: name} of a calendar year; empty where the ministry has not said yet."""
    try:
        found = _national().holidays_for_year_and_zone(year, zone)
    except UnsupportedYearException:
        return {}
    return {day: row["nom_vacances"] for day, row in found.items()}


@lru_cache(maxsize=64)
def public_holidays(year: int) -> dict[date, str]:
    """{day: name} of a calendar year."""
    return dict(holidays.country_holidays("FR", years=year, language="fr"))


def return_from(day: date, zone: str) -> tuple[date, str]:
    """The first day from this one on without school holidays, and the name of those it lies in ("": none)."""
    name = school_holidays(day.year, zone).get(day, "")
    while day in school_holidays(day.year, zone):
        day += timedelta(days=1)
    return day, name
