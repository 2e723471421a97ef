"""Reads of absences, shaped for families, for student life, for statistics."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone

from ent.kernel.counting import count_all
from ent.kernel.prepared import prepared
from ent.school.absences.half_days import Count, day_of, half_day_of, hours, total
from ent.school.absences.models import AbsenceCase, AbsenceNotice, Alert, CaseKind, FollowUp
from ent.school.absences.wording import half_day_words, hour, span_words
from ent.school.attendance.models import Attendance, AttendanceState, Register
from ent.school.people.models import Guardianship
from ent.school.structure.models import Enrolment

LISTED = 60
HIDDEN = "Motif non communiqué"


def since_september() -> date:
    """The first day of the school year at hand."""
    today = timezone.localdate()
    return date(today.year if today.month >= 9 else today.year - 1, 9, 1)


def cases(**filters):
    """Cases that stand, the latest first, with their pupil and reason."""
    return (
        AbsenceCase.objects.filter(removed_at=None, **filters).select_related("pupil", "reason").order_by("-starts_at")
    )


@dataclass(frozen=True)
class Shown:
    """A case as a reader may see it."""

    case: AbsenceCase
    reason: str
    # Why a reason was refused: for the family and for those who read every reason.
    says_why: bool = True

    @property
    def state(self) -> str:
        """Where it stands, in words."""
        if self.case.is_valid:
            return "Réglée"
        if self.case.is_valid is False:
            return f"Motif refusé : {self.case.refusal}" if self.case.refusal and self.says_why else "Motif refusé"
        if self.case.is_settled:
            return "Réglée"
        return "Réponse reçue, en attente de la vie scolaire" if self.case.reason_id else "À justifier"

    @property
    def when(self) -> str:
        """« lundi 23 novembre, de 8 h à 10 h », « du lundi 23 novembre au mardi 24 novembre »."""
        return span_words(self.case.starts_at, self.case.ends_at)

    @property
    def length(self) -> str:
        """« 3 h 05 »."""
        return hours(self.case.minutes)

    @property
    def is_owed(self) -> bool:
        """The family has not answered yet."""
        return not self.case.is_settled and self.case.reason_id is None


def shown(found: Iterable[AbsenceCase], *, health: bool, family: bool = False) -> list[Shown]:
    """Reasons hidden from who may not read them."""
    return [Shown(case, _reason(case, health, family), health or family) for case in found]


def _reason(case: AbsenceCase | AbsenceNotice, health: bool, family: bool) -> str:
    if case.reason is None:
        return ""
    if (case.reason.is_health and not health) or (family and not case.reason.is_published):
        return HIDDEN
    return case.reason.label


def between(first: date, last: date) -> Q:
    """The cases of which some lies between two days, both included."""
    return Q(day__lte=last, ends_at__date__gte=first)


def half_days_of(case: AbsenceCase, first: date, last: date) -> list[str]:
    """Those of its half-days that lie between two days, both included."""
    return [one for one in case.half_days if case.kind == CaseKind.ABSENCE and first <= day_of(one) <= last]


def counted(found: Iterable[AbsenceCase]) -> Count:
    """The three counts of some cases together."""
    return total(Count(tuple(one.half_days), one.share, one.minutes) for one in found if one.kind == CaseKind.ABSENCE)


@dataclass(frozen=True)
class Record:
    """A pupil's absences and lateness of the year."""

    cases: list[Shown]
    notices: list[AbsenceNotice]
    # Half-days of the last thirty days.
    month: int
    year: Count
    latenesses: int

    @property
    def hours(self) -> str:
        return hours(self.year.minutes)


def record_of(pupil: UUID, *, health: bool, family: bool, since: date | None = None) -> Record:
    """Everything of a pupil since the beginning of the year; what families wrote, for who reads every reason. Two
    queries.
    """
    today, since = timezone.localdate(), since or since_september()
    found = list(cases(pupil=pupil, day__gte=since))
    said = AbsenceNotice.objects.filter(pupil=pupil, at__date__gte=since).select_related("reason", "by")
    notices = list(said.order_by("-at")[:LISTED]) if health or family else []
    for one in notices:
        one.shown_reason = _reason(one, health, family)
    month = {half_day for one in found for half_day in half_days_of(one, today - timedelta(days=29), today)}
    return Record(
        shown(found, health=health, family=family),
        notices, len(month),
        counted(found), sum(1 for one in found if one.kind == CaseKind.LATENESS),
    )  # fmt: skip


