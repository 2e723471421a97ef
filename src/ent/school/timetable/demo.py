"""A week for an invented school: from who teaches what, lessons that no pupil, teacher or room has twice at once."""

import random
from collections import Counter, defaultdict
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.utils import timezone
from psycopg.types.range import TimestamptzRange

from ent.school.structure.models import Division, Enrolment, FormTutor, GroupEnrolment, SchoolYear, Teaching
from ent.school.timetable import covering
from ent.school.timetable.calendar import taught_days
from ent.school.timetable.generating import generate
from ent.school.timetable.models import (
    CalendarDay,
    LessonAudience,
    LessonRoom,
    LessonTeacher,
    RecurringLesson,
    ReplacementCall,
    Room,
    Session,
    SessionAudience,
    SessionChange,
    SessionTeacher,
    TeacherAbsence,
    TimeSlot,
)  # fmt: skip

GRID = [
    ("M1", time(8, 0), time(8, 55)), ("M2", time(8, 55), time(9, 50)), ("M3", time(10, 5), time(11, 0)),
    ("M4", time(11, 0), time(11, 55)), ("S1", time(13, 30), time(14, 25)), ("S2", time(14, 25), time(15, 20)),
    ("S3", time(15, 35), time(16, 30)), ("S4", time(16, 30), time(17, 25)),
]  # fmt: skip
MORNING = 4
# Weekly hours by the national code of the subject; half an hour is an hour every other week.
HOURS = {"020700": 4, "061300": 3.5, "043700": 3, "030201": 3, "100100": 3, "062300": 1.5, "062900": 1.5, "070800": 1.5,
         "090100": 1, "080100": 1, "043500": 0.5, "310100": 4, "241000": 8}  # fmt: skip
ELSEWHERE = {"100100": "Gymnase", "062300": "Labo de physique", "062900": "Labo de SVT", "080100": "Salle de musique",
             "090100": "Salle d'arts", "070800": "Salle de techno", "241000": "Atelier"}  # fmt: skip
DEMONSTRATION = "Séance de démonstration"

Slot = tuple[int, int]
SLOTS: list[Slot] = [(day, hour) for day in range(1, 6) for hour in range(len(GRID)) if day != 3 or hour < MORNING]


class _Week:
    """What is taken, slot by slot."""

    def __init__(self) -> None:
        self.busy: dict[Slot, set[UUID]] = defaultdict(set)
        self.load: Counter[tuple[UUID, int]] = Counter()

    def free(self, slot: Slot, who: set[UUID]) -> bool:
        return self.busy[slot].isdisjoint(who)

    def take(self, slot: Slot, who: set[UUID], audience: UUID) -> None:
        self.busy[slot] |= who
        self.load[audience, slot[0]] += 1


def build(rng: random.Random, today: date, zone: str = "A") -> None:
    """The grid, rooms, lessons and sessions of the current year, in the school in force; alive today."""
    year = SchoolYear.objects.get(is_current=True)
    TimeSlot.objects.bulk_create(TimeSlot(label=label, starts_at=begins, ends_at=ends) for label, begins, ends in GRID)
    _lessons(rng, year)
    _own_days(year, zone)
    generate(year, zone)
    _changes(rng, today)
    _absence(today)
    keep_alive()


