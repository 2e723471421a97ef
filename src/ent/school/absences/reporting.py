"""The file of a pupil for the academy (dossier de l'élève, R131-6 and R131-7): what it says, how it is sent."""

from collections import Counter, defaultdict
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from ent.kernel.audit.models import record
from ent.kernel.letters import drawn_pdf
from ent.kernel.live import announce
from ent.kernel.text import dated
from ent.school.absences import alerts
from ent.school.absences.actions import By
from ent.school.absences.half_days import day_of
from ent.school.absences.models import (
    AbsenceCase,
    AcademyReport,
    Alert,
    AlertStep,
    CaseKind,
    FamilyLetter,
    FollowUp,
)  # fmt: skip
from ent.school.absences.queries import cases, since_september
from ent.school.absences.wording import span_in_full
from ent.school.people.access import parental_ties
from ent.school.structure.models import Enrolment
from tenants.models import School

TEMPLATE = Path(__file__).with_name("report.typ")
HEALTH = "motif de santé"
DEPARTEMENTS = {"03": "de l'Allier", "15": "du Cantal", "43": "de la Haute-Loire", "63": "du Puy-de-Dôme"}


@dataclass
class Month:
    """A month's half-days: without valid reason, with one, not decided yet; and the absences without."""

    label: str
    unexcused: int = 0
    excused: int = 0
    waiting: int = 0
    # « motif de santé : 4 demi-journées ».
    reasons: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        """All half-days of absence of the month."""
        return self.unexcused + self.excused + self.waiting


@dataclass
class Content:
    """What the report says; kept as it is once sent."""

    academy: str
    school: list[str]
    pupil: list[str]
    guardians: list[list[str]]
    threshold: str
    counted: str
    months: list[Month]
    steps: list[str]
    letters: list[str]
    calls: list[str]
    observations: str = ""


def content_of(school: School, alert: Alert) -> Content:
    """What is known today. Six queries."""
    report = _report(alert)
    since = since_september()
    return Content(
        academy=f"Direction des services départementaux de l'éducation nationale {_departement(school)}".strip(),
        school=[school.name, f"UAI {school.uai}", " ".join(filter(None, (school.postal_code, school.town)))],
        pupil=_pupil(alert),
        guardians=_guardians(alert.pupil_id),
        threshold=str(alert.rule),
        counted=f"{alert.counted} demi-journées sans motif valable, du {dated(alert.from_day, 'j F Y')} au "
                f"{dated(alert.to_day, 'j F Y')}",
        months=months_of(list(cases(pupil=alert.pupil_id, kind=CaseKind.ABSENCE, ends_at__date__gte=since)), since),
        steps=[_step(one) for one in alert.steps.select_related("by") if one.done_on],
        letters=_letters(alert.pupil_id, since),
        calls=_calls(alert.pupil_id, since),
        observations=report.observations if report else "",
    )  # fmt: skip


def _report(alert: Alert) -> AcademyReport | None:
    return getattr(alert, "report", None)


def shown(school: School, alert: Alert) -> Content:
    """As it was sent; until then, as it stands."""
    report = _report(alert)
    if report is None or report.content is None:
        return content_of(school, alert)
    kept = dict(report.content)
    return Content(**kept | {"months": [Month(**one) for one in kept["months"]]})


def _departement(school: School) -> str:
    return DEPARTEMENTS.get((school.departement or school.postal_code)[:2], "")


def _pupil(alert: Alert) -> list[str]:
    pupil = alert.pupil
    division = Enrolment.objects.filter(pupil=pupil, closed_at=None).values_list("division__code", flat=True).first()
    lines = [pupil.display_name]
    if pupil.birth_date:
        lines.append(f"Date de naissance : {dated(pupil.birth_date, 'j F Y')}")
    if division:
        lines.append(f"Classe : {division}")
    return lines + pupil.postal_lines[1:]


def _guardians(pupil: UUID) -> list[list[str]]:
    links = parental_ties().filter(pupil=pupil, relative__closed_at=None).select_related("relative")
    return [
        [f"{link.relative.formal_name} ({link.get_kinship_display().lower()})",
         *(link.relative.postal_lines[1:] or ["Adresse inconnue"]),
         *dict.fromkeys(filter(None, (link.relative.mobile_phone, link.relative.home_phone)))]
        for link in links.order_by("legal_rank", "contact_order")
    ]  # fmt: skip


