"""Reads of lessons and homework, shaped for a page."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import JSONObject
from django.urls import reverse
from django.utils import timezone

from ent.kernel.access import Acting
from ent.kernel.prepared import prepared
from ent.school.attendance.models import Attendance
from ent.school.lessons.models import (
    Attachment,
    Endorsement,
    Habit,
    Homework,
    HomeworkAudience,
    HomeworkTick,
    LessonEntry,
    OwnTask,
    Submission,
)  # fmt: skip
from ent.school.lessons.text import plain
from ent.school.people.models import Profile
from ent.school.structure.access import pupils_of
from ent.school.structure.models import Division, Enrolment, Group, GroupEnrolment
from ent.school.timetable.calendar import days_off
from ent.school.timetable.models import CalendarDay, Session, SessionAudience, SessionTeacher
from ent.school.timetable.queries import detailed, headed

AHEAD = 14
# Of a class: a year of sessions in a subject.
MOST_SOURCES = 200
# Of a content, enough to know it by.
SHORT = 80


def shown_homework():
    """What pupils and families see."""
    return Homework.objects.filter(withdrawn_at=None, publish_at__lte=timezone.now())


# --- load --------------------------------------------------------------------------------------------------------
@dataclass
class DayLoad:
    """What a class already has to do for a day."""

    day: date
    minutes: int = 0
    tests: int = 0
    items: list[str] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)

    def is_full(self, minutes: int, tests: int) -> bool:
        """As much, or as many tests, as the school advises."""
        return self.minutes >= minutes or self.tests >= tests


def own_days():
    """The school's own days of the next two weeks, to be asked for along with something else."""
    first = timezone.localdate() + timedelta(days=1)
    near = CalendarDay.objects.filter(day__range=(first, first + timedelta(days=AHEAD - 1)))
    return ArraySubquery(near.values(shown=JSONObject(day="day", is_taught="is_taught")))


def near_days(zone: str, own: Iterable[dict]) -> list[date]:
    """The school days of the next two weeks, from tomorrow on (`own`: what `own_days` found). No query."""
    first = timezone.localdate() + timedelta(days=1)
    last = first + timedelta(days=AHEAD - 1)
    known = [CalendarDay(day=date.fromisoformat(one["day"]), is_taught=one["is_taught"]) for one in own]
    off = days_off(first, last, zone, known)
    days = (first + timedelta(days=more) for more in range(AHEAD))
    return [day for day in days if day not in off and day.isoweekday() < 6]


def load_of(session: Session, days: Iterable[date]) -> dict[date, DayLoad]:
    """Per day, the minutes of the busiest pupil of a session over all their classes and groups. Two queries."""
    wanted = list(days)
    found = {day: DayLoad(day) for day in wanted}
    rows = SessionAudience.objects.filter(session=session)
    in_class = Enrolment.objects.filter(division__in=rows.values("division"), closed_at=None)
    in_group = GroupEnrolment.objects.filter(group__in=rows.values("group"), closed_at=None)
    pupils = Q(pupil__in=in_class.values("pupil")) | Q(pupil__in=in_group.values("pupil"))
    divisions: dict[UUID, UUID] = {}
    groups: dict[UUID, set[UUID]] = defaultdict(set)
    classes = Enrolment.objects.filter(pupils, closed_at=None).values_list("pupil", "division", Value(True))
    grouped = GroupEnrolment.objects.filter(pupils, closed_at=None).values_list("pupil", "group", Value(False))
    for pupil, audience, is_class in classes.union(grouped):
        if is_class:
            divisions[pupil] = audience
        else:
            groups[pupil].add(audience)
    due = HomeworkAudience.objects.filter(
        due_on__in=wanted, homework__withdrawn_at=None, homework__publish_at__isnull=False
    ).select_related("homework__subject")  # fmt: skip
    relevant = Q(division__in=set(divisions.values())) | Q(
        group__in={one for those in groups.values() for one in those}
    )
    per_pupil: dict[tuple[date, UUID], int] = defaultdict(int)
    counted: set[tuple[UUID, UUID]] = set()
    seen: dict[date, dict[UUID, Homework]] = defaultdict(dict)
    for row in due.filter(relevant):
        seen[row.due_on][row.homework_id] = row.homework
        for pupil, division in divisions.items():
            # Once, for a pupil of both the class and the group that it is for.
            if (row.division_id == division or row.group_id in groups[pupil]) and (
                (row.homework_id, pupil) not in counted
            ):
                counted.add((row.homework_id, pupil))
                per_pupil[row.due_on, pupil] += row.homework.minutes
    for (day, _), minutes in per_pupil.items():
        found[day].minutes = max(found[day].minutes, minutes)
    for day, works in seen.items():
        found[day].tests = sum(1 for one in works.values() if one.is_test)
        found[day].items = [f"{one.title}{' (contrôle)' if one.is_test else ''}, {one.minutes} min" for one in
                            works.values()]  # fmt: skip
    return found


