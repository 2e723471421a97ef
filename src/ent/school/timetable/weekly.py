"""The weekly lessons as people type them: what they would meet, saved from a day on, ended. The past stays as lived."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db import transaction
from django.db.models import F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce, Concat, JSONObject, Trim
from django.urls import reverse
from django.utils import timezone

from ent.kernel.live import announce
from ent.kernel.text import dated
from ent.school.notifications.actions import tell, tell_guardians
from ent.school.notifications.models import Kind
from ent.school.people.models import Person
from ent.school.structure.models import Division, Enrolment, Group, GroupDivision, GroupEnrolment, SchoolYear
from ent.school.structure.subjects import presentable
from ent.school.timetable.calendar import taught_days
from ent.school.timetable.changing import TOPIC
from ent.school.timetable.generating import Generated, at, days_of, generate
from ent.school.timetable.models import (
    LessonAudience,
    LessonRoom,
    LessonTeacher,
    RecurringLesson,
    Room,
    RoomUse,
    Session,
    SessionAudience,
    SessionTeacher,
    Weekday,
)  # fmt: skip
from ent.school.timetable.queries import shared_pupils

# The weeks a file named, kept as they are.
AS_IN_FILE = "file"
TIED: dict[Any, tuple[str, ...]] = {
    LessonTeacher: ("teacher_id",), LessonAudience: ("division_id", "group_id"), LessonRoom: ("room_id",),
}  # fmt: skip


@dataclass
class Typed:
    """A weekly lesson as typed."""

    weekday: int
    starts: time
    ends: time
    # From this day on; what was before stays.
    since: date
    until: date | None = None
    pattern: str = ""
    subject: Any = None
    label: str = ""
    teachers: list[Person] = field(default_factory=list)
    divisions: list[Division] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    rooms: list[Room] = field(default_factory=list)

    def onto(self, lesson: RecurringLesson) -> RecurringLesson:
        """The lesson with what was typed, not saved."""
        lesson.subject, lesson.label, lesson.weekday = self.subject, self.label, self.weekday
        lesson.starts_at, lesson.ends_at = self.starts, self.ends
        lesson.starts_on, lesson.ends_on = self.since, self.until
        if self.pattern != AS_IN_FILE:
            lesson.pattern, lesson.weeks = self.pattern, None
        return lesson


@dataclass(frozen=True)
class Meeting:
    """Who or what is taken already when a weekly lesson would take place, by what, and how often."""

    who: str
    what: str
    url: str
    first: date
    times: int
    # Pupils in both audiences; none where a teacher or a room is meant.
    shared: int = 0

    @property
    def text(self) -> str:
        return f"{self.who}|{self.what}|{self.url}|{self.first}|{self.times}|{self.shared}"


def fingerprint(met: Iterable[Meeting]) -> str:
    """What was shown, so that only that is accepted."""
    return hashlib.sha256("\n".join(sorted(one.text for one in met)).encode()).hexdigest()[:16]


def days_typed(typed: Typed, year: SchoolYear, zone: str, lesson: RecurringLesson | None = None) -> list[date]:
    """The days on which it would take place."""
    draft = RecurringLesson(year=year)
    if lesson:
        draft.weeks, draft.cancelled_weeks, draft.pattern = lesson.weeks, lesson.cancelled_weeks, lesson.pattern
    return list(days_of(typed.onto(draft), taught_days(year, zone)))


def meetings(typed: Typed, days: list[date], but: UUID | None = None) -> list[Meeting]:
    """What it would meet on these days: its teachers, its rooms, its pupils. Five queries."""
    found = _of_teachers(typed, days, but) + _of_rooms(typed, days, but) + _of_pupils(typed, days, but)
    return sorted(found, key=lambda one: (one.who, one.first))


def _spans(typed: Typed, days: list[date]) -> dict[date, tuple[datetime, datetime]]:
    return {day: (at(day, typed.starts), at(day, typed.ends)) for day in days}


def _of_teachers(typed: Typed, days: list[date], but: UUID | None) -> list[Meeting]:
    rows = SessionTeacher.objects.filter(teacher__in=typed.teachers, day__in=days).present()
    led = _standing(rows, but).values("day", "during", "teacher__title", "teacher__last_name", *OF_SESSION)
    spans = _spans(typed, days)
    return _gathered(
        (f"{row['teacher__title']} {row['teacher__last_name']}".strip(), row, 0)
        for row in led if _meet(spans[row["day"]], (row["during"].lower, row["during"].upper))
    )  # fmt: skip


def _of_rooms(typed: Typed, days: list[date], but: UUID | None) -> list[Meeting]:
    rows = RoomUse.objects.filter(room__in=typed.rooms, day__in=days).filter(
        Q(session=None) | Q(session__state=Session.State.PLANNED, session__is_orphan=False)
    )
    # What has no session is a booking: it is of no lesson.
    rows = rows.exclude(session__lesson=but) if but else rows
    spans = _spans(typed, days)
    return _gathered(
        (row["room__name"], row, 0)
        for row in rows.values("day", "during", "room", "room__name", "purpose", *OF_SESSION)
        if _meet(spans[row["day"]], (row["during"].lower, row["during"].upper))
    )


def _of_pupils(typed: Typed, days: list[date], but: UUID | None) -> list[Meeting]:
    in_divisions, in_groups = shared_pupils([one.pk for one in typed.divisions], [one.pk for one in typed.groups])
    rows = SessionAudience.objects.filter(
        Q(division__in=in_divisions) | Q(group__in=in_groups), day__in=days,
        session__starts_at__time__lt=typed.ends, session__ends_at__time__gt=typed.starts,
    )  # fmt: skip
    heard = _standing(rows, but).values("day", "division", "division__code", "group", "group__code", *OF_SESSION)
    return _gathered(
        (row["division__code"] or row["group__code"], row,
         in_divisions.get(row["division"], 0) + in_groups.get(row["group"], 0))
        for row in heard
    )  # fmt: skip


OF_SESSION = ("session", "session__lesson", "session__label", "session__subject__label", "session__subject__code",
              "session__starts_at")  # fmt: skip


def _standing(rows: QuerySet, but: UUID | None) -> QuerySet:
    rows = rows.filter(session__state=Session.State.PLANNED, session__is_orphan=False)
    return rows.exclude(session__lesson=but) if but else rows


def _meet(one: tuple[datetime, datetime], other: tuple[datetime, datetime]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _gathered(rows: Iterable[tuple[str, dict, int]]) -> list[Meeting]:
    """One line for a lesson that is met week after week."""
    found: dict[tuple[str, Any], Meeting] = {}
    for who, row, shared in sorted(rows, key=lambda one: one[1]["day"]):
        key = (who, row["session__lesson"] or row["session"] or row.get("purpose"))
        before = found.get(key)
        what, url = _named(row)
        found[key] = Meeting(who, what, url, before.first if before else row["day"],
                             before.times + 1 if before else 1, shared)  # fmt: skip
    return list(found.values())


def _named(row: dict) -> tuple[str, str]:
    if not row["session"]:
        url = reverse("timetable:room", args=[row["room"]])
        return f"réservation ({row['purpose']})", f"{url}?day={row['day']}"
    subject = presentable(row["session__subject__label"] or "") or row["session__subject__code"]
    title = row["session__label"] or subject or "séance"
    hour = f"{timezone.localtime(row['session__starts_at']):%-H h %M}"
    if row["session__lesson"]:
        url = reverse("timetable:weekly_lesson", args=[row["session__lesson"]])
        return f"{title}, le {Weekday(row['day'].isoweekday()).label.lower()} à {hour}", url
    url = reverse("timetable:change", args=[row["session"]])
    return f"{title}, le {dated(row['day'], 'j F')} à {hour}", url


# --- writes ------------------------------------------------------------------------------------------------------
@transaction.atomic
def save(
    typed: Typed, year: SchoolYear, zone: str, lesson: RecurringLesson | None = None, by: UUID | None = None
) -> tuple[RecurringLesson, Generated]:
    """Add a weekly lesson, or change one from a day on: its sessions until then stay, under the lesson they had."""
    touched, before = [], Concerned()
    news = "change" if lesson else "a lieu chaque semaine"
    if lesson:
        before = _concerned(lesson)
        lesson = RecurringLesson.objects.select_for_update().get(pk=lesson.pk)
        past = _set_aside(lesson, typed.since)
        touched += [past.pk] if past else []
    lesson = typed.onto(lesson or RecurringLesson(year=year))
    lesson.save()
    _tie(lesson, typed)
    done = generate(year, zone, typed.since, lessons=[lesson.pk, *touched])
    announce(TOPIC)
    _tell(lesson, f"{news} à partir du {dated(typed.since, 'j F')}", _concerned(lesson).and_also(before), by)
    return lesson, done


@transaction.atomic
def end(lesson: RecurringLesson, last: date, zone: str, by: UUID | None = None) -> Generated:
    """A weekly lesson takes place for the last time on a day; one that has not begun by then never will."""
    lesson = RecurringLesson.objects.select_for_update(of=("self",)).select_related("year").get(pk=lesson.pk)
    if last < timezone.localdate() and has_begun_today(lesson):
        last = timezone.localdate()
    if lesson.starts_on and last < lesson.starts_on:
        lesson.closed_at = timezone.now()
    else:
        lesson.ends_on = last
    lesson.save(update_fields=["closed_at", "ends_on"])
    done = generate(lesson.year, zone, last + timedelta(days=1), lessons=[lesson.pk])
    announce(TOPIC)
    _tell(lesson, f"n'a plus lieu après le {dated(last, 'j F')}", _concerned(lesson), by)
    return done


@dataclass(frozen=True)
class Concerned:
    """Who has a weekly lesson."""

    teachers: frozenset[UUID] = frozenset()
    pupils: frozenset[UUID] = frozenset()

    def and_also(self, others: "Concerned") -> "Concerned":
        return Concerned(self.teachers | others.teachers, self.pupils | others.pupils)


def _concerned(lesson: RecurringLesson) -> Concerned:
    """Today's teachers and pupils of a weekly lesson. Three queries."""
    heard = LessonAudience.objects.filter(lesson=lesson)
    in_classes = Enrolment.objects.filter(division__in=heard.values("division"), closed_at=None)
    in_groups = GroupEnrolment.objects.filter(group__in=heard.values("group"), closed_at=None)
    return Concerned(
        frozenset(LessonTeacher.objects.filter(lesson=lesson).values_list("teacher", flat=True)),
        frozenset([*in_classes.values_list("pupil", flat=True), *in_groups.values_list("pupil", flat=True)]),
    )


