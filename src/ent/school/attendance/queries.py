"""Reads of registers, shaped for the register's page, the board and the home pages."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Case, CharField, Count, DateTimeField, F, QuerySet, Value, When
from django.utils import timezone

from ent.kernel.access import Acting
from ent.kernel.counting import count_all
from ent.kernel.text import hour
from ent.school.attendance.exits import Leave, hours_of, leave, with_schemes
from ent.school.attendance.forms import choice_of
from ent.school.attendance.known import known
from ent.school.attendance.models import (
    Attendance,
    AttendanceEvent,
    AttendanceState,
    Outing,
    OutingPupil,
    Passage,
    Register,
    ServicePresence,
    ServiceRegister,
)
from ent.school.attendance.reminders import reminders
from ent.school.people.models import Person, Profile, Pupil
from ent.school.structure.models import Enrolment
from ent.school.structure.queries import class_codes
from ent.school.timetable.access import pupils_of_session
from ent.school.timetable.models import Session
from ent.school.timetable.queries import detailed, session_pupils, sessions_of_teacher

State = AttendanceState
LATE_AFTER_MINUTES = 10
# A list of more pupils than this opens class by class.
FOLDED_ABOVE = 60
# Who came to study or to the canteen is held to be there that long.
SERVED_FOR = timedelta(hours=1)
# Of what gathers many pupils elsewhere than in class, what stays within the walls.
INDOORS = (Outing.Kind.EXAM, Outing.Kind.CLOSURE)
# What the day strip draws for each state, and says.
SIGNS = {State.ABSENT: "A", State.LATE: "R", State.LEFT_EARLY: "P", State.ELSEWHERE: "I", State.EXEMPT: "D"}


@dataclass(frozen=True)
class Hour:
    """One of a pupil's other hours of the day."""

    sign: str
    words: str


@dataclass(frozen=True)
class Line:
    """A pupil on the sheet, marked as they are or as they are expected."""

    pupil: Person
    state: str
    minutes: int
    note: str
    known: str
    strip: tuple[Hour, ...]
    conflict: tuple[str, str] | None = None
    # Sent out of this session by its teacher.
    removal: Passage | None = None

    @property
    def is_unusual(self) -> bool:
        """Neither present, absent nor late: the other choices are shown open."""
        return self.state not in (State.PRESENT, State.ABSENT, State.LATE)

    @property
    def choice(self) -> str:
        """The one choice of the sheet that says how they are."""
        return choice_of(self.state, self.note)


@dataclass(frozen=True)
class Sheet:
    """The register of a session."""

    session: Session
    register: Register | None
    lines: tuple[Line, ...]
    minutes_late: int

    @property
    def present_count(self) -> int:
        """Those who are there or were late."""
        return sum(1 for line in self.lines if line.state not in (State.ABSENT, State.ELSEWHERE))

    @property
    def has_conflict(self) -> bool:
        return any(line.conflict for line in self.lines)

    @property
    def unexplained(self) -> list[Line]:
        """Those sent out of this session without a word of why yet."""
        return [line for line in self.lines if line.removal and not line.removal.told_at]


def sheet(session: Session) -> Sheet:
    """A session's register: as taken, else as expected. Seven queries."""
    pupils = list(with_schemes(pupils_of_session(session), session.day))
    register = Register.objects.filter(session=session).select_related("taken_by").first()
    today = Attendance.objects.filter(pupil__in=pupils, day=session.day).exclude(session=session, state=State.PRESENT)
    mine: dict[UUID, Attendance] = {}
    others: dict[UUID, list[Attendance]] = defaultdict(list)
    for one in today.select_related("recorded_by", "session__subject").order_by("starts_at"):
        if one.session_id == session.pk:
            mine[one.pupil_id] = one
        elif one.state != State.PRESENT:
            others[one.pupil_id].append(one)
    expected = {} if register else known(session, [pupil.pk for pupil in pupils])
    conflicts = register.open_conflicts if register else {}
    out = removals_of(pupils, session.day)
    lines = tuple(
        _line(
            pupil, mine.get(pupil.pk), others[pupil.pk], expected.get(pupil.pk), conflicts.get(str(pupil.pk)), session,
            out,
        )
        for pupil in pupils
    )  # fmt: skip
    since = (timezone.now() - session.starts_at).total_seconds() // 60
    length = (session.ends_at - session.starts_at).total_seconds() // 60
    return Sheet(session, register, lines, int(min(max(since, 1), length)))


