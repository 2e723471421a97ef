"""Reads of absences, shaped for families, for student life, for statistics."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Exists, F, Min, OuterRef, Prefetch, Q, QuerySet, Sum
from django.utils import timezone

from ent.kernel.counting import count_all
from ent.kernel.prepared import prepared
from ent.kernel.text import hour
from ent.school.absences.half_days import Count, day_of, half_day_of, hours, total
from ent.school.absences.models import AbsenceCase, AbsenceNotice, Alert, AlertRule, AlertStep, CaseKind, FollowUp
from ent.school.absences.wording import day_words, half_day_words, span_words
from ent.school.attendance.models import Attendance, AttendanceState
from ent.school.people.access import parental_ties
from ent.school.structure.models import Enrolment, school_start

LISTED = 60
HIDDEN = "Motif non communiqué"


def since_september() -> date:
    """The first day of the school year at hand."""
    return school_start(timezone.localdate())


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
    return [Shown(case, reason_of(case, health, family), health or family) for case in found]


def reason_of(case: AbsenceCase | AbsenceNotice, health: bool, family: bool = False) -> str:
    """Its reason, as far as a reader may know it."""
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
        one.shown_reason = reason_of(one, health, family)
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
    if found.get("pupil"):
        asked = asked.filter(pupil=found["pupil"])
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

    @property
    def since(self) -> str:
        """« 8 h 55 », « hier, 8 h »."""
        starts = timezone.localtime(self.case.starts_at)
        is_today = starts.date() == timezone.localdate()
        return hour(starts) if is_today else f"{day_words(starts.date())}, {hour(starts)}"

    @property
    def numbers(self) -> list[tuple[str, list[str]]]:
        """The numbers of each guardian, together."""
        found: dict[str, list[str]] = {}
        for name, number in self.phones:
            found.setdefault(name, []).extend([number] if number else [])
        return list(found.items())


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
    ties = parental_ties().filter(pupil__in=list(pupils), relative__closed_at=None)
    links = ties.select_related("relative")
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
    kind = CaseKind.LATENESS if alert.rule.kind == AlertRule.Kind.LATENESSES else CaseKind.ABSENCE
    return cases(pupil=alert.pupil_id, kind=kind).filter(between(alert.from_day, alert.to_day))


ALERTS = {"open": "En cours", "mine": "Ce qui me revient", "late": "En retard", "closed": "Closes"}


def alerts_of(which: str, person: UUID | None):
    """Procedures, those whose next step is due first; each with `next_steps`. Two queries."""
    todo = AlertStep.objects.filter(done_on=None)
    found = Alert.objects.select_related("pupil", "rule", "owner", "report").prefetch_related(
        Prefetch("steps", todo.select_related("owner").order_by("due_on", "at"), to_attr="next_steps")
    )
    if which == "closed":
        return found.filter(closed_at__isnull=False).order_by("-closed_at")
    found = found.filter(closed_at=None)
    mine = todo.filter(alert=OuterRef("pk"))
    if which == "mine":
        found = found.filter(Q(owner=person) | Exists(mine.filter(owner=person)))
    if which == "late":
        found = found.filter(Exists(mine.filter(due_on__lt=timezone.localdate())))
    return found.annotate(due=Min("steps__due_on", filter=Q(steps__done_on=None))).order_by(
        F("due").asc(nulls_last=True), "-opened_at"
    )


@dataclass(frozen=True)
class Waiting:
    """What waits for student life, counted."""

    notices: int
    cases: int
    alerts: int
    late_steps: int


def waiting() -> Waiting:
    """Four counts. One query."""
    today = timezone.localdate()
    unsettled = AbsenceCase.objects.filter(removed_at=None, is_settled=False)
    notices = AbsenceNotice.objects.filter(state=AbsenceNotice.State.RECEIVED)
    late = AlertStep.objects.filter(done_on=None, due_on__lt=today, alert__closed_at=None)
    return Waiting(**count_all(notices=notices, cases=unsettled, alerts=Alert.objects.filter(closed_at=None),
                               late_steps=late))  # fmt: skip


def document_bytes() -> int:
    """What the documents of families take on disk. One query."""
    return AbsenceNotice.objects.aggregate(total=Sum("document_size"))["total"] or 0