def owed_by_pupils(pupils: Iterable[UUID]) -> dict[UUID, list[AbsenceCase]]:
    """{pupil: cases to justify, and those of today}. One query."""
    today = timezone.localdate()
    found: dict[UUID, list[AbsenceCase]] = defaultdict(list)
    for case in _owed(list(pupils), today - timedelta(days=40), today):
        found[case.pupil_id].append(case)
    return found


@prepared
def _owed(pupils: list[UUID], since: date, today: date) -> QuerySet[AbsenceCase]:
    waiting = Q(is_settled=False, reason=None) | Q(ends_at__date=today)
    return cases(pupil__in=pupils, ends_at__date__gt=since).filter(waiting)


@dataclass(frozen=True)
class Part:
    """A session or a half-day of a case: what a family may speak of apart."""

    starts_at: datetime
    ends_at: datetime
    begins: str
    ends: str


def parts_of(case: AbsenceCase, midday: time) -> list[Part]:
    """The sessions missed in a day's case, the half-days of a longer one. One query."""
    rows = Attendance.objects.filter(
        pupil=case.pupil_id, state__in=(AttendanceState.ABSENT, AttendanceState.LEFT_EARLY),
        starts_at__lt=case.ends_at, ends_at__gt=case.starts_at,
    ).order_by("starts_at")  # fmt: skip
    spans = [(timezone.localtime(one.starts_at), timezone.localtime(one.ends_at)) for one in rows]
    if timezone.localtime(case.starts_at).date() == timezone.localtime(case.ends_at).date():
        return [Part(starts, ends, hour(starts), hour(ends)) for starts, ends in spans]
    halves: dict[str, list[datetime]] = {}
    for starts, ends in spans:
        there = halves.setdefault(half_day_of(starts, midday), [starts, ends])
        there[1] = max(there[1], ends)
    return [Part(starts, ends, *(half_day_words(one),) * 2) for one, (starts, ends) in halves.items()]


# --- student life ------------------------------------------------------------------------------------------------
def waiting_notices():
    """What families said and nobody answered, the oldest first."""
    waiting = AbsenceNotice.objects.filter(state__in=(AbsenceNotice.State.RECEIVED, AbsenceNotice.State.CERTIFICATE))
    agrees = AbsenceCase.objects.filter(
        pupil=OuterRef("pupil"), removed_at=None, starts_at__lt=OuterRef("ends_at"), ends_at__gt=OuterRef("starts_at")
    )
    return waiting.select_related("pupil", "reason", "by").annotate(has_case=Exists(agrees)).order_by("at")


def matching_notices():
    """Statements that agree with what registers noted, for a reason families may give."""
    found = waiting_notices().filter(state=AbsenceNotice.State.RECEIVED, has_case=True)
    return found.filter(reason__parents_may_choose=True)


def to_call_count() -> int:
    """How many pupils :func:`to_call` lists. One query."""
    today = timezone.localdate()
    found = cases(kind=CaseKind.ABSENCE, reason=None, is_settled=False, ends_at__date=today)
    return found.order_by().values("pupil").distinct().count()


def filtered(found: dict):
    """Cases by what a form asks."""
    asked = cases()
    if found.get("settled"):
        asked = asked.filter(is_settled=found["settled"] == "yes")
    if found.get("valid"):
        asked = asked.filter(is_valid={"none": None, "yes": True, "no": False}[found["valid"]])
    if found.get("kind"):
        asked = asked.filter(kind=found["kind"])
    if found.get("division"):
        mine = Enrolment.objects.filter(pupil=OuterRef("pupil"), division=found["division"], closed_at=None)
        asked = asked.filter(Exists(mine))
    if found.get("since"):
        asked = asked.filter(ends_at__date__gte=found["since"])
    if found.get("until"):
        asked = asked.filter(day__lte=found["until"])
    return asked


@dataclass(frozen=True)
class ToCall:
    """A pupil absent today that nobody explained, with whom to call and what was done."""

    case: AbsenceCase
    half_days: int
    phones: tuple[tuple[str, str], ...]
    follow_ups: tuple[FollowUp, ...]