def _tell(lesson: RecurringLesson, news: str, who: Concerned, by: UUID | None) -> None:
    """Those concerned hear of it once the year has begun: until then timetables are being made."""
    today = timezone.localdate()
    if lesson.year.starts_on > today:
        return
    title = f"{lesson}, le {Weekday(lesson.weekday).label.lower()} à {lesson.starts_at:%-H h %M} : {news}"
    path = f"/timetable/?day={max(lesson.starts_on or today, today)}"
    tell([*who.pupils, *(who.teachers - {by})], Kind.TIMETABLE, title, path=path)
    tell_guardians(who.pupils, Kind.TIMETABLE, title, path=path)


def first_day(wanted: date, starts: time, lesson: RecurringLesson | None = None) -> date:
    """The day from which a lesson may be as typed: tomorrow, where today's hour has come or its session has begun."""
    today, now = timezone.localdate(), timezone.now()
    if wanted != today:
        return wanted
    begun = at(today, starts) <= now or has_begun_today(lesson)
    return today + timedelta(days=1) if begun else today


def has_begun_today(lesson: RecurringLesson | None) -> bool:
    """Today's session of a lesson is under way, or over."""
    if lesson is None:
        return False
    return Session.objects.filter(lesson=lesson, day=timezone.localdate(), starts_at__lte=timezone.now()).exists()