def removals_of(pupils, day: date) -> dict[tuple[UUID, UUID], Passage]:
    """{(pupil, session): the removal} of some pupils on a day. One query."""
    sent = Passage.objects.filter(pupil__in=pupils, is_removal=True, sent_at__date=day).order_by("sent_at")
    return {(one.pupil_id, one.session_id): one for one in sent if one.session_id}


def _line(pupil, mine, others, expected, conflict, session, out) -> Line:
    strip = tuple(_hour(one, out.get((pupil.pk, one.session_id))) for one in others)
    words = expected[1] if expected else ""
    if not words and others and others[-1].state == State.ABSENT and others[-1].ends_at <= session.starts_at:
        words = "Absent à l'heure d'avant"
    state, minutes, note = State.PRESENT, 0, ""
    if mine:
        state, minutes, note = mine.state, mine.minutes, mine.note
    elif expected:
        state, note = expected[0], expected[1] if expected[0] == State.ELSEWHERE else ""
    told = tuple(str(State(one).label) for one in conflict) if conflict else None
    return Line(pupil, str(state), minutes, note, words, strip, told, out.get((pupil.pk, session.pk)))


def _hour(one: Attendance, removal: Passage | None) -> Hour:
    if removal:
        starts = hour(one.starts_at)
        return Hour("E", f"{one.session.title} {starts} : exclu du cours, {removal.steps}")
    return Hour(SIGNS[State(one.state)], _words_of(one))


def _words_of(one: Attendance) -> str:
    """« Maths 10 h 05 : absent, noté par M. Roy »."""
    by = f", noté par {one.recorded_by.formal_name}" if one.recorded_by else ""
    return f"{one.session.title} {timezone.localtime(one.starts_at):%-H h %M} : {State(one.state).label.lower()}{by}"


def history(session: Session) -> list[AttendanceEvent]:
    """What was said of each pupil in a session, in order: nothing is erased. One query."""
    said = AttendanceEvent.objects.filter(session=session).select_related("by", "pupil")
    return list(said.order_by("pupil__sort_key", "at"))


# --- a teacher's day ---------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Sitting:
    """A session of a teacher's day with the state of its register."""

    session: Session
    register: Register | None
    # « now », « next », « done » or « later ».
    place: str

    @property
    def is_owed(self) -> bool:
        """Its register is open and not taken."""
        return self.register is None and not self.session.is_cancelled and self.session.starts_at <= timezone.now()


def day_of(acting: Acting, day: date) -> list[Sitting]:
    """A teacher's sessions of a day, each with its register. Two queries."""
    sessions = sessions_of_teacher(acting.person_id, day, day)
    registers = {one.session_id: one for one in Register.objects.filter(session__in=sessions)} if sessions else {}
    now, found, has_next = timezone.now(), [], False
    for one in sessions:
        if one.is_now:
            place = "now"
        elif one.ends_at <= now:
            place = "done"
        elif one.is_cancelled or has_next:
            place = "later"
        else:
            place, has_next = "next", True
        found.append(Sitting(one, registers.get(one.pk), place))
    return found


# --- the board ---------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Missing:
    """A session under way whose register is not taken."""

    session: Session
    minutes: int
    # When its teachers were last reminded.
    reminded_at: datetime | None = None

    @property
    def is_late(self) -> bool:
        return self.minutes >= LATE_AFTER_MINUTES