def next_sessions(session: Session, count: int = 3) -> list[Session]:
    """The same class's next sessions of the same subject, from now on: what homework is due for. One query."""
    rows = SessionAudience.objects.filter(session=session)
    heard = SessionAudience.objects.filter(
        Q(division__in=rows.values("division")) | Q(group__in=rows.values("group")), session=OuterRef("pk")
    )
    later = Session.objects.filter(
        Exists(heard),
        subject=session.subject_id,
        starts_at__gt=max(session.starts_at, timezone.now()),
        state=Session.State.PLANNED,
    )
    return list(later.order_by("starts_at")[:count])


# --- a teacher's side --------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class CopySource:
    """A class or group one taught the subject to, in a year: what its sessions may be copied from."""

    audience: Division | Group
    size: int

    @property
    def key(self) -> str:
        return str(self.audience.pk)


def _filled(session: Session, teacher: UUID):
    """The sessions of the same subject, of any class and year, that a teacher led and wrote for."""
    led = SessionTeacher.objects.filter(session=OuterRef("pk"), teacher=teacher).present()
    given = Homework.objects.filter(given_in=OuterRef("pk"), withdrawn_at=None)
    written = Exists(LessonEntry.objects.filter(session=OuterRef("pk")).exclude(content="")) | Exists(given)
    return Session.objects.filter(Exists(led), written, subject=session.subject_id).exclude(pk=session.pk)


def copy_sources(session: Session, teacher: UUID) -> list[CopySource]:
    """The classes and groups, of this year and others, one may copy a session from; the latest first. Three queries."""
    rows = SessionAudience.objects.filter(session__in=_filled(session, teacher))
    counted = list(rows.values_list("division", "group").annotate(size=Count("session")))
    divisions = Division.objects.select_related("year").in_bulk([one for one, _, _ in counted if one])
    groups = Group.objects.select_related("year").in_bulk([one for _, one, _ in counted if one])
    found = [CopySource(divisions[one] if one else groups[other], size) for one, other, size in counted]
    found.sort(key=lambda one: one.audience.code)
    return sorted(found, key=lambda one: one.audience.year.starts_on, reverse=True)


def copied_from(session: Session, teacher: UUID, audience: UUID) -> list[Session]:
    """One's filled sessions of a class or group, the latest first, each with its `entry`. One query."""
    heard = SessionAudience.objects.filter(Q(division=audience) | Q(group=audience)).values("session")
    filled = _filled(session, teacher).filter(pk__in=heard)
    found = list(detailed(filled).select_related("subject", "entry").order_by("-starts_at")[:MOST_SOURCES])
    for one in found:
        one.words = plain(one.entry.content)[:SHORT] if getattr(one, "entry", None) else ""
    return found


def copy_source(session: Session, teacher: UUID, key: str) -> Session | None:
    """One of them, by its key. One query."""
    return _filled(session, teacher).filter(pk=key).first()


@dataclass(frozen=True)
class Owed:
    """What a teacher has to finish."""

    unfilled: tuple[Session, ...]
    to_correct: tuple[Homework, ...]


def owed_by(teacher: UUID, days: int = 7) -> Owed:
    """Sessions of the last days without content, and work handed in and not returned. Two queries."""
    now, today = timezone.now(), timezone.localdate()
    return Owed(tuple(_without_content(teacher, today - timedelta(days=days), today, now)), tuple(_to_return(teacher)))


@prepared
def _without_content(teacher: UUID, first: date, last: date, now: datetime) -> QuerySet[Session]:
    led = SessionTeacher.objects.filter(teacher=teacher, day__range=(first, last)).present()
    past = Session.objects.filter(
        pk__in=led.values("session"), ends_at__lt=now, state=Session.State.PLANNED, entry=None
    )
    return headed(past).order_by("-starts_at")[:20]


@prepared
def _to_return(teacher: UUID) -> QuerySet[Homework]:
    given = Homework.objects.filter(author=teacher, withdrawn_at=None, takes_files=True)
    waiting = given.annotate(waiting=Count("submissions", filter=Q(submissions__returned_at=None)))
    return waiting.filter(waiting__gt=0).select_related("subject")[:20]


@dataclass(frozen=True)
class Copy:
    """A pupil and what they handed in, if anything."""

    pupil: object
    submission: Submission | None


def copies_of(homework: Homework, pupils) -> list[Copy]:
    """Every pupil the work is for, with their copy. Two queries."""
    handed = {
        one.pupil_id: one
        for one in Submission.objects.filter(homework=homework).prefetch_related("attachments").select_related("pupil")
    }
    return [Copy(pupil, handed.get(pupil.pk)) for pupil in pupils]


