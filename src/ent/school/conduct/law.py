"""The delays and limits of disciplinary procedure (code de l'éducation)."""

from datetime import date, timedelta
from functools import lru_cache

import holidays

# A temporary exclusion lasts at most so many days, whoever decides it (art. R511-13).
MOST_DAYS = 8
# Working days (Monday to Saturday) the pupil has to prepare a defence before the head decides alone (art. R421-10-1).
DEFENCE_DAYS = 2
# The disciplinary board is summoned at least so many days ahead (art. D511-31).
NOTICE_DAYS = 5
SUNDAY = 7


@lru_cache(maxsize=16)
def _public_holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("FR", years=year))


def is_working_day(day: date) -> bool:
    """Neither a Sunday nor a public holiday (jour ouvrable)."""
    return day.isoweekday() != SUNDAY and day not in _public_holidays(day.year)


def first_day_to_decide(told_on: date) -> date:
    """The first day on which the head may decide alone, the facts told on a day: that day does not count."""
    day, left = told_on, DEFENCE_DAYS
    while left:
        day += timedelta(days=1)
        left -= is_working_day(day)
    return day + timedelta(days=1)


def first_day_of_board(summoned_on: date) -> date:
    """The first day on which the disciplinary board may meet."""
    return summoned_on + timedelta(days=NOTICE_DAYS)
