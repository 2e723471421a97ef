"""A time when all are free: teachers, the pupils of classes and groups, and a room; then a session or a booking."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

from django.db.models import CharField, DateTimeField, Exists, F, OuterRef, Q, Value
from django.db.models.functions import Cast, Concat, Trim
from django.utils import timezone

from ent.kernel.text import folded
from ent.school.people.models import Person
from ent.school.structure.models import Division, Enrolment, Group, GroupEnrolment, SchoolYear
from ent.school.timetable.calendar import days_off
from ent.school.timetable.forms import rooms as open_rooms
from ent.school.timetable.forms import teachers as school_teachers
from ent.school.timetable.generating import at
from ent.school.timetable.models import (
    CalendarDay,
    RecurringLesson,
    RoomUse,
    Session,
    SessionAudience,
    SessionTeacher,
    TeacherAbsence,
    TimeSlot,
    Weekday,
    still_open,
)  # fmt: skip

ANY_ROOM = "any"
KINDS = ("teacher", "division", "group", "room", "equipment")
# Between two lines of the grid that follow each other; more is lunch.
BREAK = timedelta(minutes=30)
# Where the school has typed no grid.
HOURS = [(time(hour), time(hour, 55)) for hour in range(8, 18)]
Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Choice:
    """Someone or something that may be asked for."""

    pk: str
    name: str
    closed_at: datetime | None = None


@dataclass(frozen=True)
class Wanted:
    """Who is to be free together, where, for how many lines of the grid."""

    teachers: list[UUID]
    divisions: list[UUID]
    groups: list[UUID]
    # A room's id, `ANY_ROOM`, or "" for none.
    room: str
    lines: int


@dataclass(frozen=True)
class Free:
    """A time when all are free, with the rooms that are."""

    starts: datetime
    ends: datetime
    rooms: tuple[Choice, ...]

    @property
    def day(self) -> date:
        return timezone.localdate(self.starts)


def choices() -> dict[str, dict[str, Choice]]:
    """{kind: {id: choice}} of the teachers, classes, groups, rooms and equipment, by name. One query."""
    never = Cast(Value(None), DateTimeField())
    formal = Trim(Concat("title", Value(" "), "first_name", Value(" "), "last_name"))

    def rows(found, kind: Any, name: Any, order: str, closed: Any = never):
        shown = {"sort": Cast(kind, CharField()), "shown": Cast(name, CharField()), "order": Cast(order, CharField())}
        return found.order_by().annotate(**shown, closed=closed).values_list("order", "sort", "pk", "shown", "closed")

    current = {"closed_at": None, "year__is_current": True}
    people = Person.objects.filter(pk__in=school_teachers().values("pk"))
    everything = rows(people, Value("teacher"), formal, "sort_key").union(
        rows(Division.objects.filter(**current), Value("division"), F("code"), "code"),
        rows(Group.objects.filter(**current), Value("group"), F("code"), "code"),
        rows(open_rooms(), F("kind"), F("name"), "name", F("closed_at")),
        all=True,
    )
    found: dict[str, dict[str, Choice]] = {kind: {} for kind in KINDS}
    for _, kind, pk, name, closed in sorted(everything, key=lambda one: folded(one[0])):
        found[kind][str(pk)] = Choice(str(pk), name, closed)
    return found


def free_times(wanted: Wanted, monday: date, zone: str, offered: dict[str, dict[str, Choice]]) -> list[Free]:
    """The times of a week, to come, when all are free. Seven queries at most."""
    sunday = monday + timedelta(days=6)
    spans = _spans(monday, zone, wanted.lines)
    busy = _busy_people(wanted, monday, sunday)
    places = _places(wanted, offered)
    taken = _busy_rooms([one.pk for one in places], monday, sunday)
    found = []
    for starts, ends in spans:
        if _meets(busy, starts, ends):
            continue
        empty = tuple(
            one for one in places
            if not _meets(taken[one.pk], starts, ends) and not (one.closed_at and one.closed_at <= starts)
        )  # fmt: skip
        if empty or not wanted.room:
            found.append(Free(starts, ends, empty))
    return found


def _spans(monday: date, zone: str, lines: int) -> list[Span]:
    """The times of the grid in a week's taught days, to come. Three queries."""
    saturdays = RecurringLesson.objects.filter(year=OuterRef("pk"), weekday=Weekday.SATURDAY, closed_at=None)
    year = SchoolYear.objects.filter(is_current=True).annotate(has_saturdays=Exists(saturdays)).first()
    if year is None:
        return []
    days = [monday + timedelta(days=number) for number in range(6 if year.has_saturdays else 5)]
    off = days_off(days[0], days[-1], zone, list(CalendarDay.objects.filter(day__range=(days[0], days[-1]))))
    grid = [(one.starts_at, one.ends_at) for one in TimeSlot.objects.filter(still_open())] or HOURS
    now, found = timezone.now(), []
    for day in days:
        if day in off or not year.starts_on <= day <= year.ends_on:
            continue
        lined = [(at(day, begins), at(day, ends)) for begins, ends in grid]
        for first in range(len(lined) - lines + 1):
            run = lined[first : first + lines]
            follows = all(after[0] - before[1] <= BREAK for before, after in pairwise(run))
            if follows and run[0][0] > now:
                found.append((run[0][0], run[-1][1]))
    return found


