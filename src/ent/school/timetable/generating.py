"""From the week as planned to dated sessions. Doing it twice changes nothing; what people wrote stays."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction
from psycopg.types.range import TimestamptzRange

from ent.kernel.ids import new_id
from ent.school.structure.models import SchoolYear
from ent.school.timetable.calendar import TaughtDays, taught_days
from ent.school.timetable.models import (
    LessonAudience,
    LessonRoom,
    LessonTeacher,
    RecurringLesson,
    RoomUse,
    Session,
    SessionAudience,
    SessionTeacher,
    monday_of,
)  # fmt: skip

PARIS = ZoneInfo(settings.TIME_ZONE)


@dataclass(frozen=True)
class Generated:
    """How many sessions came, went, and were left without a lesson."""

    created: int = 0
    removed: int = 0
    orphaned: int = 0


def days_of(lesson: RecurringLesson, calendar: TaughtDays) -> Iterator[date]:
    """The taught days on which a lesson takes place."""
    weeks = set(lesson.weeks) if lesson.weeks is not None else None
    cancelled = set(lesson.cancelled_weeks)
    for day in calendar.days:
        if day.isoweekday() != lesson.weekday:
            continue
        if (lesson.starts_on and day < lesson.starts_on) or (lesson.ends_on and day > lesson.ends_on):
            continue
        monday = monday_of(day)
        if monday in cancelled or (weeks is not None and monday not in weeks):
            continue
        if weeks is None and lesson.pattern and calendar.pattern(day) != lesson.pattern:
            continue
        yield day


def at(day: date, hour: time) -> datetime:
    """An hour of a day, in France; an hour that the clock skips or repeats is taken as it stands before the change."""
    return datetime.combine(day, hour, tzinfo=PARIS)


@transaction.atomic
def generate(year: SchoolYear, zone: str, since: date | None = None) -> Generated:
    """Bring a year's sessions to what its lessons say, from `since` on (the whole year without it).

    A session that something hangs on is never removed: where its lesson no longer gives it, it is an orphan.
    """
    since = max(since or year.starts_on, year.starts_on)
    calendar = taught_days(year, zone)
    lessons = list(RecurringLesson.objects.filter(year=year, closed_at=None))
    wanted = {(lesson.pk, day): lesson for lesson in lessons for day in days_of(lesson, calendar) if day >= since}
    mine = Session.objects.filter(planned_on__range=(since, year.ends_on), lesson__year=year)
    there = {(lesson, day): (pk, kept) for pk, lesson, day, kept in mine.values_list(
        "pk", "lesson", "planned_on", "is_kept")}  # fmt: skip
    gone = [found for key, found in there.items() if key not in wanted]
    removed = [pk for pk, kept in gone if not kept]
    orphans = [pk for pk, kept in gone if kept]
    # What has nothing hanging on it is made again: hours, rooms and teachers may be others.
    stale = [pk for key, (pk, kept) in there.items() if key in wanted and not kept]
    Session.objects.filter(pk__in=orphans).update(is_orphan=True)
    Session.objects.filter(pk__in=[pk for key, (pk, kept) in there.items() if key in wanted and kept]).update(
        is_orphan=False
    )
    _remove(removed + stale)
    kept_keys = {key for key, (_, kept) in there.items() if kept}
    fresh = [(lesson, day) for (pk, day), lesson in wanted.items() if (pk, day) not in kept_keys]
    _write(fresh)
    return Generated(created=len(fresh) - len(stale), removed=len(removed), orphaned=len(orphans))


def _remove(sessions: list[UUID]) -> None:
    for model in (SessionTeacher, SessionAudience, RoomUse):
        model.objects.filter(session__in=sessions)._raw_delete(using=connection.alias)
    Session.objects.filter(pk__in=sessions)._raw_delete(using=connection.alias)


def _write(fresh: list[tuple[RecurringLesson, date]]) -> None:
    """COPY: a year of a school is some 150,000 rows."""
    teachers, rooms, audiences = _of_lessons({lesson.pk for lesson, _ in fresh})
    taken: dict[tuple[type, UUID, date], list[tuple[datetime, datetime]]] = defaultdict(list)
    _occupied(taken, fresh)
    sessions, leads, heard, used = [], [], [], []
    for lesson, day in sorted(fresh, key=lambda one: (one[1], one[0].starts_at)):
        pk, starts, ends = new_id(), at(day, lesson.starts_at), at(day, lesson.ends_at)
        during = TimestamptzRange(starts, ends)
        sessions.append((pk, lesson.pk, day, lesson.subject_id, lesson.label, day, starts, ends, "planned",
                         False, False, False))  # fmt: skip
        for teacher in teachers[lesson.pk]:
            alone = _free(taken, (SessionTeacher, teacher, day), starts, ends)
            leads.append((new_id(), pk, teacher, "leads", day, during, alone))
        for room in rooms[lesson.pk]:
            alone = _free(taken, (RoomUse, room, day), starts, ends)
            used.append((new_id(), room, pk, "", day, during, alone))
        heard += [(new_id(), pk, division, group, day) for division, group in audiences[lesson.pk]]
    _copy(Session, "id lesson_id planned_on subject_id label day starts_at ends_at state is_changed is_kept is_orphan",
          sessions)  # fmt: skip
    _copy(SessionTeacher, "id session_id teacher_id part day during is_exclusive", leads)
    _copy(SessionAudience, "id session_id division_id group_id day", heard)
    _copy(RoomUse, "id room_id session_id purpose day during is_exclusive", used)


def _of_lessons(lessons: set[UUID]):
    teachers, rooms, audiences = defaultdict(list), defaultdict(list), defaultdict(list)
    for lesson, teacher in LessonTeacher.objects.filter(lesson__in=lessons).values_list("lesson", "teacher"):
        teachers[lesson].append(teacher)
    for lesson, room in LessonRoom.objects.filter(lesson__in=lessons).values_list("lesson", "room"):
        rooms[lesson].append(room)
    for lesson, division, group in LessonAudience.objects.filter(lesson__in=lessons).values_list(
        "lesson", "division", "group"
    ):
        audiences[lesson].append((division, group))
    return teachers, rooms, audiences


def _occupied(taken: dict, fresh: list[tuple[RecurringLesson, date]]) -> None:
    """What kept sessions and bookings hold already, on the days to be written."""
    if not fresh:
        return
    first, last = min(day for _, day in fresh), max(day for _, day in fresh)
    for model, column in ((SessionTeacher, "teacher"), (RoomUse, "room")):
        rows = model.objects.filter(is_exclusive=True, day__range=(first, last)).values_list(column, "day", "during")
        for who, day, during in rows:
            taken[model, who, day].append((during.lower, during.upper))


def _free(taken: dict, who: tuple[type, UUID, date], starts: datetime, ends: datetime) -> bool:
    """Whether nobody holds it then; takes it. A timetable may put two sessions in one gymnasium: the second shares."""
    held = taken[who]
    if any(begun < ends and starts < ended for begun, ended in held):
        return False
    held.append((starts, ends))
    return True


def _copy(model: type, columns: str, rows: Iterable[tuple[Any, ...]]) -> None:
    names = ", ".join(columns.split())
    with connection.cursor() as cursor, cursor.cursor.copy(f"COPY {model._meta.db_table} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
