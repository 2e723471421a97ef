"""A week of sessions as a table: hours down, days across, and the days as lists for phones."""

from dataclasses import dataclass
from datetime import date, time, timedelta

from django.db.models import Q
from django.utils import timezone

from ent.school.structure.models import Division, Group, SchoolYear
from ent.school.timetable.calendar import TaughtDays, taught_days
from ent.school.timetable.models import RoomUse, Session, SessionAudience, monday_of
from ent.school.timetable.queries import by_day, detailed


@dataclass(frozen=True)
class Day:
    """A day's sessions, or why there are none."""

    day: date
    sessions: tuple[Session, ...]
    why_off: str
    is_today: bool


@dataclass(frozen=True)
class Row:
    """The sessions that begin at an hour, one cell a day."""

    begins: time
    cells: tuple[tuple[Day, tuple[Session, ...]], ...]


@dataclass(frozen=True)
class Table:
    """A week."""

    monday: date
    pattern: str
    days: tuple[Day, ...]
    rows: tuple[Row, ...]
    chosen: Day

    @property
    def previous(self) -> date:
        return self.monday - timedelta(weeks=1)

    @property
    def following(self) -> date:
        return self.monday + timedelta(weeks=1)

    @property
    def yesterday(self) -> date:
        return self.chosen.day - timedelta(days=1)

    @property
    def tomorrow(self) -> date:
        return self.chosen.day + timedelta(days=1)


def span_of(day: date) -> tuple[date, date]:
    """Monday and Sunday of a day's week."""
    monday = monday_of(day)
    return monday, monday + timedelta(days=6)


def table(sessions: list[Session], day: date, zone: str) -> Table:
    """The week of a day. Two queries, besides the sessions."""
    monday, sunday = span_of(day)
    year = SchoolYear.objects.filter(starts_on__lte=sunday, ends_on__gte=monday).first()
    calendar = taught_days(year, zone) if year else TaughtDays((), {}, {})
    off = calendar.off
    found = by_day(sessions)
    shown = [monday + timedelta(days=number) for number in range(7)]
    shown = [one for one in shown if one.isoweekday() < 6 or one in found or one == day]
    today = timezone.localdate()
    days = tuple(Day(one, tuple(found.get(one, ())), "" if found.get(one) else off.get(one, ""), one == today)
                 for one in shown)  # fmt: skip
    hours = sorted({timezone.localtime(one.starts_at).time() for one in sessions})
    rows = tuple(
        Row(hour, tuple((there, tuple(one for one in there.sessions
                                      if timezone.localtime(one.starts_at).time() == hour)) for there in days))
        for hour in hours
    )  # fmt: skip
    chosen = next(one for one in days if one.day == day)
    return Table(monday, calendar.pattern(monday), days, rows, chosen)


def sessions_of_audience(audience: Division | Group, first: date, last: date) -> list[Session]:
    """The sessions of a class (its groups' too) or of a group between two days. One query."""
    rows = SessionAudience.objects.filter(day__range=(first, last))
    if isinstance(audience, Division):
        rows = rows.filter(Q(division=audience) | Q(group__divisions=audience) | Q(
            group__enrolments__closed_at=None, group__enrolments__pupil__enrolments__division=audience,
            group__enrolments__pupil__enrolments__closed_at=None))  # fmt: skip
    else:
        rows = rows.filter(group=audience)
    return list(detailed(Session.objects.filter(pk__in=rows.values("session"))).order_by("starts_at", "pk"))


def uses_of_room(room, first: date, last: date) -> tuple[list[Session], list[RoomUse]]:
    """The sessions and the bookings of a room between two days. Two queries."""
    uses = RoomUse.objects.filter(room=room, day__range=(first, last))
    sessions = detailed(Session.objects.filter(pk__in=uses.exclude(session=None).values("session")))
    bookings = uses.filter(session=None).select_related("booked_by").order_by("during")
    return list(sessions.order_by("starts_at", "pk")), list(bookings)


def current_year() -> SchoolYear | None:
    """The year under way."""
    return SchoolYear.objects.filter(is_current=True).first()