def habit_of(teacher: UUID) -> str:
    """When what a teacher writes is shown, most often. One query."""
    return Habit.objects.filter(person=teacher).values_list("publish", flat=True).first() or "end"


# --- a pupil's side ----------------------------------------------------------------------------------------------
@dataclass
class Due:
    """A day's work of a pupil."""

    day: date
    works: list[Homework] = field(default_factory=list)
    own: list[OwnTask] = field(default_factory=list)

    @property
    def minutes(self) -> int:
        """What is left to do, estimated."""
        return sum(one.minutes for one in self.works if not one.is_done)

    @property
    def left(self) -> int:
        return sum(1 for one in self.works if not one.is_done)


@prepared
def _homework_pupils(pupils: list[UUID], first: date, last: date, now: datetime) -> QuerySet[Any, tuple[UUID, UUID]]:
    due = HomeworkAudience.objects.filter(
        due_on__range=(first, last), homework__withdrawn_at=None, homework__publish_at__lte=now
    )
    by_class = due.filter(division__enrolments__pupil__in=pupils, division__enrolments__closed_at=None)
    by_group = due.filter(group__enrolments__pupil__in=pupils, group__enrolments__closed_at=None)
    return by_class.values_list("homework", "division__enrolments__pupil").union(
        by_group.values_list("homework", "group__enrolments__pupil")
    )


@prepared
def _works(works: set[UUID]) -> QuerySet[Homework]:
    found = Homework.objects.filter(pk__in=works).select_related("subject", "author")
    return found.annotate(files=Count("attachments"))


@prepared
def _ticks(pupils: list[UUID], works: list[UUID]) -> QuerySet[Any, tuple[UUID, UUID]]:
    return HomeworkTick.objects.filter(pupil__in=pupils, homework__in=works).values_list("homework", "pupil")


def homework_of_pupils(pupils: Iterable[UUID], first: date, last: date) -> dict[UUID, list[Homework]]:
    """{pupil: published work due between two days}, each with `is_done`. Three queries."""
    wanted = list(pupils)
    pairs = _homework_pupils(wanted, first, last, timezone.now())
    by_id = {one.pk: one for one in _works({work for work, _ in pairs})}
    done = set(_ticks(wanted, list(by_id)))
    found: dict[UUID, list[Homework]] = {pupil: [] for pupil in wanted}
    for work, pupil in pairs:
        one = by_id.get(work)
        if one is None:
            continue
        mine = one if len(wanted) == 1 else _twin(one)
        mine.is_done = (work, pupil) in done
        found[pupil].append(mine)
    for works_ in found.values():
        works_.sort(key=lambda one: (one.due_on, one.is_done, one.title))
    return found


def _twin(work: Homework) -> Homework:
    """The same work for another child: done or not is theirs."""
    twin = Homework(**{f.attname: getattr(work, f.attname) for f in Homework._meta.concrete_fields})
    twin.subject, twin.author, twin.files = work.subject, work.author, work.files
    return twin


def days_of(pupil: UUID, works: list[Homework], own: Iterable[OwnTask]) -> list[Due]:
    """Work and own to-dos, day by day."""
    found: dict[date, Due] = {}
    for one in works:
        found.setdefault(one.due_on, Due(one.due_on)).works.append(one)
    for task in own:
        found.setdefault(task.due_on, Due(task.due_on)).own.append(task)
    return [found[day] for day in sorted(found)]


@dataclass(frozen=True)
class Missed:
    """A session a pupil missed, with what was done in it."""

    session: Session
    content: str
    works: tuple[Homework, ...]
    files: tuple


def missed_by(pupil: UUID, since: date) -> dict[date, list[Missed]]:
    """What a pupil missed, day by day, the latest first: published contents and work of the sessions they were absent
    from. Four queries."""
    absent = Attendance.objects.filter(pupil=pupil, state="absent", day__gte=since)
    away = detailed(Session.objects.filter(pk__in=absent.values("session"))).order_by("-day", "starts_at")
    sessions = list(away.select_related("subject", "entry").prefetch_related("entry__attachments")[:120])
    works: dict[UUID, list[Homework]] = defaultdict(list)
    given = shown_homework().filter(given_in__in=sessions).select_related("subject")
    for one in given.prefetch_related("attachments"):
        works[one.given_in_id].append(one)
    found: dict[date, list[Missed]] = {}
    for session in sessions:
        entry = getattr(session, "entry", None)
        shown = entry if entry and entry.publish_at and entry.publish_at <= timezone.now() else None
        files = tuple(shown.attachments.all()) if shown else ()
        missed = Missed(session, shown.content if shown else "", tuple(works[session.pk]), files)
        found.setdefault(session.day, []).append(missed)
    return found


