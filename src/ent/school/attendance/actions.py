"""What people do with a register: send it, once, and correct it later; nothing of what was said is erased."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from ent.kernel.live import announce
from ent.kernel.refused import Refused
from ent.kernel.text import of
from ent.school.attendance.models import (
    Attendance,
    AttendanceEvent,
    AttendanceState,
    Passage,
    Register,
    RegisterSubmission,
    attendance_changed,
)  # fmt: skip
from ent.school.attendance.reminders import register_path, reminders
from ent.school.notifications.actions import tell
from ent.school.notifications.models import Kind
from ent.school.people.models import Function, Person, StaffFunction
from ent.school.timetable.access import pupils_of_session
from ent.school.timetable.models import Session, SessionTeacher

PRESENT = AttendanceState.PRESENT
BOARD = "presence"
DIRECTION = (Function.SCHOOL_HEAD, Function.DEPUTY_HEAD)
# How long before a session its register opens.
OPENS = timedelta(minutes=10)
# A device's clock is not ours: what it says of the future is not believed.
CLOCK_SLACK = timedelta(minutes=2)
# How long after a session a device may send what it kept: over the holidays; over a weekend for a correction.
SENT_LATE, CORRECTED_LATE = timedelta(days=21), timedelta(days=3)


@dataclass(frozen=True)
class Mark:
    """What is said of a pupil."""

    state: str = PRESENT
    minutes: int = 0
    note: str = ""


@dataclass(frozen=True)
class Sent:
    """A register as received; `conflicts`: {pupil: (theirs, ours)}."""

    register: Register
    is_new: bool = True
    conflicts: dict[UUID, tuple[str, str]] = field(default_factory=dict)


def why_closed(session: Session, *, any_day: bool) -> str:
    """Why a session's register cannot be taken now ("" where it can). `any_day`: by who corrects past days too."""
    if session.is_cancelled:
        return "Cette séance est annulée : il n'y a pas d'appel à faire."
    if timezone.now() < session.starts_at - OPENS:
        opens = timezone.localtime(session.starts_at - OPENS)
        if session.day == timezone.localdate():
            return f"L'appel s'ouvre à {opens:%-H h %M}, dix minutes avant la séance."
        return "Cette séance n'a pas encore eu lieu : son appel s'ouvre dix minutes avant."
    if session.day != timezone.localdate() and not any_day:
        return "L'appel se fait le jour même. Pour corriger un jour passé, adressez-vous à la vie scolaire."
    return ""


@transaction.atomic
def submit(
    session: Session, by: UUID | None, marks: Mapping[UUID, Mark], *, client_id: UUID, based_on: int,
    taken_at: datetime, any_day: bool = False, reason: str = "",
) -> Sent:  # fmt: skip
    """Receive a register. The same `client_id` again changes nothing; one taken on an older version is not written
    over what others said meanwhile: the differences are kept, to be settled by a person. `Refused` in French.
    """
    # One register of a session at a time.
    session = Session.objects.select_for_update(of=("self",)).get(pk=session.pk)
    before = RegisterSubmission.objects.filter(client_id=client_id).select_related("register").first()
    if before:
        if before.register.session_id != session.pk:
            raise Refused("Cet envoi appartient à un autre appel : rechargez la page, puis recommencez.")
        # Its answer was lost on the way: what was still to be settled is.
        still = before.register.open_conflicts if before.conflicts else {}
        return Sent(before.register, False, {UUID(pupil): tuple(two) for pupil, two in still.items()})
    register = Register.objects.filter(session=session).first()
    corrects = register is not None and register.version <= based_on
    if closed := why_closed(session, any_day=any_day or taken_on(session, taken_at, corrects=corrects)):
        raise Refused(closed)
    pupils = set(pupils_of_session(session).order_by().values_list("pk", flat=True))
    if strangers := marks.keys() - pupils:
        raise Refused(f"{len(strangers)} élève(s) ne sont plus dans cette séance : rechargez la page.")
    there = {one.pupil_id: one for one in Attendance.objects.filter(session=session)}
    changed = {pupil: mark for pupil in pupils if (mark := marks.get(pupil)) and _differs(mark, there.get(pupil))}
    now = timezone.now()
    taken_at = min(taken_at, now)
    if register and register.version > based_on and changed:
        conflicts = {pupil: (_state(there.get(pupil)), str(mark.state)) for pupil, mark in changed.items()}
        register.open_conflicts = {str(pupil): list(two) for pupil, two in conflicts.items()}
        register.save(update_fields=["open_conflicts"])
        _remember(register, client_id, by, based_on, taken_at, conflicts)
        return Sent(register, conflicts=conflicts)
    _write(session, changed, there, by, now, reason)
    register = register or Register(session=session, day=session.day, version=0)
    register.version += 1
    register.taken_at, register.received_at, register.taken_by_id = taken_at, now, by
    states = {pupil: _state(one) for pupil, one in there.items()} | {p: str(m.state) for p, m in changed.items()}
    register.pupil_count = len(pupils)
    register.absent_count = sum(1 for pupil in pupils if states.get(pupil) == AttendanceState.ABSENT)
    register.open_conflicts = {}
    register.save()
    _remember(register, client_id, by, based_on, taken_at, {})
    if not session.is_kept:
        Session.objects.filter(pk=session.pk).update(is_kept=True)
    attendance_changed.send(Register, pupils=list(changed), day=session.day, by=by)
    announce(BOARD)
    return Sent(register)