def months_of(found: list[AbsenceCase], since: date) -> list[Month]:
    """Half-days month by month, each once: without valid reason as the thresholds count, else waiting, else excused."""
    kinds: dict[str, tuple[int, str]] = {}
    for case in found:
        rank = _rank(case)
        for half_day in case.half_days:
            if day_of(half_day) >= since:
                kinds[half_day] = max(kinds.get(half_day, (-1, "")), (rank, _reason(case)))
    months: dict[tuple[int, int], Month] = {}
    reasons: dict[tuple[int, int], Counter] = defaultdict(Counter)
    for half_day, (rank, reason) in sorted(kinds.items()):
        day = day_of(half_day)
        month = months.setdefault((day.year, day.month), Month(dated(day, "F Y")))
        name = ("excused", "waiting", "unexcused")[rank]
        setattr(month, name, getattr(month, name) + 1)
        if rank == EXCUSED:
            reasons[day.year, day.month][reason] += 1
    for key, month in months.items():
        month.reasons = [f"{reason} : {_half_days(number)}" for reason, number in reasons[key].most_common()]
    for case in sorted(found, key=lambda one: one.starts_at):
        if _rank(case) != UNEXCUSED:
            continue
        for key in dict.fromkeys((day_of(one).year, day_of(one).month) for one in case.half_days):
            there = sum(1 for one in case.half_days if (day_of(one).year, day_of(one).month) == key)
            if key in months:
                months[key].lines.append(
                    f"{span_in_full(case.starts_at, case.ends_at)} : {_half_days(there)}, {_why(case)}"
                )
    return list(months.values())


EXCUSED, WAITING, UNEXCUSED = 0, 1, 2


def _rank(case: AbsenceCase) -> int:
    if case.is_valid:
        return EXCUSED
    counts = case.is_valid is False or case.reason is None or case.reason.counts_in_alerts
    return UNEXCUSED if counts else WAITING


def _reason(case: AbsenceCase) -> str:
    if case.reason is None:
        return "motif accepté"
    return HEALTH if case.reason.is_health else case.reason.label[:1].lower() + case.reason.label[1:]


def _why(case: AbsenceCase) -> str:
    """Of an absence without valid reason: what the family said, without anything of health."""
    if case.reason is None:
        return "sans motif"
    return f"{_reason(case)}, motif {'refusé' if case.is_valid is False else 'non recevable'}"


def _half_days(number: int) -> str:
    return f"{number} demi-journée{'s' if number > 1 else ''}"


def _step(step: AlertStep) -> str:
    by = f" ({step.by.formal_name})" if step.by else ""
    return f"{dated(step.done_on, 'j F Y')} : {step.get_kind_display()}{by}{f'. {step.note}' if step.note else ''}"


def _letters(pupil: UUID, since: date) -> list[str]:
    written = FamilyLetter.objects.filter(case__pupil=pupil, at__date__gte=since).select_related("recipient")
    lines = {
        (one.batch, one.recipient_id): f"{dated(timezone.localdate(one.at), 'j F Y')} : {one.get_kind_display()}, "
        f"à {one.recipient.formal_name} ({one.get_way_display().lower()})"
        for one in written.order_by("at", "pk")
    }
    return list(lines.values())


def _calls(pupil: UUID, since: date) -> list[str]:
    """Attempts to reach the family; what was noted of them stays in the school."""
    done = FollowUp.objects.filter(pupil=pupil, at__date__gte=since).exclude(
        act__in=(FollowUp.Act.LETTER, FollowUp.Act.MESSAGE)
    )
    return [
        f"{dated(timezone.localdate(one.at), 'j F Y')} : {one.get_act_display()}" for one in done.order_by("at", "pk")
    ]


@transaction.atomic
def write(alert: Alert, observations: str, by: By) -> None:
    """The head's words of the report, until it is sent."""
    report, _ = AcademyReport.objects.get_or_create(alert=alert)
    if report.sent_on is None:
        report.observations, report.written_by_id, report.written_at = observations, by.person_id, timezone.now()
        report.save()


@transaction.atomic
def send(school: School, alert: Alert, sent_on: date, way: str, by: By) -> bool:
    """It left: what it said is kept, and the step is taken. Once."""
    report, _ = AcademyReport.objects.select_for_update().get_or_create(alert=alert)
    if report.sent_on:
        return False
    alert.report = report
    report.content, report.sent_on, report.way = asdict(content_of(school, alert)), sent_on, way
    report.sent_by_id = by.person_id
    report.save()
    alerts.do_step(alert, AlertStep.Kind.REPORT, sent_on, report.get_way_display(), by.person_id)
    record("absences.report", account_id=by.account_id, object_id=alert.pk)
    return True


@transaction.atomic
def acknowledge(report: AcademyReport, on: date, answer: str, by: By) -> None:
    """The academy has received it, and says what it does."""
    report.acknowledged_on, report.answer = on, answer
    report.save(update_fields=["acknowledged_on", "answer"])
    record("absences.report_received", account_id=by.account_id, object_id=report.alert_id)
    announce(alerts.TOPIC)


def pdf(school: School, alert: Alert) -> bytes:
    """The report on paper, to be signed; « projet » until it is sent."""
    report = _report(alert)
    found = shown(school, alert)
    data = asdict(found) | {
        "town": school.town, "is_draft": report is None or report.sent_on is None,
        "date": dated((report.sent_on if report and report.sent_on else None) or timezone.localdate(), "j F Y"),
        "totals": [str(one.total) for one in found.months],
    }  # fmt: skip
    return drawn_pdf(TEMPLATE, data)