@dataclass(frozen=True)
class Away:
    """A pupil noted absent now or today."""

    pupil: Person
    division: str
    since: datetime
    sessions: int
    known: str = ""


@dataclass(frozen=True)
class Board:
    """What student life watches."""

    at: datetime
    under_way: int
    taken: int
    missing: tuple[Missing, ...]
    absent: tuple[Away, ...]
    late: tuple[Attendance, ...]
    passages: tuple[Passage, ...]
    # Noted absent at an earlier hour, without any roll since that says otherwise.
    earlier: int = 0


def board(now: datetime | None = None) -> Board:
    """The moment: registers of the sessions under way, who is absent, late, on the way. Eight queries."""
    now = now or timezone.now()
    day = timezone.localdate(now)
    running = Session.objects.filter(starts_at__lte=now, ends_at__gt=now, state=Session.State.PLANNED, day=day)
    sessions = list(detailed(running).order_by("starts_at", "pk"))
    taken = set(Register.objects.filter(session__in=sessions).values_list("session", flat=True)) if sessions else set()
    owed = [one for one in sessions if one.pk not in taken]
    asked = reminders(owed) if owed else {}
    missing = tuple(Missing(one, int((now - one.starts_at).total_seconds() // 60), asked.get(one.pk)) for one in owed)
    marked = Attendance.objects.filter(day=day, state__in=(State.ABSENT, State.LATE), pupil__closed_at=None)
    by_pupil: dict[UUID, list[Attendance]] = defaultdict(list)
    for one in marked.select_related("pupil", "session__subject").order_by("starts_at"):
        by_pupil[one.pupil_id].append(one)
    codes = codes_of(by_pupil)
    absent, late, earlier = [], [], []
    for pupil, rows in by_pupil.items():
        last = rows[-1]
        if last.state == State.ABSENT and last.ends_at > now:
            count = sum(1 for one in rows if one.state == State.ABSENT)
            since = next(one for one in rows if one.state == State.ABSENT).starts_at
            absent.append(Away(last.pupil, codes.get(pupil, ""), since, count))
        elif last.state == State.LATE and last.ends_at > now:
            late.append(last)
        elif last.state == State.ABSENT:
            earlier.append(last)
    passages = Passage.objects.of_day(day).filter(left_at=None).order_by("sent_at")
    passages = passages.select_related("pupil", "sent_by", "companion", "session__subject")
    absent.sort(key=lambda one: (one.since, one.pupil.sort_key))
    return Board(
        now, len(sessions), len(taken), missing, tuple(absent), tuple(late), tuple(passages),
        len(_unseen_since(earlier, day, now)),
    )  # fmt: skip


def _unseen_since(marks: list[Attendance], day: date, now: datetime) -> list[Attendance]:
    """Of some marks of a day, those after which no roll of the pupil was taken. Two queries."""
    if not marks:
        return []
    rolls = dict(Register.objects.filter(day=day, session__starts_at__lte=now).values_list(
        "session", "session__starts_at"))  # fmt: skip
    last: dict[UUID, datetime] = {}
    for session, pupil, _ in session_pupils([one.pupil_id for one in marks], day, day):
        if session in rolls:
            last[pupil] = max(last.get(pupil, rolls[session]), rolls[session])
    return [one for one in marks if last.get(one.pupil_id, one.starts_at) <= one.starts_at]


def unseen_since(pupils, day: date, now: datetime) -> set[UUID]:
    """Of some pupils, those noted absent from a lesson whom no roll has seen since. Three queries."""
    marks = Attendance.objects.filter(pupil__in=list(pupils), day=day, starts_at__lte=now).order_by("starts_at")
    last = {one.pupil_id: one for one in marks}
    absent = [one for one in last.values() if one.state == State.ABSENT]
    return {one.pupil_id for one in _unseen_since(absent, day, now)}


@dataclass(frozen=True)
class Moment:
    """The board, counted."""

    under_way: int
    taken: int
    absent: int
    passages: int


def moment(now: datetime | None = None) -> Moment:
    """How many registers are taken of those under way, and who is missing now, counted. Two queries."""
    now = now or timezone.now()
    day = timezone.localdate(now)
    running = Session.objects.filter(starts_at__lte=now, ends_at__gt=now, state=Session.State.PLANNED, day=day)
    registers = running.aggregate(under_way=Count("pk"), taken=Count("register"))
    absent = Attendance.objects.filter(day=day, state=State.ABSENT, starts_at__lte=now, ends_at__gt=now)
    passages = Passage.objects.of_day(day).filter(left_at=None)
    return Moment(**registers, **count_all(absent=absent.values("pupil"), passages=passages))


def codes_of(pupils) -> dict[UUID, str]:
    """{pupil: code of the class}. One query."""
    rows = Enrolment.objects.filter(pupil__in=list(pupils), closed_at=None).order_by("division__code")
    return dict(rows.values_list("pupil", "division__code"))


# --- where everyone is -------------------------------------------------------------------------------------------
# The kinds of places, as the page names them.
KINDS = {
    "lesson": "En cours", "absent": "Absents", "passage": "Hors de classe", "free": "Sans cours",
    "out": "Autorisés à sortir", "away": "En sortie",
}  # fmt: skip


@dataclass(frozen=True)
class Whereabouts:
    """Where a pupil is at this moment, as far as the school knows, and whether they may leave."""

    pupil: Person
    division: str
    place: str
    kind: str
    scheme: str
    leave: Leave

    @property
    def is_inside(self) -> bool:
        """Whether they are to be looked for in the buildings."""
        return self.kind not in ("absent", "out", "away")


def whereabouts(now: datetime | None = None, among: QuerySet[Person] | None = None) -> list[Whereabouts]:
    """Each pupil (of some) now: in lesson, absent, elsewhere, allowed out, or without lesson. Seven queries."""
    now = now or timezone.now()
    day = timezone.localdate(now)
    people = Person.objects.filter(profile=Profile.PUPIL, closed_at=None) if among is None else among
    pupils = list(with_schemes(people, day).annotate(codes=class_codes()))
    ids = [pupil.pk for pupil in pupils]
    sessions = {one.pk: one for one in detailed(Session.objects.filter(day=day)).order_by("starts_at", "pk")}
    hours = hours_of((one for one in sessions.values() if not one.is_cancelled), day)
    days: dict[UUID, list[Session]] = defaultdict(list)
    for key, who, _ in session_pupils(ids, day, day):
        if key in sessions:
            days[who].append(sessions[key])
    running = [one.pk for one in sessions.values() if not one.is_cancelled and one.starts_at <= now < one.ends_at]
    taken = set(Register.objects.filter(day=day, session__starts_at__lte=now).values_list("session", flat=True))
    noted = Attendance.objects.filter(day=day, starts_at__lte=now, pupil__in=ids).order_by("starts_at")
    marks = {one.pupil_id: one for one in noted}
    apart = _apart(now)
    served = _served(now)
    found = []
    for pupil in pupils:
        mine = sorted(days[pupil.pk], key=lambda one: (one.starts_at, one.pk))
        session = next((one for one in mine if one.pk in running), None)
        may = leave(pupil, mine, hours, now)
        mark = marks.get(pupil.pk)
        if mark and any(one.pk in taken and one.starts_at > mark.starts_at for one in mine):
            mark = None  # since then, a roll says they are there
        away = apart.get(pupil.pk)
        if away and away.sent_at and any(one.pk in taken and one.starts_at > away.sent_at for one in mine):
            away = None  # never received where they were sent: a roll since knows better
        place, kind = (away.place, away.kind) if away else _place(session, mark, served.get(pupil.pk, ""), may, now)
        found.append(Whereabouts(pupil, ", ".join(pupil.codes), place, kind, pupil.exit_scheme or "", may))
    return sorted(found, key=lambda one: (one.division, one.pupil.sort_key))


def _place(session, mark: Attendance | None, served: str, may: Leave, now: datetime) -> tuple[str, str]:
    """(where, which kind of place)."""
    if served and not session:
        return served, "free"
    if mark and mark.state == State.ABSENT:
        return f"Absent, noté à {hour(mark.starts_at)}", "absent"
    if mark and mark.state == State.ELSEWHERE and mark.ends_at > now:
        return mark.note or "Ailleurs", "passage"
    if session:
        rooms = ", ".join(session.room_names)
        return f"{session.title}{f' · {rooms}' if rooms else ''}", "lesson"
    return ("Sans cours, autorisé à sortir", "out") if may.allowed else ("Sans cours", "free")


@dataclass(frozen=True)
class Apart:
    """Where a pupil is out of class, and when they were sent there, while nobody received them."""

    place: str
    kind: str
    sent_at: datetime | None = None


def _apart(now: datetime) -> dict[UUID, Apart]:
    """{pupil: where} of those in an office or the infirmary or on their way there, or out with a group. One query."""
    words = {"output_field": CharField()}
    inside = Passage.objects.of_day(timezone.localdate(now)).filter(left_at=None)
    state = Case(When(received_at=None, then=Value("sent")), default=Value("passage"), **words)
    out = OutingPupil.objects.filter(stays=False, outing__closed_at=None, outing__starts_at__lte=now,
                                     outing__ends_at__gt=now).exclude(outing__kind__in=INDOORS)  # fmt: skip
    never = Value(None, output_field=DateTimeField())
    rows = out.values_list("pupil", Value("away", **words), F("outing__title"), never).union(
        inside.order_by().values_list("pupil", state, F("place"), F("sent_at")), all=True
    )
    found: dict[UUID, Apart] = {}
    for pupil, kind, place, sent_at in rows:
        if kind == "away":
            found[pupil] = Apart(place, kind)
        elif kind == "passage":
            found[pupil] = Apart(str(Passage.Place(place).label), kind)
        elif pupil not in found:
            found[pupil] = Apart(f"{Passage.Place(place).label}, pas encore arrivé", "passage", sent_at)
    return found


def _served(now: datetime) -> dict[UUID, str]:
    """{pupil: « Permanence », « Cantine »} of those noted present there within the last hour. One query."""
    there = ServicePresence.objects.filter(
        is_present=True, register__day=timezone.localdate(now), register__taken_at__gt=now - SERVED_FOR,
        register__taken_at__lte=now,
    ).order_by("register__taken_at")  # fmt: skip
    return {pupil: str(ServiceRegister.Service(service).label) for pupil, service in there.values_list(
        "pupil", "register__service")}  # fmt: skip


def rate_of(day: date) -> int | None:
    """The share of pupils present in the registers of a day, in percent; None before any. One query."""
    rows = Register.objects.filter(day=day).values_list("pupil_count", "absent_count")
    total = Counter[str]()
    for count, absent in rows:
        total["count"] += count
        total["absent"] += absent
    return round(100 * (total["count"] - total["absent"]) / total["count"]) if total["count"] else None


def half_boarders():
    """Pupils expected at the canteen (half-boarders and boarders), by name."""
    schemes = Pupil.objects.filter(boarding_scheme__in=("half_board", "boarder"))
    return Person.objects.filter(pk__in=schemes.values("person"), closed_at=None).order_by("sort_key", "pk")


def boarders():
    """Pupils expected at the boarding house, by name."""
    schemes = Pupil.objects.filter(boarding_scheme="boarder")
    return Person.objects.filter(pk__in=schemes.values("person"), closed_at=None).order_by("sort_key", "pk")
