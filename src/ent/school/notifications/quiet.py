"""When something may reach people: not in the school's quiet hours, nor in the person's own, nor in its holidays.

No database here.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ent.kernel.holidays import SUMMER, return_from

PARIS = ZoneInfo("Europe/Paris")
# A digest leaves after the school day; the weekly one before the week-end.
DIGEST_AT = time(18, 0)
WEEKLY_ON = 5
# Two periods of a day may end within each other a few times; beyond, they leave no free hour.
MOST_JUMPS = 8
# Before the new year begins, families hear of it in time.
END_OF_SUMMER = timedelta(days=7)

Quiet = Mapping[str, str]
Returns = Callable[[date], date]


def told_again(zone: str) -> Returns:
    """Of a school's zone: from a day, the first on which people are told; after its holidays, but the end of summer."""

    def returns(day: date) -> date:
        back, name = return_from(day, zone)
        return max(day, back - END_OF_SUMMER) if name == SUMMER else back

    return returns


def deliver_after(now: datetime, quiet: Quiet, own: Quiet | None = None, returns: Returns | None = None) -> datetime:
    """The first moment from `now` on that lies in no quiet hours (`{"from": "20:00", "to": "07:00"}`, local time), nor
    before the day that `returns` gives for its own.

    Where the school's and the person's own leave no free hour together, the school's alone hold.
    """
    periods = [one for one in (quiet, own) if one]
    moment = now.astimezone(UTC)
    for _ in range(MOST_JUMPS):
        ends = [_end(moment, one) for one in periods if is_quiet(moment, one)]
        day = moment.astimezone(PARIS).date()
        if returns and (back := returns(day)) > day:
            ends.append(datetime.combine(back, time(), PARIS).astimezone(UTC))
        if not ends:
            return moment
        moment = max(ends)
    return deliver_after(now, quiet, None, returns) if own else moment


def is_quiet(moment: datetime, quiet: Quiet) -> bool:
    """Whether a moment lies in quiet hours, by the clock on the wall."""
    begins, ends = time.fromisoformat(quiet["from"]), time.fromisoformat(quiet["to"])
    clock = moment.astimezone(PARIS).time()
    return begins <= clock < ends if begins <= ends else clock >= begins or clock < ends


def digest_at(now: datetime, weekly: bool) -> datetime:
    """When the next digest leaves."""
    local = now.astimezone(PARIS)
    day = local.date()
    if weekly:
        day += timedelta(days=(WEEKLY_ON - day.isoweekday()) % 7)
    if datetime.combine(day, DIGEST_AT, PARIS) <= local:
        day += timedelta(days=7 if weekly else 1)
    return datetime.combine(day, DIGEST_AT, PARIS).astimezone(UTC)


def _end(moment: datetime, quiet: Quiet) -> datetime:
    """The end of the quiet hours a moment lies in."""
    begins, ends = time.fromisoformat(quiet["from"]), time.fromisoformat(quiet["to"])
    local = moment.astimezone(PARIS)
    day = local.date() + timedelta(days=1 if begins > ends and local.time() >= begins else 0)
    # On the night when an hour comes twice, the end may be the second of two like moments.
    both = (datetime.combine(day, ends, PARIS).replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    return next(end for end in (*both, moment + timedelta(minutes=1)) if end > moment)
