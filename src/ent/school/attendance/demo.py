"""Registers of the year so far: absences that gather on some pupils and some days, and today's hour half taken."""

import random
from collections import defaultdict
from datetime import date, timedelta
from uuid import UUID

from django.utils import timezone

from ent.school.attendance.models import (
    Attendance,
    AttendanceEvent,
    AttendanceState,
    Exemption,
    ExitChoice,
    ExitScheme,
    ExitTerms,
    Passage,
    Register,
    Seat,
    SeatingPlan,
)  # fmt: skip
from ent.school.people.models import Person, Profile
from ent.school.structure.models import Enrolment, FormTutor, GroupEnrolment, Subject
from ent.school.timetable.models import Session, SessionAudience, SessionTeacher

State = AttendanceState
BATCH = 2000


def build(rng: random.Random, today: date) -> None:
    """Registers of every past session, in the school in force."""
    now = timezone.now()
    pupils = _pupils_by_audience()
    heard: dict[UUID, list[UUID]] = defaultdict(list)
    for heard_in, division, group in SessionAudience.objects.filter(day__lte=today).values_list(
        "session", "division", "group"
    ):
        heard[heard_in] += pupils[division or group]
    leaders = dict(SessionTeacher.objects.filter(day__lte=today).values_list("session", "teacher"))
    tutors = set(FormTutor.objects.filter(closed_at=None).values_list("teacher", flat=True))
    tutored = {session for session, teacher in leaders.items() if teacher in tutors}
    fragile = _tendencies(rng, {one for those in pupils.values() for one in those})
    ill: dict[tuple[UUID, date], bool] = {}
    registers, marks, kept = [], [], []
    past = Session.objects.filter(starts_at__lt=now, state=Session.State.PLANNED).order_by("starts_at", "pk")
    for session in past.iterator():
        running = session.ends_at > now
        if (running and (session.pk in tutored or rng.random() < 0.5)) or rng.random() < 0.01:
            continue  # not taken yet, or forgotten
        register = Register(session=session, day=session.day, taken_by_id=leaders.get(session.pk),
                            taken_at=session.starts_at + timedelta(minutes=rng.randint(1, 8)),
                            pupil_count=len(heard[session.pk]))  # fmt: skip
        for pupil in heard[session.pk]:
            state, minutes = _lot(rng, pupil, session, fragile, ill)
            if state:
                register.absent_count += state == State.ABSENT
                marks.append((session, pupil, state, minutes, register.taken_by_id, register.taken_at))
        registers.append(register)
        kept.append(session.pk)
    Register.objects.bulk_create(registers, batch_size=BATCH)
    Attendance.objects.bulk_create(
        [Attendance(session=session, pupil_id=pupil, state=state, minutes=minutes, day=session.day,
                    starts_at=session.starts_at, ends_at=session.ends_at, recorded_by_id=by, recorded_at=at)
         for session, pupil, state, minutes, by, at in marks], batch_size=BATCH,
    )  # fmt: skip
    AttendanceEvent.objects.bulk_create(
        [AttendanceEvent(session=session, pupil_id=pupil, state=state, minutes=minutes, by_id=by, at=at)
         for session, pupil, state, minutes, by, at in marks], batch_size=BATCH,
    )  # fmt: skip
    Session.objects.filter(pk__in=kept).update(is_kept=True)
    _seats(rng, today, leaders, tutored, pupils)
    _around(rng, today, sorted({one for those in pupils.values() for one in those}))


