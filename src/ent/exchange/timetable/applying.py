"""A file becomes the school's week, in one transaction; what people wrote on sessions stays, and all can be undone."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db import transaction
from django.db.models import OuterRef
from django.utils import timezone

from ent.exchange.timetable.matching import Kind, Matched, create, match, remember, spelled
from ent.exchange.timetable.schedule import Schedule, ScheduledLesson
from ent.school.structure.models import Enrolment, GroupDivision, GroupEnrolment, SchoolYear, Teaching
from ent.school.timetable.generating import Generated, generate
from ent.school.timetable.models import (
    LessonAudience,
    LessonRoom,
    LessonTeacher,
    RecurringLesson,
    TimetableImport,
)  # fmt: skip

KEPT = timedelta(days=7)
CREATE = "create"
TIED = ((LessonTeacher, "teacher"), (LessonAudience, "division"), (LessonAudience, "group"), (LessonRoom, "room"))


class NotUndoable(Exception):
    """Why an import cannot be undone, in French."""


@dataclass(frozen=True)
class Planned:
    """What applying would do, counted."""

    lessons: int
    new: int
    changed: int
    same: int
    removed: int
    # Lessons without any class, group or teacher that the school knows: left out.
    left_out: int


def settled(matches: list[Matched], answers: dict[str, str]) -> list[Matched]:
    """The file's names with the answers of a form (field → id, « create », or "" for left out) taken into account."""
    found = []
    for one in matches:
        answer = answers.get(one.field)
        if answer is None or answer == CREATE:
            found.append(one)
        else:
            found.append(Matched(one.kind, one.named, UUID(answer) if answer else None, True))
    return found


def plan(
    schedule: Schedule, matches: list[Matched], year: SchoolYear, creating: frozenset[str] = frozenset()
) -> Planned:
    """What would change in the week, without changing it."""
    wanted, left_out = _wanted(schedule, _known(matches), year, assumed={one.key for one in matches if
                                                                       one.field in creating})  # fmt: skip
    there = _snapshot(year, schedule.source)
    same = sum(1 for key, row in wanted.items() if there.get(key) == row)
    new = len(wanted.keys() - there.keys())
    return Planned(
        len(schedule.lessons), new, len(wanted) - new - same, same, len(there.keys() - wanted.keys()), left_out
    )


@transaction.atomic
def apply(run: TimetableImport, schedule: Schedule, answers: dict[str, str], zone: str) -> Generated:
    """Write the file's lessons over those of its source, and bring the sessions to it from today on (all, at first)."""
    year = SchoolYear.objects.get(is_current=True)
    matches = settled(match(schedule), answers)
    known = _known(matches)
    made: dict[tuple[Kind, str], UUID] = {}
    for one in matches:
        if answers.get(one.field) == CREATE and one.is_creatable:
            made[one.key] = known[one.key] = create(one.kind, one.named, year).pk
    remember({(one.kind, one.named.name): known.get(one.key) for one in matches if one.is_settled or one.key in made})
    _fill_groups(schedule, known, made)
    before = _snapshot(year, schedule.source)
    wanted, left_out = _wanted(schedule, known, year)
    _write(year, schedule.source, wanted)
    services = _write_services(schedule, known)
    # The first file of a year makes the whole year; later ones leave the past as it was lived.
    since = timezone.localdate() if before else None
    done = generate(year, zone, since)
    run.undo = {
        "before": list(before.values()),
        "source": schedule.source,
        "since": since.isoformat() if since else "",
        "services": services,
    }
    run.report |= {"created": done.created, "removed": done.removed, "orphaned": done.orphaned, "left_out": left_out}
    run.state, run.applied_at = TimetableImport.State.APPLIED, timezone.now()
    run.save()
    return done


@transaction.atomic
def undo(run: TimetableImport, zone: str) -> Generated:
    """Put back the week as it stood before an import; `NotUndoable` when it is too late, or another came after."""
    if run.state != TimetableImport.State.APPLIED or not run.applied_at:
        raise NotUndoable("Cet import n'est pas appliqué.")
    if timezone.now() > run.applied_at + KEPT:
        raise NotUndoable("Un import s'annule pendant sept jours : importez plutôt le bon fichier.")
    if TimetableImport.objects.filter(state=TimetableImport.State.APPLIED, applied_at__gt=run.applied_at).exists():
        raise NotUndoable("Un autre fichier a été importé depuis : annulez d'abord celui-là.")
    year = SchoolYear.objects.get(is_current=True)
    _write(year, run.undo["source"], {row["source_key"]: row for row in run.undo["before"]})
    since = run.undo["since"]
    done = generate(year, zone, date.fromisoformat(since) if since else None)
    Teaching.objects.filter(pk__in=run.undo.get("services", [])).delete()
    run.state = TimetableImport.State.UNDONE
    run.save()
    return done