def _set_aside(lesson: RecurringLesson, since: date) -> RecurringLesson | None:
    """What a lesson was until a day becomes a lesson of its own, which ends there; its sessions of then go with it.

    So whatever makes sessions again later finds the past as it was.
    """
    sessions = Session.objects.filter(lesson=lesson, planned_on__lt=since)
    if not sessions.exists():
        return None
    past = RecurringLesson.objects.create(
        year_id=lesson.year_id, subject_id=lesson.subject_id, label=lesson.label, weekday=lesson.weekday,
        starts_at=lesson.starts_at, ends_at=lesson.ends_at, pattern=lesson.pattern, weeks=lesson.weeks,
        cancelled_weeks=lesson.cancelled_weeks, starts_on=lesson.starts_on, ends_on=since - timedelta(days=1),
    )  # fmt: skip
    for model, columns in TIED.items():
        rows = model.objects.filter(lesson=lesson).values(*columns)
        model.objects.bulk_create(model(lesson=past, **row) for row in rows)
    sessions.update(lesson=past)
    return past


def _tie(lesson: RecurringLesson, typed: Typed) -> None:
    for model in TIED:
        model.objects.filter(lesson=lesson).delete()
    LessonTeacher.objects.bulk_create(LessonTeacher(lesson=lesson, teacher=one) for one in typed.teachers)
    LessonAudience.objects.bulk_create(
        [LessonAudience(lesson=lesson, division=one) for one in typed.divisions]
        + [LessonAudience(lesson=lesson, group=one) for one in typed.groups]
    )
    LessonRoom.objects.bulk_create(LessonRoom(lesson=lesson, room=one) for one in typed.rooms)