def _seats(rng: random.Random, today: date, leaders: dict[UUID, UUID], tutored: set[UUID],
           pupils: dict[UUID, list[UUID]]) -> None:  # fmt: skip
    """A seating plan for each class and room of form tutors, in the sessions of the last weeks."""
    recent = Session.objects.filter(pk__in=tutored, day__gt=today - timedelta(days=21))
    rows = recent.exclude(audiences__division=None).exclude(room_uses__room=None)
    keys = {(leaders[session], division, room)
            for session, division, room in rows.values_list("pk", "audiences__division", "room_uses__room")
    }  # fmt: skip
    plans, seats = [], []
    for teacher, division, room in sorted(keys):
        seated = sorted(pupils[division])[:36]
        rng.shuffle(seated)
        plans.append(SeatingPlan(teacher_id=teacher, division_id=division, room_id=room, rows=6, columns=6))
        seats += [Seat(plan=plans[-1], pupil_id=pupil, row=at // 6 + 1, column=at % 6 + 1)
                  for at, pupil in enumerate(seated)]  # fmt: skip
    SeatingPlan.objects.bulk_create(plans, batch_size=BATCH)
    Seat.objects.bulk_create(seats, batch_size=BATCH)


def _pupils_by_audience() -> dict[UUID, list[UUID]]:
    found: dict[UUID, list[UUID]] = defaultdict(list)
    for model, column in ((Enrolment, "division"), (GroupEnrolment, "group")):
        for audience, pupil in model.objects.filter(closed_at=None).values_list(column, "pupil"):
            found[audience].append(pupil)
    return found


def _tendencies(rng: random.Random, pupils: set[UUID]) -> dict[UUID, float]:
    """How likely each is to be away on a day: a few often, most seldom."""
    return {pupil: 0.16 if rng.random() < 0.04 else 0.02 for pupil in sorted(pupils)}


def _lot(rng: random.Random, pupil: UUID, session: Session, fragile: dict[UUID, float], ill: dict) -> tuple[str, int]:
    half = (pupil, session.day)
    if half not in ill:
        before = ill.get((pupil, session.day - timedelta(days=1)), False)
        ill[half] = rng.random() < (0.5 if before else fragile[pupil])
    if ill[half]:
        return (State.ABSENT, 0) if rng.random() < 0.85 else ("", 0)
    if rng.random() < 0.004:
        return State.LATE, rng.choice((3, 5, 5, 7, 10, 15))
    return "", 0


def _around(rng: random.Random, today: date, pupils: list[UUID]) -> None:
    """Exit schemes, some exemptions from sport, passages to the infirmary today."""
    _exit_schemes(rng, today)
    sport = Subject.objects.filter(code="100100").first()
    Exemption.objects.bulk_create(
        Exemption(pupil_id=pupil, subject=sport, starts_on=today - timedelta(days=rng.randint(0, 20)),
                  ends_on=today + timedelta(days=rng.randint(3, 30)), reason="Certificat médical")
        for pupil in rng.sample(pupils, min(len(pupils), 8))
    )  # fmt: skip
    now = timezone.now()
    Passage.objects.bulk_create(
        Passage(pupil_id=pupil, place=Passage.Place.INFIRMARY, sent_at=now - timedelta(minutes=rng.randint(5, 40)),
                received_at=now - timedelta(minutes=4) if rng.random() < 0.6 else None, reason="Mal de tête")
        for pupil in rng.sample(pupils, min(len(pupils), 3))
    )  # fmt: skip


def _exit_schemes(rng: random.Random, today: date) -> None:
    """Three schemes since the beginning of the year, one changed since; every pupil has one."""
    begins = today.replace(month=9, day=1, year=today.year if today.month >= 9 else today.year - 1)
    red, orange, green = (ExitScheme.objects.create(name=name) for name in ("Rouge", "Orange", "Vert"))
    ExitTerms.objects.bulk_create([
        ExitTerms(scheme=red, starts_on=begins),
        ExitTerms(scheme=orange, starts_on=begins, after_last_lesson=True),
        ExitTerms(scheme=green, starts_on=begins, after_last_lesson=True, between_lessons=True),
        ExitTerms(scheme=green, starts_on=min(begins + timedelta(days=45), today), after_last_lesson=True,
                  between_lessons=True, if_cancelled=True),
    ])  # fmt: skip
    people = Person.objects.filter(profile=Profile.PUPIL, closed_at=None).values_list("pk", flat=True)
    ExitChoice.objects.bulk_create(
        [ExitChoice(pupil_id=pupil, scheme=rng.choices((red, orange, green), (5, 4, 1))[0], starts_on=begins)
         for pupil in sorted(people)], batch_size=BATCH,
    )  # fmt: skip