def _known(matches: list[Matched]) -> dict[tuple[Kind, str], UUID]:
    return {one.key: one.object_id for one in matches if one.object_id}


def _wanted(schedule: Schedule, known: dict, year: SchoolYear, assumed: set | None = None) -> tuple[dict, int]:
    """{source key: the lesson as it is stored} of the lessons that the school can place, and how many it cannot."""
    found, left_out, seen = {}, 0, Counter()
    for lesson in schedule.lessons:
        if not isinstance(lesson, ScheduledLesson):
            continue
        row = _row(lesson, known, year, assumed or set())
        if not (row["division"] or row["group"] or row["teacher"]):
            left_out += 1
            continue
        seen[lesson.key] += 1
        row["source_key"] = lesson.key if seen[lesson.key] == 1 else f"{lesson.key}#{seen[lesson.key]}"
        found[row["source_key"]] = row
    return found, left_out


def _row(lesson: ScheduledLesson, known: dict, year: SchoolYear, assumed: set) -> dict[str, Any]:
    def ids(kind: Kind, keys) -> list[str]:
        return sorted({str(known.get((kind, key), "à créer")) for key in keys if (kind, key) in known or (kind, key)
                       in assumed})  # fmt: skip

    subject = known.get((Kind.SUBJECT, lesson.subject))
    return {
        "subject": str(subject) if subject else None, "label": (lesson.label or "")[:120] if not subject else "",
        "weekday": lesson.weekday, "starts_at": lesson.starts.isoformat(), "ends_at": lesson.ends.isoformat(),
        "pattern": lesson.pattern,
        "weeks": sorted(week.isoformat() for week in lesson.weeks) if lesson.weeks is not None else None,
        "cancelled_weeks": sorted(week.isoformat() for week in lesson.cancelled_weeks),
        "teacher": ids(Kind.TEACHER, lesson.teachers), "division": ids(Kind.DIVISION, lesson.divisions),
        "group": ids(Kind.GROUP, lesson.groups), "room": ids(Kind.ROOM, lesson.rooms),
    }  # fmt: skip


def _snapshot(year: SchoolYear, source: str) -> dict[str, dict[str, Any]]:
    """{source key: the lesson as it is stored} of a source, now. One query."""
    tied = {
        f"tied_{column}": ArraySubquery(
            model.objects.filter(lesson=OuterRef("pk")).exclude(**{column: None}).values(f"{column}_id")
        )
        for model, column in TIED
    }
    lessons = RecurringLesson.objects.filter(year=year, source=source, closed_at=None).annotate(**tied)
    return {
        one.source_key: {
            "subject": str(one.subject_id) if one.subject_id else None, "label": one.label, "weekday": one.weekday,
            "starts_at": one.starts_at.isoformat(), "ends_at": one.ends_at.isoformat(), "pattern": one.pattern,
            "weeks": sorted(week.isoformat() for week in one.weeks) if one.weeks is not None else None,
            "cancelled_weeks": sorted(week.isoformat() for week in one.cancelled_weeks),
            "source_key": one.source_key,
        } | {column: sorted(map(str, getattr(one, f"tied_{column}"))) for _, column in TIED}
        for one in lessons
    }  # fmt: skip


def _write(year: SchoolYear, source: str, wanted: dict[str, dict[str, Any]]) -> None:
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
        (kept if key in there else fresh).append(lesson)
    RecurringLesson.objects.bulk_create(fresh)
    fields = ["subject", "label", "weekday", "starts_at", "ends_at", "pattern", "closed_at", "weeks", "cancelled_weeks"]
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


def _fill_groups(schedule: Schedule, known: dict, made: dict[tuple[Kind, str], UUID]) -> None:
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
    GroupEnrolment.objects.bulk_create(
        [
            GroupEnrolment(group_id=groups[key], pupil_id=here[spelled(f"{last} {first}"), born])
            for key, pupils in listed.items()
            for last, first, born in pupils
            if (spelled(f"{last} {first}"), born) in here
        ],
        ignore_conflicts=True,
    )


def _write_services(schedule: Schedule, known: dict[tuple[Kind, str], UUID]) -> list[str]:
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
