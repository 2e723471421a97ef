"""The rows of the school's week: those there are, those a file gives, and bringing the first to the second."""

from datetime import date, time
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from ent.exchange.timetable.matching import Kind, Known, spelled
from ent.exchange.timetable.schedule import Schedule, ScheduledLesson
from ent.school.structure.models import Enrolment, GroupDivision, GroupEnrolment, SchoolYear, Teaching
from ent.school.timetable.models import (
    LessonAudience,
    LessonRoom,
    LessonTeacher,
    RecurringLesson,
    Session,
)  # fmt: skip

TIED = ((LessonTeacher, "teacher"), (LessonAudience, "division"), (LessonAudience, "group"), (LessonRoom, "room"))


def wanted_of(
    schedule: Schedule, known: Known, creating: set[tuple[Kind, str]]
) -> tuple[dict[str, dict[str, Any]], int]:
    """{source key: the lesson as it is stored} of the lessons that the school can place, and how many it cannot."""
    rows = {lesson.key: _row(schedule, lesson, known, creating) for lesson in schedule.lessons}
    placed = {key: row for key, row in rows.items() if row["division"] or row["group"] or row["teacher"]}
    return placed, len(rows) - len(placed)


def _row(schedule: Schedule, lesson: ScheduledLesson, known: Known, creating: set[tuple[Kind, str]]) -> dict[str, Any]:
    def ids(kind: Kind, keys: tuple[str, ...]) -> list[str]:
        return sorted({str(known.get((kind, key), "à créer")) for key in keys if (kind, key) in known or (kind, key)
                       in creating})  # fmt: skip

    subject = known.get((Kind.SUBJECT, lesson.subject))
    return {
        "subject": str(subject) if subject else None, "label": "" if subject else schedule.title(lesson)[:120],
        "weekday": lesson.weekday, "starts_at": lesson.starts.isoformat(), "ends_at": lesson.ends.isoformat(),
        "pattern": lesson.pattern,
        "weeks": sorted(week.isoformat() for week in lesson.weeks) if lesson.weeks is not None else None,
        "cancelled_weeks": sorted(week.isoformat() for week in lesson.cancelled_weeks),
        "teacher": ids(Kind.TEACHER, lesson.teachers), "division": ids(Kind.DIVISION, lesson.divisions),
        "group": ids(Kind.GROUP, lesson.groups), "room": ids(Kind.ROOM, lesson.rooms), "source_key": lesson.key,
    }  # fmt: skip


def lessons_of(year: SchoolYear) -> list[RecurringLesson]:
    """The lessons of a year, now, with what is tied to each and its filled sessions to come. One query."""
    tied = {
        f"tied_{column}": ArraySubquery(
            model.objects.filter(lesson=OuterRef("pk")).exclude(**{column: None}).values(f"{column}_id")
        )
        for model, column in TIED
    }
    kept = Session.objects.filter(lesson=OuterRef("pk"), is_kept=True, planned_on__gte=timezone.localdate())
    counted = kept.order_by().values("lesson").annotate(count=Count("pk")).values("count")
    lessons = RecurringLesson.objects.filter(year=year, closed_at=None).select_related("subject")
    return list(lessons.annotate(kept_sessions=Coalesce(Subquery(counted), 0), **tied))


def stored(lesson: RecurringLesson) -> dict[str, Any]:
    """A lesson of `lessons_of` as `_row` writes one of a file."""
    weeks = lesson.weeks
    return {
        "subject": str(lesson.subject_id) if lesson.subject_id else None, "label": lesson.label,
        "weekday": lesson.weekday, "starts_at": lesson.starts_at.isoformat(), "ends_at": lesson.ends_at.isoformat(),
        "pattern": lesson.pattern, "weeks": sorted(week.isoformat() for week in weeks) if weeks is not None else None,
        "cancelled_weeks": sorted(week.isoformat() for week in lesson.cancelled_weeks),
        "source_key": lesson.source_key,
    } | {column: sorted(map(str, getattr(lesson, f"tied_{column}"))) for _, column in TIED}  # fmt: skip


