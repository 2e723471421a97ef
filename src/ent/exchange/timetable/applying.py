"""A file becomes the school's week, in one transaction; what people wrote on sessions stays, and all can be undone."""

from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from ent.exchange.timetable.matching import CREATE, LEAVE, Kind, Matched, create, match, remember, spelled
from ent.exchange.timetable.schedule import Schedule, ScheduledLesson
from ent.school.structure.models import Enrolment, GroupDivision, GroupEnrolment, SchoolYear, Teaching
from ent.school.timetable.generating import Generated, generate
from ent.school.timetable.models import (
    LessonAudience,
    LessonRoom,
    LessonTeacher,
    RecurringLesson,
    Session,
    TimetableImport,
)  # fmt: skip

KEPT = timedelta(days=7)
TIED = ((LessonTeacher, "teacher"), (LessonAudience, "division"), (LessonAudience, "group"), (LessonRoom, "room"))
SOURCES = {"": "saisis à la main", "edt": "d'un export d'EDT", "udt": "d'un export d'UnDeuxTemps",
           "csv": "d'un tableau"}  # fmt: skip


class NotApplicable(Exception):
    """Why an import cannot be applied, in French."""


class NotUndoable(Exception):
    """Why an import cannot be undone, in French."""


@dataclass(frozen=True)
class Others:
    """Lessons that come from elsewhere than the file: they stay, unless the school says otherwise."""

    source: str
    lessons: int

    @property
    def label(self) -> str:
        """Where they come from."""
        return SOURCES.get(self.source, "d'un calendrier")


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
    # Sessions to come that people filled already, and whose lesson goes.
    orphaned: int
    # The file comes over another of its kind: the past stays as it was.
    is_again: bool
    others: tuple[Others, ...]

    @property
    def by_hand(self) -> int:
        """Lessons typed by hand."""
        return sum(one.lessons for one in self.others if not one.source)

    @property
    def of_files(self) -> tuple[Others, ...]:
        """Lessons of other files."""
        return tuple(one for one in self.others if one.source)


def settled(matches: list[Matched], answers: dict[str, str]) -> list[Matched]:
    """The file's names with the answers of a form taken into account (field → id, CREATE, LEAVE; "" is no answer)."""
    found = []
    for one in matches:
        answer = answers.get(one.field)
        if not answer or answer == CREATE:
            found.append(one)
        else:
            pk = None if answer == LEAVE else UUID(answer)
            found.append(Matched(one.kind, one.named, pk, True, lessons=one.lessons))
    return found


def plan(schedule: Schedule, matches: list[Matched], year: SchoolYear, answers: dict[str, str]) -> Planned:
    """What would change in the week with these answers, without changing it."""
    matches = settled(matches, answers)
    creating = {one.key for one in matches if answers.get(one.field) == CREATE}
    wanted, left_out = _wanted(schedule, _known(matches), creating)
    lessons = _lessons(year, schedule.source)
    there = {lesson.source_key: _stored(lesson) for lesson in lessons}
    gone = there.keys() - wanted.keys()
    orphaned = sum(lesson.kept_sessions for lesson in lessons if lesson.source_key in gone)
    same = sum(1 for key, row in wanted.items() if there.get(key) == row)
    new = len(wanted.keys() - there.keys())
    return Planned(
        len(schedule.lessons), new, len(wanted) - new - same, same, len(gone), left_out, orphaned, bool(there),
        _others(year, schedule),
    )  # fmt: skip


def _others(year: SchoolYear, schedule: Schedule) -> tuple[Others, ...]:
    """One calendar leaves those of other people alone, without a word; services leave every lesson alone."""
    if not schedule.lessons:
        return ()
    rows = RecurringLesson.objects.filter(year=year, closed_at=None).exclude(source=schedule.source)
    if schedule.source.startswith("ics"):
        rows = rows.exclude(source__startswith="ics")
    counted = rows.order_by().values_list("source").annotate(count=Count("pk"))
    return tuple(Others(source, count) for source, count in sorted(counted))


@transaction.atomic
def keep_answers(run: TimetableImport, matches: list[Matched], answers: dict[str, str]) -> None:
    """Keep what the school says of some names, for this file and the next ones."""
    said = {one.field: answer for one in matches if (answer := answers.get(one.field))}
    given = [one for one in settled(matches, answers) if said.get(one.field, CREATE) != CREATE]
    remember({(one.kind, one.named.name): one.object_id for one in given})
    creating = {field for field, answer in said.items() if answer == CREATE}
    run.mapping["create"] = sorted((set(run.mapping.get("create", [])) - said.keys()) | creating)
    run.save(update_fields=["mapping"])


