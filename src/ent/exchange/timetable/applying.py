"""A file becomes the school's week, in one transaction; what people wrote on sessions stays, and all can be undone."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from ent.exchange.timetable.matching import CREATE, LEAVE, Kind, Known, Matched, create, match, remember
from ent.exchange.timetable.overlaps import Overlap, overlaps
from ent.exchange.timetable.schedule import Schedule
from ent.exchange.timetable.writing import fill_groups, lessons_of, stored, wanted_of, write, write_services
from ent.kernel.live import announce
from ent.kernel.refused import Refused
from ent.school.structure.models import Group, SchoolYear, Teaching
from ent.school.timetable.changing import TOPIC
from ent.school.timetable.generating import Generated, generate
from ent.school.timetable.models import (
    LessonAudience,
    RecurringLesson,
    Room,
    RoomUse,
    Session,
    SessionAudience,
    TimetableImport,
)  # fmt: skip

KEPT = timedelta(days=7)
SOURCES = {"": "saisis à la main", "edt": "d'un export d'EDT", "udt": "d'un export d'UnDeuxTemps",
           "csv": "d'un tableau"}  # fmt: skip


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
    # Lessons typed by hand that stay, and would be at the same hours as some of the file.
    overlaps: tuple[Overlap, ...]

    @property
    def met(self) -> int:
        """How many lessons typed by hand those are."""
        return len({one.lesson.pk for one in self.overlaps})

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


def plan(
    schedule: Schedule, matches: list[Matched], year: SchoolYear, answers: dict[str, str], zone: str,
    labels: dict[UUID, str],
) -> Planned:  # fmt: skip
    """What would change in the week with these answers, without changing it."""
    matches = settled(matches, answers)
    creating = {one.key for one in matches if answers.get(one.field) == CREATE}
    known = _known(matches)
    wanted, left_out = wanted_of(schedule, known, creating)
    everything = lessons_of(year)
    lessons = [lesson for lesson in everything if lesson.source == schedule.source]
    there = {lesson.source_key: stored(lesson) for lesson in lessons}
    placed = [lesson for lesson in schedule.lessons if lesson.key in wanted]
    by_hand = [lesson for lesson in everything if not lesson.source]
    gone = there.keys() - wanted.keys()
    orphaned = sum(lesson.kept_sessions for lesson in lessons if lesson.source_key in gone)
    same = sum(1 for key, row in wanted.items() if there.get(key) == row)
    new = len(wanted.keys() - there.keys())
    return Planned(
        len(schedule.lessons), new, len(wanted) - new - same, same, len(gone), left_out, orphaned, bool(there),
        _others(everything, schedule), tuple(overlaps(by_hand, schedule, placed, known, labels, year, zone)),
    )  # fmt: skip


def _others(lessons: list[RecurringLesson], schedule: Schedule) -> tuple[Others, ...]:
    """One calendar leaves those of other people alone, without a word; services leave every lesson alone."""
    if not schedule.lessons:
        return ()
    own = "ics" if schedule.source.startswith("ics") else schedule.source
    today = timezone.localdate()
    counted = Counter(
        one.source for one in lessons
        if not (one.source.startswith("ics") if own == "ics" else one.source == own)
        and not (one.ends_on and one.ends_on < today)
    )  # fmt: skip
    return tuple(Others(source, count) for source, count in sorted(counted.items()))


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
    if schedule.is_empty:
        raise Refused("Aucun cours n'a pu être lu dans ce fichier : rien n'a changé.")
    year = SchoolYear.objects.select_for_update().get(is_current=True)  # one import at a time
    run.refresh_from_db(fields=["state"])
    if run.state != TimetableImport.State.READ:
        raise Refused("Ce fichier a déjà été mis en place : chargez-le de nouveau pour le reprendre.")
    matches = settled(match(schedule), answers)
    known = _known(matches)
    made: Known = {}
    open_before = {*_open_ids(Room), *_open_ids(Group)}
    for one in matches:
        if answers.get(one.field) == CREATE and one.is_creatable:
            made[one.key] = known[one.key] = create(one.kind, one.named, year).pk
    remember({(one.kind, one.named.name): known.get(one.key) for one in matches if one.is_settled or one.key in made})
    fill_groups(schedule, known, made)
    there = lessons_of(year)
    replaced = [one.source for one in _others(there, schedule) if one.source] if is_replacing else []
    sources = [schedule.source, *replaced]
    before = {source: [stored(lesson) for lesson in there if lesson.source == source] for source in sources}
    wanted, left_out = wanted_of(schedule, known, set())
    write(year, schedule.source, wanted)
    for source in replaced:
        write(year, source, {})
    services = write_services(schedule, known)
    # The first file of a year makes the whole year; later ones leave the past as it was lived.
    lived = Session.objects.filter(lesson__year=year, lesson__source__in=sources, day__lt=timezone.localdate())
    is_first = not any(before.values()) and not lived.exists()
    done = _follow(year, zone, sources, is_first=is_first)
    run.undo = {
        "before": before,
        "is_first": is_first,
        "services": services,
        "made": [str(pk) for (kind, _), pk in made.items() if kind != Kind.SUBJECT and pk not in open_before],
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
    """Put back the week as it stood before an import; `Refused` when it is too late, or another came after."""
    year = SchoolYear.objects.select_for_update().get(is_current=True)
    run.refresh_from_db(fields=["state"])
    if run.state != TimetableImport.State.APPLIED or not run.applied_at:
        raise Refused("Cet import n'est pas en place.")
    if timezone.now() > run.applied_at + KEPT:
        raise Refused("Un import s'annule pendant sept jours : importez plutôt le bon fichier.")
    if TimetableImport.objects.filter(state=TimetableImport.State.APPLIED, applied_at__gt=run.applied_at).exists():
        raise Refused("Un autre fichier a été mis en place depuis : annulez d'abord celui-là.")
    for source, rows in run.undo["before"].items():
        write(year, source, {row["source_key"]: row for row in rows})
    done = _follow(year, zone, list(run.undo["before"]), is_first=run.undo["is_first"])
    Teaching.objects.filter(pk__in=run.undo.get("services", [])).delete()
    _put_away(run.undo.get("made", []))
    run.state = TimetableImport.State.UNDONE
    run.save()
    return done


def _open_ids(model: type[Room] | type[Group]) -> QuerySet:
    return model._default_manager.filter(closed_at=None).order_by().values_list("pk", flat=True)


def _put_away(made: list[str]) -> None:
    """Rooms and groups that an import made are closed again, but those in use by now."""
    today, now = timezone.localdate(), timezone.now()
    of_lessons = RecurringLesson.objects.filter(closed_at=None)
    rooms = Room.objects.filter(pk__in=made).exclude(pk__in=of_lessons.exclude(rooms=None).values("rooms"))
    rooms.exclude(pk__in=RoomUse.objects.filter(day__gte=today).values("room")).update(closed_at=now)
    heard = LessonAudience.objects.filter(lesson__in=of_lessons).exclude(group=None).values("group")
    coming = SessionAudience.objects.filter(day__gte=today).exclude(group=None).values("group")
    taught = Teaching.objects.exclude(group=None).values("group")
    groups = Group.objects.filter(pk__in=made).exclude(pk__in=heard).exclude(pk__in=coming).exclude(pk__in=taught)
    groups.update(closed_at=now)


def _follow(year: SchoolYear, zone: str, sources: list[str], *, is_first: bool) -> Generated:
    """Bring the sessions of these sources to their lessons; the others' stay, and the past but for the first file."""
    lessons = RecurringLesson.objects.filter(year=year, source__in=sources).values_list("pk", flat=True)
    done = generate(year, zone, None if is_first else timezone.now(), lessons=lessons)
    announce(TOPIC)
    return done


def take_again(run: TimetableImport, person_id: UUID) -> TimetableImport:
    """The same file, to settle and apply anew."""
    with run.file.open("rb") as file:
        content = file.read()
    again = TimetableImport(file_name=run.file_name, format=run.format, mapping=run.mapping, uploaded_by_id=person_id)
    again.file.save("timetable", ContentFile(content), save=False)
    again.save()
    return again


def _known(matches: list[Matched]) -> Known:
    return {one.key: one.object_id for one in matches if one.object_id}
