"""Weekly lessons typed by hand that a file would meet: the same teacher, room or pupils at the same hours."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils import timezone

from ent.exchange.timetable.matching import Kind, Known
from ent.exchange.timetable.schedule import Schedule, ScheduledLesson
from ent.school.structure.models import Enrolment, GroupEnrolment, SchoolYear
from ent.school.structure.subjects import presentable
from ent.school.timetable.calendar import TaughtDays, taught_days
from ent.school.timetable.generating import days_of
from ent.school.timetable.models import RecurringLesson

Labels = dict[UUID, str]


@dataclass(frozen=True)
class Overlap:
    """A weekly lesson typed by hand and a lesson of the file, at the same hours from a day on."""

    lesson: RecurringLesson
    other: ScheduledLesson
    # The audience of each; the other's subject, as the file names it.
    audience: str
    other_title: str
    other_audience: str
    # What both need: a teacher, a room, or an audience with how many pupils of it.
    shared: tuple[tuple[str, int], ...]
    first: date
    times: int


@dataclass(frozen=True)
class _Needs:
    teachers: frozenset[UUID]
    rooms: frozenset[UUID]
    # Classes and groups.
    audience: frozenset[UUID]


def overlaps(
    by_hand: Iterable[RecurringLesson], schedule: Schedule, placed: Collection[ScheduledLesson], known: Known,
    labels: Labels, year: SchoolYear, zone: str,
) -> list[Overlap]:  # fmt: skip
    """What lessons of a file would meet from today on. `by_hand` as `writing.lessons_of` reads them. Two queries."""
    at_once = [(lesson, other) for lesson in by_hand for other in placed if _same_hours(lesson, other)]
    if not at_once:
        return []
    needs = {other.key: _needs(schedule, other, known) for _, other in at_once}
    pupils = _pupils([lesson for lesson, _ in at_once], needs.values())
    meeting = [(lesson, other, shared) for lesson, other in at_once
               if (shared := tuple(_shared(lesson, needs[other.key], pupils, labels)))]  # fmt: skip
    if not meeting:
        return []
    days = _Days(year, zone)
    return [
        Overlap(lesson, other, _named(_audience(lesson), labels), presentable(schedule.title(other)),
                _of_file(schedule, other), shared, min(both), len(both))
        for lesson, other, shared in meeting
        if (both := days.of(lesson) & days.of_file(other))
    ]  # fmt: skip


def _same_hours(lesson: RecurringLesson, other: ScheduledLesson) -> bool:
    return lesson.weekday == other.weekday and lesson.starts_at < other.ends and other.starts < lesson.ends_at


def _needs(schedule: Schedule, lesson: ScheduledLesson, known: Known) -> _Needs:
    def ids(kind: Kind, keys: Iterable[str]) -> frozenset[UUID]:
        return frozenset(known[kind, key] for key in keys if (kind, key) in known)

    # A group still to be made has no pupils yet: it stands for its classes.
    fresh = [key for key in lesson.groups if (Kind.GROUP, key) not in known and key in schedule.groups]
    of_fresh = [one for key in fresh for one in schedule.groups[key].extra.get("divisions", ())]
    return _Needs(
        ids(Kind.TEACHER, lesson.teachers), ids(Kind.ROOM, lesson.rooms),
        ids(Kind.DIVISION, (*lesson.divisions, *of_fresh)) | ids(Kind.GROUP, lesson.groups),
    )  # fmt: skip


def _audience(lesson: RecurringLesson) -> list[UUID]:
    return [*lesson.tied_division, *lesson.tied_group]


def _pupils(lessons: Iterable[RecurringLesson], needs: Iterable[_Needs]) -> dict[UUID, set[UUID]]:
    """{class or group: its pupils} of all that are meant. One query."""
    meant = {one for lesson in lessons for one in _audience(lesson)}.union(*(one.audience for one in needs))
    in_classes = Enrolment.objects.filter(division__in=meant, closed_at=None).values_list("division", "pupil")
    in_groups = GroupEnrolment.objects.filter(group__in=meant, closed_at=None).values_list("group", "pupil")
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for one, pupil in in_classes.union(in_groups, all=True):
        found[one].add(pupil)
    return found


def _shared(
    lesson: RecurringLesson, needs: _Needs, pupils: dict[UUID, set[UUID]], labels: Labels
) -> Iterator[tuple[str, int]]:
    yield from ((labels.get(one, ""), 0) for one in lesson.tied_teacher if one in needs.teachers)
    yield from ((labels.get(one, ""), 0) for one in lesson.tied_room if one in needs.rooms)
    theirs = set().union(*(pupils[one] for one in needs.audience))
    for one in _audience(lesson):
        common = len(pupils[one] & theirs)
        if common or one in needs.audience:
            yield labels.get(one, ""), common


def _named(them: Iterable[UUID], labels: Labels) -> str:
    return ", ".join(sorted(labels[one] for one in them if one in labels))


def _of_file(schedule: Schedule, lesson: ScheduledLesson) -> str:
    keys = [(schedule.divisions, key) for key in lesson.divisions] + [(schedule.groups, key) for key in lesson.groups]
    return ", ".join(names[key].name for names, key in keys if key in names)


class _Days:
    """The days to come on which lessons take place. One query."""

    def __init__(self, year: SchoolYear, zone: str) -> None:
        calendar, today = taught_days(year, zone), timezone.localdate()
        ahead = tuple(day for day in calendar.days if day >= today)
        self._calendar = TaughtDays(ahead, calendar.off, calendar.patterns)
        self._known: dict[object, set[date]] = {}

    def of(self, lesson: RecurringLesson, key: object = None) -> set[date]:
        key = key or lesson.pk
        if key not in self._known:
            self._known[key] = set(days_of(lesson, self._calendar))
        return self._known[key]

    def of_file(self, lesson: ScheduledLesson) -> set[date]:
        weeks = sorted(lesson.weeks) if lesson.weeks is not None else None
        drafted = RecurringLesson(weekday=lesson.weekday, weeks=weeks, pattern=lesson.pattern,
                                  cancelled_weeks=sorted(lesson.cancelled_weeks))  # fmt: skip
        return self.of(drafted, lesson.key)
