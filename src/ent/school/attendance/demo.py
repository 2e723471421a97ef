"""Registers of the year so far: absences that gather on some pupils and some days, and today's hour half taken."""

import random
from collections import defaultdict
from datetime import date, datetime, time, timedelta
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
    Outing,
    OutingPupil,
    Passage,
    Register,
    Seat,
    SeatingPlan,
)  # fmt: skip
from ent.school.people.models import Person, Profile
from ent.school.structure.models import Division, Enrolment, FormTutor, GroupEnrolment, Subject, school_start
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
    _around(rng, today, sorted({one for those in pupils.values() for one in those}))
    days = sorted(set(Session.objects.filter(day__lte=today).values_list("day", flat=True)))
    year = _Year(rng, days, {one for those in pupils.values() for one in those})
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
            state, minutes, note = year.lot(pupil, session)
            if state:
                register.absent_count += state == State.ABSENT
                marks.append((session, pupil, state, minutes, note, register.taken_by_id, register.taken_at))
        registers.append(register)
        kept.append(session.pk)
    Register.objects.bulk_create(registers, batch_size=BATCH)
    Attendance.objects.bulk_create(
        [Attendance(session=session, pupil_id=pupil, state=state, minutes=minutes, note=note, day=session.day,
                    starts_at=session.starts_at, ends_at=session.ends_at, recorded_by_id=by, recorded_at=at)
         for session, pupil, state, minutes, note, by, at in marks], batch_size=BATCH,
    )  # fmt: skip
    AttendanceEvent.objects.bulk_create(
        [AttendanceEvent(session=session, pupil_id=pupil, state=state, minutes=minutes, reason=note, by_id=by, at=at)
         for session, pupil, state, minutes, note, by, at in marks], batch_size=BATCH,
    )  # fmt: skip
    Session.objects.filter(pk__in=kept).update(is_kept=True)
    _seats(rng, today, leaders, tutored, pupils)


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


# (how long in school days, a half-day being 0; how often).
SPELLS = ((0, 35), (1, 36), (2, 14), (3, 8), (5, 7))
NOON = time(13)


class _Year:
    """Who is away when: spells of illness, half-days missed, habits of being late, exemptions and outings."""

    def __init__(self, rng: random.Random, days: list[date], pupils: set[UUID]):
        self.rng, self.days = rng, days
        # {(pupil, day): the half of the day, or ""}.
        self.away: dict[tuple[UUID, date], str] = {}
        self.late: dict[UUID, float] = {}
        self.came: dict[UUID, date] = {}
        everyone = sorted(pupils)
        for pupil in everyone:
            self.late[pupil] = 0.3 if rng.random() < 0.004 else 0.008
            self._spells(pupil, 0.05 if rng.random() < 0.03 else 0.016)
        if len(everyone) > 1 and len(days) > 40:
            ill, truant = rng.sample(everyone, 2)
            self._be_away(ill, len(days) - 32, 19)
            self._play_truant(truant)
        exempt = Exemption.objects.filter(pupil__in=everyone, subject__isnull=False)
        self.exempt = {(one.pupil_id, one.subject_id): one for one in exempt}
        self.out = [(outing, {one.pupil_id for one in outing.outing_pupils.all() if not one.stays}) for outing in
                    Outing.objects.prefetch_related("outing_pupils")]  # fmt: skip

    def _spells(self, pupil: UUID, chance: float) -> None:
        at = 0
        while at < len(self.days):
            if self.rng.random() < chance:
                length = self.rng.choices([one for one, _ in SPELLS], [weight for _, weight in SPELLS])[0]
                if length:
                    self._be_away(pupil, at, length)
                else:
                    self.away[pupil, self.days[at]] = self.rng.choice("MS")
                at += length + 3
            at += 1

    def _be_away(self, pupil: UUID, at: int, length: int) -> None:
        for day in self.days[at : at + length]:
            self.away[pupil, day] = "MS"

    def _play_truant(self, pupil: UUID) -> None:
        """Afternoons here and there for a month, then whole days."""
        for back in (17, 14, 12, 9, 7):
            self.away[pupil, self.days[-back]] = "S"
        self.away[pupil, self.days[-5]] = "MS"

    def lot(self, pupil: UUID, session: Session) -> tuple[str, int, str]:
        """What a register says of a pupil: state ("" for present), minutes, note."""
        first, self.came[pupil] = self.came.get(pupil) != session.day, session.day
        half = "M" if timezone.localtime(session.starts_at).time() < NOON else "S"
        if half in self.away.get((pupil, session.day), ""):
            return State.ABSENT, 0, ""
        for outing, those in self.out:
            if pupil in those and outing.starts_at < session.ends_at and session.starts_at < outing.ends_at:
                return State.ELSEWHERE, 0, outing.title
        exempt = self.exempt.get((pupil, session.subject_id))
        if exempt and exempt.starts_on <= session.day <= exempt.ends_on:
            return State.EXEMPT, 0, ""
        chance = self.rng.random()
        if chance < (self.late[pupil] if first else self.late[pupil] / 5):
            return State.LATE, self.rng.choice((3, 5, 5, 7, 10, 15)), ""
        return (State.LEFT_EARLY, self.rng.choice((10, 20, 30)), "") if chance > 0.9994 else ("", 0, "")