def taken_on(session: Session, taken_at: datetime, *, corrects: bool) -> bool:
    """Taken on the session's day on a device without network, and sent later: it counts as of that day.

    A device says what it wants of the hour: it is believed for a time, the shorter for what was already said.
    """
    now = timezone.now()
    late = now - session.ends_at <= (CORRECTED_LATE if corrects else SENT_LATE)
    return late and timezone.localdate(taken_at) == session.day and taken_at <= now + CLOCK_SLACK


def _write(session: Session, changed: Mapping[UUID, Mark], there: Mapping[UUID, Attendance], by: UUID | None,
           now: datetime, reason: str = "") -> None:  # fmt: skip
    Attendance.objects.bulk_create(
        [
            Attendance(
                session=session, pupil_id=pupil, state=mark.state, minutes=mark.minutes, note=mark.note,
                day=session.day, starts_at=session.starts_at, ends_at=session.ends_at, recorded_by_id=by,
                recorded_at=now,
            )
            for pupil, mark in changed.items()
        ],
        update_conflicts=True,
        unique_fields=["session", "pupil"],
        update_fields=["state", "minutes", "note", "recorded_by", "recorded_at"],
    )  # fmt: skip
    AttendanceEvent.objects.bulk_create(
        AttendanceEvent(
            session=session, pupil_id=pupil, state=mark.state, minutes=mark.minutes, reason=reason or mark.note,
            by_id=by, at=now,
        )
        for pupil, mark in changed.items()
    )  # fmt: skip
    _send_out(session, changed, there, by, now)


def _send_out(session: Session, changed, there, by: UUID | None, now: datetime) -> None:
    """Who is sent to the infirmary or out of the room is expected somewhere: student life sees them coming."""
    sent = [
        Passage(
            pupil_id=pupil, place=Passage.Place.STUDENT_LIFE if mark.note == SENT_OUT else Passage.Place.INFIRMARY,
            is_removal=mark.note == SENT_OUT, session=session, sent_at=now, sent_by_id=by,
            reason="" if mark.note == SENT_OUT else mark.note,
        )
        for pupil, mark in changed.items()
        if mark.state == AttendanceState.ELSEWHERE and mark.note in (SENT_OUT, INFIRMARY)
    ]  # fmt: skip
    if sent:
        Passage.objects.bulk_create(sent)


INFIRMARY, SENT_OUT = "Infirmerie", "Exclu du cours"


def _remember(register: Register, client_id: UUID, by: UUID | None, based_on: int, taken_at: datetime, conflicts):
    RegisterSubmission.objects.create(
        register=register, client_id=client_id, by_id=by, based_on=based_on, taken_at=taken_at,
        conflicts={str(pupil): list(two) for pupil, two in conflicts.items()},
    )  # fmt: skip


def _state(there: Attendance | None) -> str:
    return str(there.state) if there else str(PRESENT)


def _differs(mark: Mark, there: Attendance | None) -> bool:
    if there is None:
        return mark.state != PRESENT
    return (str(mark.state), mark.minutes, mark.note) != (str(there.state), there.minutes, there.note)


@transaction.atomic
def take_back(register: Register, by: UUID | None) -> None:
    """Undo the sending of a register just made: all are present again, and the register is to be taken."""
    session = register.session
    there = {one.pupil_id: one for one in Attendance.objects.filter(session=session).exclude(state=PRESENT)}
    _write(session, {pupil: Mark() for pupil in there}, there, by, timezone.now(), "Appel repris")
    register.submissions.all().delete()
    register.delete()
    attendance_changed.send(Register, pupils=list(there), day=session.day, by=by)
    announce(BOARD)


@transaction.atomic
def remind(session: Session, by: UUID | None) -> int:
    """Remind those who lead a session that its register is missing; returns how many were told. Reminded before and
    still missing: the direction is told too.
    """
    leaders = SessionTeacher.objects.filter(session=session).present()
    if reminders([session]):
        direction = StaffFunction.objects.filter(function__in=DIRECTION, closed_at=None, person__closed_at=None)
        tell(
            set(direction.values_list("person", flat=True)), Kind.WORK, f"L'appel {of(session.title)} manque toujours",
            text="Un rappel est déjà parti, et l'appel n'est toujours pas fait.",
            path="/student-life/", is_urgent=True, because="Appel en retard malgré un rappel",
        )  # fmt: skip
    told = tell(
        list(leaders.values_list("teacher", flat=True)), Kind.WORK, f"L'appel {of(session.title)} manque",
        text="La vie scolaire vous demande de le faire.", path=register_path(session.pk), is_urgent=True,
        because="Appel en retard",
    )  # fmt: skip
    announce(BOARD)
    return len(told)


@transaction.atomic
def receive(pupil: Person, place: str, by: UUID | None, *, reason: str = "", passage: Passage | None = None) -> Passage:
    """A pupil arrives: the passage that was announced today is received, else one begins; once."""
    now = timezone.now()
    announced = Passage.objects.filter(sent_at__date=timezone.localdate(now), received_at=None, left_at=None)
    passage = passage or announced.filter(pupil=pupil, place=place).first()
    if passage and passage.received_at:
        return passage
    passage = passage or Passage(pupil=pupil, place=place, reason=reason)
    passage.received_at, passage.received_by_id = now, by
    passage.save()
    announce(BOARD)
    return passage


@transaction.atomic
def let_go(passage: Passage, care_note: str = "") -> None:
    """A pupil leaves the infirmary or the office, once; what nurses wrote stays."""
    passage.left_at = passage.left_at or timezone.now()
    if care_note:
        passage.care_note = f"{passage.care_note}\n{care_note}".strip()
    passage.save()
    announce(BOARD)