# --- a class's log -----------------------------------------------------------------------------------------------
@dataclass
class Logged:
    """A session of a class's log: what was done in it, and what was given."""

    session: Session
    entry: LessonEntry | None = None
    works: list[Homework] = field(default_factory=list)

    @property
    def is_missing(self) -> bool:
        """It took place, and nothing is written of it."""
        return self.entry is None and not self.works


def log_of(
    division: Division, first: date, last: date, *, ahead: bool = False, mine: UUID | None = None,
    gaps: bool = False,
) -> list[Logged]:  # fmt: skip
    """The class's log between two days, the latest first: of its sessions and its groups'. Four queries.

    What is shown by now; `ahead`: also what will be, of itself; and all that one wrote oneself, drafts too.
    `gaps`: also the sessions that nobody wrote anything of (one query more).
    """
    heard = SessionAudience.objects.filter(
        Q(division=division)
        | Q(group__divisions=division)
        | Q(group__enrolments__pupil__enrolments__division=division),
        day__range=(first, last),
    )  # fmt: skip
    shown = Q(publish_at__isnull=False) if ahead else Q(publish_at__lte=timezone.now())
    return _logged(heard.values("session"), shown | Q(author=mine) if mine else shown, gaps=gaps)


def log_of_teacher(teacher: UUID, first: date, last: date, *, drafts: bool) -> list[Logged]:
    """What a teacher's sessions between two days were made of, the latest first, each with its class. Five queries."""
    led = SessionTeacher.objects.filter(teacher=teacher, day__range=(first, last)).present()
    found = _logged(led.values("session"), Q() if drafts else Q(publish_at__lte=timezone.now()), gaps=drafts)
    known = headed(Session.objects.filter(pk__in=[one.session.pk for one in found])).in_bulk()
    for one in found:
        one.session = known[one.session.pk]
    return found


def to_write(sessions: list[UUID]) -> dict[UUID, tuple[str, str]]:
    """Of these sessions, those over without content, each with where it is written. One query."""
    found = empty(Session.objects.filter(pk__in=sessions)).values_list("pk", flat=True)
    return {one: ("Sans contenu", reverse("lessons:session", args=[one])) for one in found}


def empty(sessions: QuerySet[Session]) -> QuerySet[Session]:
    """Of these sessions, those that took place and that nobody wrote anything of, nor gave work in."""
    written = LessonEntry.objects.filter(session=OuterRef("pk")).exclude(content="", attachments=None)
    given = Homework.objects.filter(given_in=OuterRef("pk"), withdrawn_at=None)
    past = sessions.filter(ends_at__lt=timezone.now(), state=Session.State.PLANNED, subject__isnull=False)
    return past.filter(~Exists(written), ~Exists(given))


def _logged(sessions, shown: Q, *, gaps: bool = False) -> list[Logged]:
    entries = LessonEntry.objects.filter(shown, session__in=sessions).exclude(content="")
    works = Homework.objects.filter(shown, given_in__in=sessions, withdrawn_at=None)
    found: dict[UUID, Logged] = {}
    if gaps:
        found = {one.pk: Logged(one) for one in detailed(empty(Session.objects.filter(pk__in=sessions)))}
    for one in entries.select_related("session__subject", "author"):
        found.setdefault(one.session_id, Logged(one.session)).entry = one
    for work in works.select_related("given_in__subject", "subject"):
        found.setdefault(work.given_in_id, Logged(work.given_in)).works.append(work)
    _with_files(found.values())
    return sorted(found.values(), key=lambda one: (one.session.starts_at, one.session.pk), reverse=True)


def _with_files(logged: Iterable[Logged]) -> None:
    """Give each entry and each work its `files`. One query."""
    owners = {one.entry.pk: one.entry for one in logged if one.entry} | {w.pk: w for one in logged for w in one.works}
    for owner in owners.values():
        owner.files = []
    joined = Attachment.objects.filter(Q(entry__in=owners) | Q(homework__in=owners))
    for one in joined.order_by("added_at", "pk"):
        key = one.entry_id or one.homework_id
        if key in owners:
            owners[key].files.append(one)


def logs_of(acting: Acting, *, whole_school: bool) -> list[Division]:
    """Every class log that one may read, the latest year first: also of classes that are no more. One query."""
    found = Division.objects.select_related("year")
    if acting.profile != Profile.STAFF:
        found = found.filter(enrolments__pupil__in=pupils_of(acting))
    elif not whole_school:
        found = found.filter(Q(teachings__teacher=acting.person_id) | Q(form_tutors__teacher=acting.person_id))
    return list(found.order_by("-year__starts_on", "code").distinct())


def endorsements_of(division: Division | None = None, teacher: UUID | None = None) -> list[Endorsement]:
    """Who has read the log of a class, or of a teacher, and when. One query."""
    found = Endorsement.objects.filter(division=division, teacher=teacher)
    return list(found.select_related("by", "reading")[:40])