@transaction.atomic
def apply(
    run: TimetableImport, schedule: Schedule, answers: dict[str, str], zone: str, *, is_replacing: bool = False
) -> Generated:
    """Write the file's lessons over those of its source, and bring the sessions to it from today on (all, at first).

    Lessons typed by hand stay; those of other files too, unless `is_replacing`.
    """
    year = SchoolYear.objects.select_for_update().get(is_current=True)  # one import at a time
    run.refresh_from_db(fields=["state"])
    if run.state != TimetableImport.State.READ:
        raise NotApplicable("Ce fichier a déjà été mis en place : chargez-le de nouveau pour le reprendre.")
    matches = settled(match(schedule), answers)
    known = _known(matches)
    made: dict[tuple[Kind, str], UUID] = {}
    for one in matches:
        if answers.get(one.field) == CREATE and one.is_creatable:
            made[one.key] = known[one.key] = create(one.kind, one.named, year).pk
    remember({(one.kind, one.named.name): known.get(one.key) for one in matches if one.is_settled or one.key in made})
    _fill_groups(schedule, known, made)
    replaced = [one.source for one in _others(year, schedule) if one.source] if is_replacing else []
    before = {source: list(map(_stored, _lessons(year, source))) for source in (schedule.source, *replaced)}
    wanted, left_out = _wanted(schedule, known, set())
    _write(year, schedule.source, wanted)
    for source in replaced:
        _write(year, source, {})
    services = _write_services(schedule, known)
    # The first file of a year makes the whole year; later ones leave the past as it was lived.
    since = timezone.localdate() if any(before.values()) else None
    done = generate(year, zone, since)
    run.undo = {
        "before": before,
        "since": since.isoformat() if since else "",
        "services": services,
    }
    run.report |= {
        "lessons": len(wanted), "created": done.created, "removed": done.removed, "orphaned": done.orphaned,
        "left_out": left_out, "services": len(services),
        "left_names": [f"{one.kind.label} « {one.named.name} »" for one in matches if not known.get(one.key)],
    }  # fmt: skip
    run.state, run.applied_at = TimetableImport.State.APPLIED, timezone.now()
    run.save()
    return done


@transaction.atomic
def undo(run: TimetableImport, zone: str) -> Generated:
    """Put back the week as it stood before an import; `NotUndoable` when it is too late, or another came after."""
    year = SchoolYear.objects.select_for_update().get(is_current=True)
    run.refresh_from_db(fields=["state"])
    if run.state != TimetableImport.State.APPLIED or not run.applied_at:
        raise NotUndoable("Cet import n'est pas en place.")
    if timezone.now() > run.applied_at + KEPT:
        raise NotUndoable("Un import s'annule pendant sept jours : importez plutôt le bon fichier.")
    if TimetableImport.objects.filter(state=TimetableImport.State.APPLIED, applied_at__gt=run.applied_at).exists():
        raise NotUndoable("Un autre fichier a été mis en place depuis : annulez d'abord celui-là.")
    for source, rows in run.undo["before"].items():
        _write(year, source, {row["source_key"]: row for row in rows})
    since = run.undo["since"]
    done = generate(year, zone, date.fromisoformat(since) if since else None)
    Teaching.objects.filter(pk__in=run.undo.get("services", [])).delete()
    run.state = TimetableImport.State.UNDONE
    run.save()
    return done


def take_again(run: TimetableImport, person_id: UUID) -> TimetableImport:
    """The same file, to settle and apply anew."""
    with run.file.open("rb") as file:
        content = file.read()
    again = TimetableImport(file_name=run.file_name, format=run.format, mapping=run.mapping, uploaded_by_id=person_id)
    again.file.save("timetable", ContentFile(content), save=False)
    again.save()
    return again


def _known(matches: list[Matched]) -> dict[tuple[Kind, str], UUID]:
    return {one.key: one.object_id for one in matches if one.object_id}


def _wanted(
    schedule: Schedule, known: dict[tuple[Kind, str], UUID], creating: set[tuple[Kind, str]]
) -> tuple[dict[str, dict[str, Any]], int]:
    """{source key: the lesson as it is stored} of the lessons that the school can place, and how many it cannot."""
    rows = {lesson.key: _row(schedule, lesson, known, creating) for lesson in schedule.lessons}
    placed = {key: row for key, row in rows.items() if row["division"] or row["group"] or row["teacher"]}
    return placed, len(rows) - len(placed)


def _row(
    schedule: Schedule, lesson: ScheduledLesson, known: dict[tuple[Kind, str], UUID], creating: set[tuple[Kind, str]]
) -> dict[str, Any]:
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


def _lessons(year: SchoolYear, source: str) -> list[RecurringLesson]:
    """The lessons of a source, now, with what is tied to each and its filled sessions to come. One query."""
    tied = {
        f"tied_{column}": ArraySubquery(
            model.objects.filter(lesson=OuterRef("pk")).exclude(**{column: None}).values(f"{column}_id")
        )
        for model, column in TIED
    }
    kept = Session.objects.filter(lesson=OuterRef("pk"), is_kept=True, planned_on__gte=timezone.localdate())
    counted = kept.order_by().values("lesson").annotate(count=Count("pk")).values("count")
    lessons = RecurringLesson.objects.filter(year=year, source=source, closed_at=None)
    return list(lessons.annotate(kept_sessions=Coalesce(Subquery(counted), 0), **tied))


def _stored(lesson: RecurringLesson) -> dict[str, Any]:
    """A lesson of `_lessons` as `_row` writes one of a file."""
    weeks = lesson.weeks
    return {
        "subject": str(lesson.subject_id) if lesson.subject_id else None, "label": lesson.label,
        "weekday": lesson.weekday, "starts_at": lesson.starts_at.isoformat(), "ends_at": lesson.ends_at.isoformat(),
        "pattern": lesson.pattern, "weeks": sorted(week.isoformat() for week in weeks) if weeks is not None else None,
        "cancelled_weeks": sorted(week.isoformat() for week in lesson.cancelled_weeks),
        "source_key": lesson.source_key,
    } | {column: sorted(map(str, getattr(lesson, f"tied_{column}"))) for _, column in TIED}  # fmt: skip


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