def _around(rng: random.Random, today: date, pupils: list[UUID]) -> None:
    """Exit schemes, some exemptions from sport, passages to the infirmary today."""
    _exit_schemes(rng, today)
    sport = Subject.objects.filter(code="100100").first()
    Exemption.objects.bulk_create(
        Exemption(pupil_id=pupil, subject=sport, starts_on=begins, ends_on=begins + timedelta(days=rng.randint(7, 42)),
                  must_attend=rng.random() < 0.8, reason=rng.choice(("Entorse", "Certificat médical", "Fracture")))
        for pupil in rng.sample(pupils, min(len(pupils), 14))
        for begins in [today - timedelta(days=rng.choice((3, 8, 15, 40, 60)))]
    )  # fmt: skip
    _outings(today)
    now = timezone.now()
    Passage.objects.bulk_create(
        Passage(pupil_id=pupil, place=Passage.Place.INFIRMARY, sent_at=now - timedelta(minutes=rng.randint(5, 40)),
                received_at=now - timedelta(minutes=4) if rng.random() < 0.6 else None, reason="Mal de tête")
        for pupil in rng.sample(pupils, min(len(pupils), 3))
    )  # fmt: skip


def _exit_schemes(rng: random.Random, today: date) -> None:
    """Three schemes since the beginning of the year, one changed since; every pupil has one."""
    begins = school_start(today)
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


def _outings(today: date) -> None:
    """A class at the museum the other week, another one to come; a pupil of each stays."""
    classes = list(Division.objects.filter(closed_at=None, year__is_current=True).order_by("code")[:2])
    for division, away, title in zip(classes, (-12, 9), ("Musée Bargoin", "Théâtre : L'Avare"), strict=False):
        day = _school_day(today + timedelta(days=away))
        starts, ends = (timezone.make_aware(datetime.combine(day, hour)) for hour in (time(8), time(17)))
        outing = Outing.objects.create(kind=Outing.Kind.TRIP, title=title, starts_at=starts, ends_at=ends)
        enrolled = Enrolment.objects.filter(division=division, closed_at=None).order_by("pupil__sort_key")
        OutingPupil.objects.bulk_create(
            OutingPupil(outing=outing, pupil_id=pupil, stays=number == 0)
            for number, pupil in enumerate(enrolled.values_list("pupil", flat=True))
        )


def _school_day(day: date) -> date:
    """That day, or the Monday after."""
    return day + timedelta(days=(7 - day.weekday()) % 7 if day.weekday() > 4 else 0)