# --- reads -------------------------------------------------------------------------------------------------------
def listed(year: SchoolYear | None) -> QuerySet[RecurringLesson]:
    """The weekly lessons of a year, in the order of the week, as `tied`. One query."""
    return tied(RecurringLesson.objects.filter(year=year, closed_at=None)).order_by(
        "weekday", "starts_at", F("subject__label").asc(nulls_last=True), "pk"
    )


def tied(lessons: QuerySet[RecurringLesson]) -> QuerySet[RecurringLesson]:
    """The same lessons, each with its `teacher_rows`, `audience_rows` and `room_rows` ([{id, name}])."""
    mine = OuterRef("pk")
    formal = Trim(Concat("teacher__title", Value(" "), "teacher__last_name"))
    who = LessonTeacher.objects.filter(lesson=mine).order_by("teacher__sort_key")
    heard = LessonAudience.objects.filter(lesson=mine).order_by("division__code", "group__code")
    where = LessonRoom.objects.filter(lesson=mine).order_by("room__name")
    code = Coalesce("division__code", "group__code")
    return lessons.select_related("subject", "year").annotate(
        teacher_rows=ArraySubquery(who.values(row=JSONObject(id="teacher", name=formal))),
        audience_rows=ArraySubquery(heard.values(row=JSONObject(division="division", group="group", name=code))),
        room_rows=ArraySubquery(where.values(row=JSONObject(id="room", name="room__name"))),
    )


def narrowed(
    lessons: QuerySet[RecurringLesson], *, division: UUID | None = None, group: UUID | None = None,
    teacher: UUID | None = None, room: UUID | None = None,
) -> QuerySet[RecurringLesson]:  # fmt: skip
    """Those of a class (its groups too), a group, a teacher, a room."""
    if division:
        theirs = Enrolment.objects.filter(division=division, closed_at=None).values("pupil")
        some = GroupEnrolment.objects.filter(pupil__in=theirs, closed_at=None).values("group")
        linked = GroupDivision.objects.filter(division=division).values("group")
        of = LessonAudience.objects.filter(Q(division=division) | Q(group__in=linked) | Q(group__in=some))
        lessons = lessons.filter(pk__in=of.values("lesson"))
    if group:
        lessons = lessons.filter(pk__in=LessonAudience.objects.filter(group=group).values("lesson"))
    if teacher:
        lessons = lessons.filter(pk__in=LessonTeacher.objects.filter(teacher=teacher).values("lesson"))
    if room:
        lessons = lessons.filter(pk__in=LessonRoom.objects.filter(room=room).values("lesson"))
    return lessons