def _lessons(rng: random.Random, year: SchoolYear) -> None:
    pupils: dict[UUID, set[UUID]] = defaultdict(set)
    for model, column in ((Enrolment, "division"), (GroupEnrolment, "group")):
        for audience, pupil in model.objects.filter(closed_at=None).values_list(column, "pupil"):
            pupils[audience].add(pupil)
    services: dict[tuple, set[UUID]] = defaultdict(set)
    rows = Teaching.objects.filter(closed_at=None, subject__isnull=False, teacher__closed_at=None)
    for row in rows.select_related("subject", "division", "group").order_by("subject__code", "pk"):
        services[row.subject, row.division or row.group].add(row.teacher_id)
    plain = [Room(name=f"Salle {number}", capacity=32) for number in range(101, 105 + Division.objects.count() // 2)]
    special = {code: [Room(name=f"{name} {number}") for number in (1, 2, 3)] for code, name in ELSEWHERE.items()}
    carts = Room(name="Chariot de tablettes", kind=Room.Kind.EQUIPMENT)
    Room.objects.bulk_create([*plain, *(room for rooms in special.values() for room in rooms), carts])
    week, lessons, teachers, audiences, rooms = _Week(), [], [], [], []
    # Groups first: their pupils come from many classes.
    ordered = sorted(services.items(), key=lambda one: (isinstance(one[0][1], Division), -HOURS.get(one[0][0].code, 2)))
    for (subject, audience), who in ordered:
        hours = HOURS.get(subject.code, 2)
        patterns = [""] * int(hours) + ([rng.choice("AB")] if hours % 1 else [])
        choices = special.get(subject.code, plain)
        offset = rng.randrange(len(choices))
        placed: Counter[int] = Counter()
        for pattern in patterns:
            concerned = pupils[audience.pk] | who
            slot = min(
                (slot for slot in SLOTS if week.free(slot, concerned)),
                key=lambda one: (placed[one[0]], week.load[audience.pk, one[0]], one[1] in (0, 7), rng.random()),
                default=None,
            )
            if slot is None:
                continue
            room = next((one for one in choices[offset:] + choices[:offset] if week.free(slot, {one.pk})), None)
            week.take(slot, concerned | ({room.pk} if room else set()), audience.pk)
            placed[slot[0]] += 1
            _, begins, ends = GRID[slot[1]]
            lesson = RecurringLesson(year=year, subject=subject, weekday=slot[0], starts_at=begins, ends_at=ends,
                                     pattern=pattern)  # fmt: skip
            lessons.append(lesson)
            teachers += [LessonTeacher(lesson=lesson, teacher_id=one) for one in who]
            heard = {"division": audience} if isinstance(audience, Division) else {"group": audience}
            audiences.append(LessonAudience(lesson=lesson, **heard))
            rooms += [LessonRoom(lesson=lesson, room=room)] if room else []
    RecurringLesson.objects.bulk_create(lessons)
    LessonTeacher.objects.bulk_create(teachers)
    LessonAudience.objects.bulk_create(audiences)
    LessonRoom.objects.bulk_create(rooms)


def _own_days(year: SchoolYear, zone: str) -> None:
    """A pedagogical day in autumn, and the Friday after Ascension Thursday."""
    days = taught_days(year, zone).days
    autumn = next((day for day in days if day >= date(year.starts_on.year, 11, 20) and day.isoweekday() == 5), None)
    bridge = next((day for day in days if day.month == 5 and day.isoweekday() == 5
                   and day - timedelta(days=1) not in days), None)  # fmt: skip
    for day, label in ((autumn, "Journée pédagogique"), (bridge, "Pont de l'Ascension")):
        if day:
            CalendarDay.objects.create(day=day, label=label)


def _changes(rng: random.Random, today: date) -> None:
    """Some sessions of these days are cancelled or moved to another room, as in any school."""
    near = list(Session.objects.filter(day__range=(today, today + timedelta(days=4))).order_by("starts_at"))
    for session in rng.sample(near, min(len(near), 8)):
        SessionChange.objects.create(session=session, kind=SessionChange.Kind.CANCELLED,
                                     before={"state": "planned"}, after={"state": "cancelled"},
                                     reason="Enseignant en formation")  # fmt: skip
        Session.objects.filter(pk=session.pk).update(state=Session.State.CANCELLED, is_changed=True, is_kept=True)
        session.session_teachers.update(is_exclusive=False)
        session.room_uses.update(is_exclusive=False)


def _absence(today: date) -> None:
    """A teacher is away for three days: colleagues are asked for some sessions, and one has said yes."""
    near = SessionTeacher.objects.filter(
        day__range=(today + timedelta(days=1), today + timedelta(days=21)), session__state=Session.State.PLANNED
    )
    row = near.select_related("teacher").order_by("day", "-teacher__sort_key").first()
    if row is None:
        return
    starts = timezone.make_aware(datetime.combine(row.day, time(0)))
    absence = TeacherAbsence.objects.create(
        teacher=row.teacher, starts_at=starts, ends_at=starts + timedelta(days=3), reason="Congé de maladie"
    )
    calls = []
    open_ones = [one for one in covering.to_cover(absence) if one.is_open and one.candidates]
    for found in open_ones[:4]:
        calls += [ReplacementCall(session=found.session, colleague=one.teacher) for one in found.candidates[:2]]
    if calls:
        calls[0].state, calls[0].answered_at = ReplacementCall.State.ACCEPTED, timezone.now()
    ReplacementCall.objects.bulk_create(calls)
    Session.objects.filter(pk__in=[one.session_id for one in calls]).update(is_kept=True)


def keep_alive(now: datetime | None = None) -> int:
    """Whatever the hour, there are sessions now: where the calendar has none, some are added, and say what they are.

    Form tutors with their class, then other teachers with a class of theirs. Returns how many were added.
    """
    now = now or timezone.now()
    if Session.objects.filter(starts_at__lte=now, ends_at__gt=now, state=Session.State.PLANNED).exists():
        return 0
    begins = now.astimezone(timezone.get_current_timezone()).replace(minute=0, second=0, microsecond=0)
    ends, day = begins + timedelta(minutes=60), begins.date()
    pairs = list(FormTutor.objects.filter(closed_at=None, teacher__closed_at=None).values_list("teacher", "division"))
    pairs += list(Teaching.objects.filter(closed_at=None, division__isnull=False, teacher__closed_at=None).order_by(
        "division__code", "pk").values_list("teacher", "division"))  # fmt: skip
    seen: set[UUID] = set()
    chosen = []
    for teacher, division in pairs:
        if not {teacher, division} & seen:
            seen |= {teacher, division}
            chosen.append((teacher, division))
    made = [Session(label=DEMONSTRATION, day=day, starts_at=begins, ends_at=ends, is_changed=True, is_kept=True)
            for _ in chosen]  # fmt: skip
    during = TimestamptzRange(begins, ends)
    Session.objects.bulk_create(made)
    SessionTeacher.objects.bulk_create(
        SessionTeacher(session=session, teacher_id=teacher, day=day, during=during, is_exclusive=False)
        for session, (teacher, _) in zip(made, chosen, strict=True)
    )
    SessionAudience.objects.bulk_create(
        SessionAudience(session=session, division_id=division, day=day)
        for session, (_, division) in zip(made, chosen, strict=True)
    )
    SessionChange.objects.bulk_create(
        SessionChange(session=session, kind=SessionChange.Kind.ADDED,
                      reason="Il n'y a pas cours à cette heure-ci : la démonstration reste vivante")
        for session in made
    )  # fmt: skip
    return len(made)
