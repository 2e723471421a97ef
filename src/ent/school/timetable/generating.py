"""From the week as planned to dated sessions. Doing it twice changes nothing; what people wrote stays."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
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
    """An hour of a day, in France; an hour that the clock skips or repeats is taken as it stands before the change.

    In UTC: two moments of one zone are compared by their clocks, which the night of a change sets wrong.
    """
    return datetime.combine(day, hour, tzinfo=PARIS).astimezone(UTC)


@transaction.atomic
def generate(
    year: SchoolYear, zone: str, since: date | datetime | None = None, *,
    lessons: Iterable[UUID] | None = None, remakes: bool = True,
) -> Generated:  # fmt: skip
    """Bring a year's sessions to what its lessons say, from `since` on (the whole year without it).

    A moment as `since` leaves the sessions that have begun by then. With `lessons`, theirs alone; without `remakes`,
    the calendar changed and the lessons did not: sessions come and go, those that stay are not written again.

    A session that something hangs on is never removed: where its lesson no longer gives it, it is an orphan. One to
    come follows its lesson, unless it was changed by hand.
    """
    moment = since if isinstance(since, datetime) else None
    first = timezone.localdate(since) if isinstance(since, datetime) else since
    first = max(first or year.starts_on, year.starts_on)
    calendar, now = taught_days(year, zone), timezone.now()
    given, mine = RecurringLesson.objects.filter(year=year, closed_at=None), Session.objects.filter(lesson__year=year)
    if lessons is not None:
        only = list(lessons)
        given, mine = given.filter(pk__in=only), mine.filter(lesson__in=only)
    wanted = {(one.pk, day): one for one in given for day in days_of(one, calendar) if day >= first}
    there: dict[tuple[Any, Any], Session] = {}
    columns = ("lesson", "planned_on", "starts_at", "is_kept", "is_changed")
    for row in mine.filter(planned_on__range=(first, year.ends_on)).only(*columns):
        if moment and row.starts_at <= moment:
            wanted.pop((row.lesson_id, row.planned_on), None)
        else:
            there[row.lesson_id, row.planned_on] = row
    if moment:
        wanted = {key: one for key, one in wanted.items() if key in there or at(key[1], one.starts_at) > moment}
    gone = [row for key, row in there.items() if key not in wanted]
    stays = {key: row for key, row in there.items() if key in wanted}
    Session.objects.filter(pk__in=[row.pk for row in gone if row.is_kept]).update(is_orphan=True)
    kept = [row.pk for row in stays.values() if row.is_kept]
    Session.objects.filter(pk__in=kept, is_orphan=True).update(is_orphan=False)
    # Hours, rooms and teachers may be others: what nothing hangs on is made again, what is to come follows.
    again = {key: row for key, row in stays.items() if remakes and not row.is_kept}
    follows = {key: row for key, row in stays.items() if remakes and row.is_kept and not row.is_changed
               and row.starts_at > now and at(key[1], wanted[key].starts_at) > now}  # fmt: skip
    _remove([row.pk for row in gone if not row.is_kept] + [row.pk for row in again.values()])
    _follow([(row, wanted[key], key[1]) for key, row in follows.items()])
    fresh = [(lesson, key[1]) for key, lesson in wanted.items() if key not in there]
    # The same session keeps its id: whoever has its page open, or follows it in a calendar, finds it again.
    same = {key: row.pk for key, row in (again | follows).items()}
    _write([*fresh, *((wanted[key], key[1]) for key in same)], same, {row.pk for row in follows.values()})
    removed, orphaned = sum(not row.is_kept for row in gone), sum(row.is_kept for row in gone)
    return Generated(created=len(fresh), removed=removed, orphaned=orphaned)


def _remove(sessions: list[UUID]) -> None:
    _clear(sessions)
    Session.objects.filter(pk__in=sessions)._raw_delete(using=connection.alias)


def _clear(sessions: list[UUID]) -> None:
    for model in (SessionTeacher, SessionAudience, RoomUse):
        model.objects.filter(session__in=sessions)._raw_delete(using=connection.alias)


def _follow(rows: list[tuple[Session, RecurringLesson, date]]) -> None:
    """What hangs on a session stays on it; its hours, teachers and rooms become its lesson's."""
    for session, lesson, day in rows:
        session.subject_id, session.label, session.day = lesson.subject_id, lesson.label, day
        session.starts_at, session.ends_at = at(session.day, lesson.starts_at), at(session.day, lesson.ends_at)
    Session.objects.bulk_update((one for one, *_ in rows), ["subject", "label", "day", "starts_at", "ends_at"], 200)
    _clear([one.pk for one, *_ in rows])


def _write(
    rows: list[tuple[RecurringLesson, date]], same: dict[tuple[UUID, date], UUID], there: Collection[UUID]
) -> None:
    """COPY: a year of a school is some 150,000 rows. `same`: ids to keep; `there`: sessions whose row is there."""
    teachers, rooms, audiences = _of_lessons({lesson.pk for lesson, _ in rows})
    taken: dict[tuple[type, UUID, date], list[tuple[datetime, datetime]]] = defaultdict(list)
    _occupied(taken, rows)
    sessions, leads, heard, used = [], [], [], []
    for lesson, day in sorted(rows, key=lambda one: (one[1], one[0].starts_at)):
        pk = same.get((lesson.pk, day)) or new_id()
        starts, ends = at(day, lesson.starts_at), at(day, lesson.ends_at)
        during = TimestamptzRange(starts, ends)
        if pk not in there:
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
