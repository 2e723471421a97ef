"""Reads of absences, shaped for families, for student life, for statistics."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch, Q
from django.utils import timezone

from ent.school.absences.half_days import Count, hours, total
from ent.school.absences.models import AbsenceCase, AbsenceNotice, Alert, CaseKind, FollowUp
from ent.school.attendance.models import Register
from ent.school.people.models import Guardianship
from ent.school.structure.models import Enrolment

LISTED = 60
HIDDEN = "Motif non communiqué"


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
    def is_owed(self) -> bool:
        """The family has not answered yet."""
        return not self.case.is_settled and self.case.reason_id is None


def shown(found: Iterable[AbsenceCase], *, health: bool, family: bool = False) -> list[Shown]:
    """Reasons hidden from who may not read them."""
    return [Shown(case, _reason(case, health, family), health or family) for case in found]


def _reason(case: AbsenceCase, health: bool, family: bool) -> str:
    if case.reason is None:
        return ""
    if (case.reason.is_health and not health) or (family and not case.reason.is_published):
        return HIDDEN
    return case.reason.label


def counted(found: Iterable[AbsenceCase]) -> Count:
    """The three counts of some cases together."""
    return total(Count(tuple(one.half_days), one.share, one.minutes) for one in found if one.kind == CaseKind.ABSENCE)


@dataclass(frozen=True)
class Record:
    """A pupil's absences and lateness of the year."""

    cases: list[Shown]
    notices: list[AbsenceNotice]
    month: Count
    year: Count
    latenesses: int

    @property
    def hours(self) -> str:
        return hours(self.year.minutes)


def record_of(pupil: UUID, *, health: bool, family: bool, since: date | None = None) -> Record:
    """Everything of a pupil since the beginning of the year; what families wrote, for who reads every reason. Two
    queries.
    """
    today = timezone.localdate()
    since = since or date(today.year if today.month >= 9 else today.year - 1, 9, 1)
    found = list(cases(pupil=pupil, day__gte=since))
    notices = AbsenceNotice.objects.filter(pupil=pupil, at__date__gte=since).select_related("reason", "by")
    month = [one for one in found if one.day > today - timedelta(days=30)]
    return Record(
        shown(found, health=health, family=family),
        list(notices.order_by("-at")[:LISTED]) if health or family else [], counted(month),
        counted(found), sum(1 for one in found if one.kind == CaseKind.LATENESS),
    )  # fmt: skip


def owed_by_pupils(pupils: Iterable[UUID]) -> dict[UUID, list[AbsenceCase]]:
    """{pupil: cases to justify, and those of today}. One query."""
    today = timezone.localdate()
    found: dict[UUID, list[AbsenceCase]] = defaultdict(list)
    waiting = Q(is_settled=False, reason=None) | Q(day=today)
    for case in cases(pupil__in=list(pupils), day__gt=today - timedelta(days=40)).filter(waiting):
        found[case.pupil_id].append(case)
    return found


# --- student life ------------------------------------------------------------------------------------------------
def waiting_notices():
    """What families said and nobody answered, the oldest first."""
    waiting = AbsenceNotice.objects.filter(state__in=(AbsenceNotice.State.RECEIVED, AbsenceNotice.State.CERTIFICATE))
    return waiting.select_related("pupil", "reason", "by").order_by("at")


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
        asked = asked.filter(day__gte=found["since"])
    if found.get("until"):
        asked = asked.filter(day__lte=found["until"])
    return asked


@dataclass(frozen=True)
class ToCall:
    """A pupil absent today that nobody explained, with whom to call and what was done."""

    case: AbsenceCase
    phones: tuple[tuple[str, str], ...]
    follow_ups: tuple[FollowUp, ...]


def to_call(*, phones: bool) -> list[ToCall]:
    """Absent today without any word from the family. Three queries."""
    today = timezone.localdate()
    unexplained = cases(day=today, kind=CaseKind.ABSENCE, reason=None, is_settled=False)
    done = FollowUp.objects.filter(at__date=today).select_related("by")
    found = list(
        unexplained.prefetch_related(Prefetch("pupil__absence_follow_ups", done, to_attr="done_today"))[:LISTED]
    )
    numbers: dict[UUID, list[tuple[str, str]]] = defaultdict(list)
    if phones and found:
        links = Guardianship.objects.filter(pupil__in=[one.pupil_id for one in found], closed_at=None, legal_rank__gt=0,
                                            is_restricted=False).select_related("relative")  # fmt: skip
        for link in links.order_by("contact_order"):
            relative = link.relative
            number = relative.mobile_phone or relative.home_phone or relative.work_phone
            numbers[link.pupil_id].append((f"{relative.formal_name} ({link.get_kinship_display().lower()})", number))
    return [ToCall(one, tuple(numbers[one.pupil_id]), tuple(one.pupil.done_today)) for one in found]


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
    """Three counts. Three queries."""
    today = timezone.localdate()
    unsettled = AbsenceCase.objects.filter(removed_at=None, is_settled=False, day__gt=today - timedelta(days=40))
    return Waiting(
        AbsenceNotice.objects.filter(state=AbsenceNotice.State.RECEIVED).count(), unsettled.count(),
        Alert.objects.filter(closed_at=None).count(),
    )  # fmt: skip


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


def statistics(by: str, first: date, last: date, *, health: bool) -> list[Line]:
    """Absences and lateness of a time, by class, reason, weekday, hour or pupil. Two queries."""
    found = list(cases(day__range=(first, last)))
    codes = dict(Enrolment.objects.filter(closed_at=None).values_list("pupil", "division__code"))
    groups: dict[tuple, list[AbsenceCase]] = defaultdict(list)
    for case in found:
        groups[_group(case, by, codes, health)].append(case)
    lines = [
        Line(key[-1], counted(those).gross if by == "pupil" else sum(len(c.half_days) for c in those),
             sum(c.minutes for c in those if c.kind == CaseKind.ABSENCE),
             sum(1 for c in those if c.kind == CaseKind.LATENESS))
        for key, those in sorted(groups.items(), key=lambda one: one[0])
    ]  # fmt: skip
    if by in ("reason", "pupil"):
        lines.sort(key=lambda one: (-one.half_days, -one.latenesses, one.label))
    return lines


def _group(case: AbsenceCase, by: str, codes: dict, health: bool) -> tuple:
    if by == "reason":
        return (_reason(case, health, False) or "Sans motif",)
    if by == "weekday":
        return (case.day.isoweekday(), WEEKDAYS[case.day.isoweekday() - 1])
    if by == "hour":
        begins = timezone.localtime(case.starts_at)
        return (begins.hour, f"{begins.hour} h")
    if by == "pupil":
        return (case.pupil.sort_key, case.pupil_id, f"{case.pupil.last_name} {case.pupil.first_name}")
    return (codes.get(case.pupil_id, "Sans classe"),)


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