def to_call(*, phones: bool) -> list[ToCall]:
    """Absent today without any word from the family, first those nobody tried to reach. Four queries."""
    today = timezone.localdate()
    unexplained = cases(kind=CaseKind.ABSENCE, reason=None, is_settled=False, ends_at__date=today)
    done = FollowUp.objects.filter(at__date=today).select_related("by")
    found = list(
        unexplained.prefetch_related(Prefetch("pupil__absence_follow_ups", done, to_attr="done_today"))[:LISTED]
    )
    pupils = {one.pupil_id for one in found}
    if not pupils:
        return []
    half_days: dict[UUID, set[str]] = defaultdict(set)
    unexcused = cases(pupil__in=pupils, kind=CaseKind.ABSENCE, ends_at__date__gt=today - timedelta(days=30))
    for pupil, theirs in unexcused.exclude(is_valid=True).values_list("pupil", "half_days"):
        half_days[pupil] |= set(theirs)
    numbers = phones_of(pupils) if phones else {}
    first: dict[UUID, ToCall] = {}
    for one in reversed(found):
        first.setdefault(one.pupil_id, ToCall(one, len(half_days[one.pupil_id]), tuple(numbers.get(one.pupil_id, ())),
                                              tuple(one.pupil.done_today)))  # fmt: skip
    return sorted(first.values(), key=lambda one: (bool(one.follow_ups), -one.half_days, one.case.pupil.sort_key))


def phones_of(pupils: Iterable[UUID]) -> dict[UUID, list[tuple[str, str]]]:
    """(« Mme Durand (mère) », number) of each guardian of each pupil, in the order to call; "" where none is known.
    One query.
    """
    found: dict[UUID, list[tuple[str, str]]] = defaultdict(list)
    links = Guardianship.objects.filter(
        pupil__in=list(pupils), closed_at=None, legal_rank__gt=0, is_restricted=False, relative__closed_at=None
    ).select_related("relative")
    for link in links.order_by("contact_order", "legal_rank"):
        relative = link.relative
        name = f"{relative.formal_name} ({link.get_kinship_display().lower()})"
        numbers = [one for one in (relative.mobile_phone, relative.home_phone, relative.work_phone) if one]
        found[link.pupil_id] += [(name, number) for number in dict.fromkeys(numbers)] or [(name, "")]
    return found


def due_follow_ups():
    """What was to be done by today to reach families. One query."""
    due = FollowUp.objects.filter(next_on__lte=timezone.localdate(), next_done_at=None)
    return due.select_related("pupil", "by").order_by("next_on", "pupil__sort_key")[:LISTED]


def of_alert(alert: Alert):
    """The cases of the days an alert counted. One query."""
    return cases(pupil=alert.pupil_id).filter(between(alert.from_day, alert.to_day))


def open_alerts():
    """Procedures under way, the latest first."""
    return Alert.objects.filter(closed_at=None).select_related("pupil", "rule", "owner").order_by("-opened_at")


@dataclass(frozen=True)
class Waiting:
    """What waits for student life, counted."""

    notices: int
    cases: int
    alerts: int


def waiting() -> Waiting:
    """Three counts. One query."""
    today = timezone.localdate()
    unsettled = AbsenceCase.objects.filter(removed_at=None, is_settled=False, day__gt=today - timedelta(days=40))
    notices = AbsenceNotice.objects.filter(state=AbsenceNotice.State.RECEIVED)
    return Waiting(**count_all(notices=notices, cases=unsettled, alerts=Alert.objects.filter(closed_at=None)))


# --- statistics --------------------------------------------------------------------------------------------------
WEEKDAYS = ("Lundi", "Mardi", "Mercredi", "Jeudi", "Vendredi", "Samedi", "Dimanche")
BY = {"class": "Classe", "reason": "Motif", "weekday": "Jour", "hour": "Heure", "pupil": "Élève"}


@dataclass(frozen=True)
class Line:
    """One line of a table of statistics."""

    label: str
    half_days: int
    minutes: int
    latenesses: int

    @property
    def hours(self) -> str:
        return hours(self.minutes)


@dataclass
class _Sum:
    """What a line adds up: a half-day missed twice by a pupil is one."""

    half_days: set[tuple[UUID, str]] = field(default_factory=set)
    minutes: int = 0
    latenesses: int = 0


def _weekday(day: date) -> tuple:
    return (day.isoweekday(), WEEKDAYS[day.isoweekday() - 1])