def _busy_people(wanted: Wanted, first: date, last: date) -> list[Span]:
    """When someone is taken. Two queries."""
    planned = {"session__state": Session.State.PLANNED, "session__is_orphan": False}
    led = SessionTeacher.objects.filter(teacher__in=wanted.teachers, day__range=(first, last), **planned).present()
    away = TeacherAbsence.objects.filter(
        teacher__in=wanted.teachers, starts_at__lt=at(last, time(23, 59)), ends_at__gt=at(first, time(0))
    )
    taken = led.order_by().annotate(a=F("during__startswith"), b=F("during__endswith")).values_list("a", "b")
    spans = list(taken.union(away.order_by().values_list("starts_at", "ends_at"), all=True)) if wanted.teachers else []
    if wanted.divisions or wanted.groups:
        pupils = Enrolment.objects.filter(division__in=wanted.divisions, closed_at=None).values("pupil").union(
            GroupEnrolment.objects.filter(group__in=wanted.groups, closed_at=None).values("pupil"))  # fmt: skip
        theirs = {"pupil__in": pupils, "closed_at": None}
        heard = SessionAudience.objects.filter(
            Q(division__in=wanted.divisions) | Q(group__in=wanted.groups)
            | Q(division__in=Enrolment.objects.filter(**theirs).values("division"))
            | Q(group__in=GroupEnrolment.objects.filter(**theirs).values("group")),
            day__range=(first, last), **planned,
        )  # fmt: skip
        spans += list(heard.order_by().values_list("session__starts_at", "session__ends_at").distinct())
    return spans


def _places(wanted: Wanted, offered: dict[str, dict[str, Choice]]) -> list[Choice]:
    if wanted.room == ANY_ROOM:
        return list(offered["room"].values())
    chosen = (offered["room"] | offered["equipment"]).get(wanted.room)
    return [chosen] if chosen else []


def _busy_rooms(rooms: list[str], first: date, last: date) -> dict[str, list[Span]]:
    """When each of these rooms is taken. One query."""
    found: dict[str, list[Span]] = defaultdict(list)
    if not rooms:
        return found
    uses = RoomUse.objects.filter(room__in=rooms, day__range=(first, last)).filter(
        Q(session=None) | Q(session__state=Session.State.PLANNED, session__is_orphan=False)
    )
    for room, during in uses.values_list("room", "during"):
        found[str(room)].append((during.lower, during.upper))
    return found


def _meets(taken: list[Span], starts: datetime, ends: datetime) -> bool:
    return any(begun < ends and starts < ended for begun, ended in taken)