def write(year: SchoolYear, source: str, wanted: dict[str, dict[str, Any]]) -> None:
    """Bring a source's lessons to these: the same key keeps its row, so that its sessions keep their log."""
    there = {one.source_key: one for one in RecurringLesson.objects.filter(year=year, source=source)}
    now = timezone.now()
    gone = [one.pk for key, one in there.items() if key not in wanted]
    RecurringLesson.objects.filter(pk__in=gone).update(closed_at=now)
    fresh, kept = [], []
    for key, row in wanted.items():
        lesson = there.get(key) or RecurringLesson(year=year, source=source, source_key=key)
        lesson.subject_id, lesson.label, lesson.weekday = row["subject"], row["label"], row["weekday"]
        lesson.starts_at, lesson.ends_at = time.fromisoformat(row["starts_at"]), time.fromisoformat(row["ends_at"])
        lesson.pattern, lesson.closed_at = row["pattern"], None
        lesson.weeks = [date.fromisoformat(week) for week in row["weeks"]] if row["weeks"] is not None else None
        lesson.cancelled_weeks = [date.fromisoformat(week) for week in row["cancelled_weeks"]]
        # What a person said of it meanwhile gives way to the file, but for the day it began.
        lesson.ends_on = None
        if lesson.starts_on and lesson.starts_on > timezone.localdate():
            lesson.starts_on = None
        (kept if key in there else fresh).append(lesson)
    RecurringLesson.objects.bulk_create(fresh)
    fields = ["subject", "label", "weekday", "starts_at", "ends_at", "pattern", "closed_at", "weeks", "cancelled_weeks",
              "starts_on", "ends_on"]  # fmt: skip
    RecurringLesson.objects.bulk_update(kept, fields, batch_size=500)
    by_key = {one.source_key: one for one in (*fresh, *kept)}
    tied: tuple[tuple[Any, list[str]], ...] = (
        (LessonTeacher, ["teacher"]), (LessonAudience, ["division", "group"]), (LessonRoom, ["room"]),
    )  # fmt: skip
    for model, columns in tied:
        model.objects.filter(lesson__in=kept).delete()
        model.objects.bulk_create(
            model(lesson=by_key[key], **{f"{column}_id": one})
            for key, row in wanted.items()
            for column in columns
            for one in row[column]
        )


def fill_groups(schedule: Schedule, known: Known, made: Known) -> None:
    """A group made from the file takes the classes it names and, where the file lists pupils, those found by name."""
    links = []
    for (kind, key), pk in made.items():
        if kind == Kind.GROUP:
            of = schedule.groups[key].extra.get("divisions", ())
            links += [GroupDivision(group_id=pk, division_id=known[Kind.DIVISION, one]) for one in of
                      if (Kind.DIVISION, one) in known]  # fmt: skip
    GroupDivision.objects.bulk_create(links, ignore_conflicts=True)
    _enrol(schedule, {key: pk for (kind, key), pk in made.items() if kind == Kind.GROUP})


def _enrol(schedule: Schedule, groups: dict[str, UUID]) -> None:
    listed = {key: pupils for key, pupils in schedule.pupils_in_groups.items() if key in groups}
    if not listed:
        return
    here = {
        (spelled(f"{one.pupil.last_name} {one.pupil.first_name}"), one.pupil.birth_date): one.pupil_id
        for one in Enrolment.objects.filter(closed_at=None).select_related("pupil")
    }
    today = timezone.localdate()
    GroupEnrolment.objects.bulk_create(
        [
            GroupEnrolment(group_id=groups[key], pupil_id=here[who])
            for key, pupils in listed.items()
            for one in pupils
            for who in [(spelled(f"{one.last_name} {one.first_name}"), one.birth_date)]
            if who in here and (one.ends_on is None or one.ends_on >= today)
        ],
        ignore_conflicts=True,
    )


def write_services(schedule: Schedule, known: Known) -> list[str]:
    """Who teaches what to whom, where the directory does not say it yet; the ids of what was added."""
    there: set[tuple] = set(Teaching.objects.values_list("teacher", "subject", "division", "group"))
    made = []
    for service in schedule.services:
        teacher, subject = known.get((Kind.TEACHER, service.teacher)), known.get((Kind.SUBJECT, service.subject))
        division, group = known.get((Kind.DIVISION, service.division)), known.get((Kind.GROUP, service.group))
        row = (teacher, subject, division, group)
        if teacher and subject and bool(division) != bool(group) and row not in there:
            there.add(row)
            made.append(Teaching(teacher_id=teacher, subject_id=subject, division_id=division, group_id=group))
    Teaching.objects.bulk_create(made)
    return [str(one.pk) for one in made]