def statistics(by: str, first: date, last: date, *, health: bool) -> list[Line]:
    """Absences and lateness of a time, by class, reason, weekday, hour or pupil. Two queries."""
    found = list(cases().filter(between(first, last)))
    codes = dict(Enrolment.objects.filter(closed_at=None).values_list("pupil", "division__code"))
    groups: dict[tuple, _Sum] = defaultdict(_Sum)
    for case in found:
        missed = half_days_of(case, first, last)
        key = _group(case, by, codes, health)
        one = groups[key]
        if case.kind == CaseKind.LATENESS:
            one.latenesses += 1
            continue
        one.minutes += case.minutes
        for half_day in missed:
            # A case of several days counts each half-day on its own weekday.
            there = groups[_weekday(day_of(half_day))] if by == "weekday" else one
            there.half_days.add((case.pupil_id, half_day))
    lines = [
        Line(key[-1], len(those.half_days), those.minutes, those.latenesses)
        for key, those in sorted(groups.items(), key=lambda one: one[0])
    ]
    if by in ("reason", "pupil"):
        lines.sort(key=lambda one: (-one.half_days, -one.latenesses, one.label))
    return lines


def _group(case: AbsenceCase, by: str, codes: dict, health: bool) -> tuple:
    if by == "reason":
        return (_reason(case, health, False) or "Sans motif",)
    if by == "weekday":
        return _weekday(case.day)
    if by == "hour":
        begins = timezone.localtime(case.starts_at)
        return (begins.hour, f"{begins.hour} h")
    if by == "pupil":
        return (case.pupil.sort_key, case.pupil_id, f"{case.pupil.last_name} {case.pupil.first_name}")
    return (codes.get(case.pupil_id, "Sans classe"),)


LEAST_SHOWN = 5


def masked(lines: list[Line]) -> list[tuple[str, str, str, str]]:
    """The same for a paper that leaves the school: what comes to fewer than five is hidden; where one cell alone of a
    column would be, so is the next smallest, or the total would give it away.
    """
    columns = [_masked([getattr(one, name) for one in lines]) for name in ("half_days", "latenesses")]
    return [
        (one.label, half_days, str(one.minutes) if half_days.isdigit() else "", lates)
        for one, half_days, lates in zip(lines, *columns, strict=True)
    ]


HIDDEN_CELL = f"moins de {LEAST_SHOWN}"


def _masked(counts: list[int]) -> list[str]:
    small = {number for number, count in enumerate(counts) if 0 < count < LEAST_SHOWN}
    words = dict.fromkeys(small, HIDDEN_CELL)
    if len(small) == 1:
        others = [number for number in range(len(counts)) if number not in small and counts[number]]
        words |= dict.fromkeys(sorted(others, key=lambda one: counts[one])[:1], "masqué")
    return [words.get(number, str(count)) for number, count in enumerate(counts)]


def rates(first: date, last: date) -> list[tuple[date, float]]:
    """The share of pupils missing in the registers, day by day, in percent. One query."""
    count, absent = Counter[date](), Counter[date]()
    for day, pupils, away in Register.objects.filter(day__range=(first, last)).values_list(
        "day", "pupil_count", "absent_count"
    ):
        count[day] += pupils
        absent[day] += away
    return [(day, round(100 * absent[day] / count[day], 1)) for day in sorted(count) if count[day]]


def chart(rates: list[tuple[date, float]]) -> dict[str, object]:
    """The bars of a drawing 120 points high, a day every 10 points; whole points, as SVG reads them."""
    most = max((rate for _, rate in rates), default=0)
    bars = [
        {"x": 10 * number, "y": 120 - round(116 * rate / (most or 1)), "height": round(116 * rate / (most or 1)),
         "day": day, "rate": rate}
        for number, (day, rate) in enumerate(rates)
    ]  # fmt: skip
    return {"bars": bars, "width": 10 * max(len(rates), 1), "most": most,
            "first": rates[0][0] if rates else None, "last": rates[-1][0] if rates else None}  # fmt: skip


def document_bytes() -> int:
    """What the documents of families take on disk. One query."""
    kept = [one.document for one in AbsenceNotice.objects.exclude(document="").only("document").iterator()]
    return sum(file.size for file in kept if file.storage.exists(file.name))
