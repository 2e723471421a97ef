"""How absences are counted: pure functions over hours planned and hours missed.

Three counts, all shown:
- half-days (gross): a session missed counts the half-day in which it begins, once;
- half-days in proportion: of each half-day, the share of the planned time that was missed;
- hours missed.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal

from django.utils.formats import number_format

MORNING, AFTERNOON = "M", "S"
THOUSANDTH = Decimal("0.001")


@dataclass(frozen=True, order=True)
class Span:
    """A time with a beginning and an end, in the school's local time."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Count:
    """What some missed time comes to."""

    half_days: tuple[str, ...] = ()
    share: Decimal = Decimal(0)
    minutes: int = 0

    @property
    def gross(self) -> int:
        """Half-days, gross."""
        return len(self.half_days)


def half_day_of(moment: datetime, midday: time) -> str:
    """« 2026-11-24 M » (morning) or « 2026-11-24 S »."""
    return f"{moment.date().isoformat()} {MORNING if moment.time() < midday else AFTERNOON}"


def day_of(half_day: str) -> date:
    """The day of a half-day."""
    return date.fromisoformat(half_day[:10])


def count(missed: Iterable[Span], planned: Iterable[Span], midday: time) -> Count:
    """The three counts of the time missed, out of what was planned (what is missed counts as planned)."""
    gone = list(missed)
    missed_minutes = _minutes_by_half_day(gone, midday)
    planned_minutes = _minutes_by_half_day([*planned, *gone], midday)
    share = sum(
        (Decimal(minutes) / planned_minutes[half_day] for half_day, minutes in missed_minutes.items()), Decimal(0)
    )
    return Count(
        half_days=tuple(sorted(missed_minutes)),
        share=share.quantize(THOUSANDTH, ROUND_HALF_UP),
        minutes=sum(missed_minutes.values()),
    )


def total(counts: Iterable[Count]) -> Count:
    """Several counts together: a half-day missed twice is one half-day."""
    all_of_them = list(counts)
    return Count(
        half_days=tuple(sorted({half_day for one in all_of_them for half_day in one.half_days})),
        share=sum((one.share for one in all_of_them), Decimal(0)),
        minutes=sum(one.minutes for one in all_of_them),
    )


def _minutes_by_half_day(spans: Iterable[Span], midday: time) -> dict[str, int]:
    """Minutes of each half-day; time that two spans share is counted once."""
    by_half_day: dict[str, list[Span]] = defaultdict(list)
    for span in spans:
        by_half_day[half_day_of(span.starts_at, midday)].append(span)
    return {half_day: _minutes(some) for half_day, some in by_half_day.items()}


def _minutes(spans: list[Span]) -> int:
    seconds, reached = 0.0, None
    for span in sorted(spans):
        starts = span.starts_at if reached is None else max(span.starts_at, reached)
        seconds += max((span.ends_at - starts).total_seconds(), 0)
        reached = span.ends_at if reached is None else max(reached, span.ends_at)
    # A minute begun is a minute: no time missed counts for nothing.
    return int(-(-seconds // 60))


def hours(minutes: int) -> str:
    """« 3 h 05 », « 1 781 h », « 45 min »."""
    whole, rest = divmod(minutes, 60)
    if not whole:
        return f"{rest} min"
    said = number_format(whole, force_grouping=True)
    return f"{said} h {rest:02}" if rest else f"{said} h"
