"""Thresholds: who passed one is put in the hands of someone named, with the steps to take, by whom, by when."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from ent.kernel.live import announce
from ent.kernel.text import dated, of
from ent.school.absences.half_days import day_of
from ent.school.absences.models import AbsenceCase, Alert, AlertRule, AlertStep, CaseKind
from ent.school.absences.procedure import SCHOOL_FUNCTIONS, planned_steps
from ent.school.notifications.actions import tell
from ent.school.notifications.models import Kind
from ent.school.people.models import Function, Person, StaffFunction

TOPIC = "absences"
# Code de l'éducation, L131-8 and R131-7: four half-days in a month, then ten.
DEFAULTS = (
    (AlertRule.Kind.HALF_DAYS, 4, 30, Function.SCHOOL_HEAD, True),
    (AlertRule.Kind.HALF_DAYS, 10, 30, Function.SCHOOL_HEAD, True),
    (AlertRule.Kind.LATENESSES, 5, 30, Function.CPE, False),
)


def rules() -> list[AlertRule]:
    """The rules in force; a school that never had any starts with those of the law, and one for late arrivals."""
    found = list(AlertRule.objects.filter(closed_at=None))
    if not found and not AlertRule.objects.exists():
        AlertRule.objects.bulk_create(
            [AlertRule(kind=kind, count=count, window_days=days, owner_function=owner, is_legal=legal)
             for kind, count, days, owner, legal in DEFAULTS], ignore_conflicts=True,
        )  # fmt: skip
        found = list(AlertRule.objects.filter(closed_at=None))
    return found


@transaction.atomic
def add_rule(rule: AlertRule) -> None:
    """One more threshold, checked at once. Those of the law stay beside it."""
    rules()
    rule.save()
    check()


@transaction.atomic
def close_rule(rule: AlertRule) -> bool:
    """No longer checked; one of the law always is."""
    if rule.is_legal:
        return False
    AlertRule.objects.filter(pk=rule.pk).update(closed_at=timezone.now())
    return True


def counting(rule_kind: str) -> Q:
    """The cases a rule counts. An absence of today may still be explained: it counts from tomorrow on."""
    unexcused = Q(is_valid=None) & (Q(reason=None) | Q(reason__counts_in_alerts=True))
    kind = CaseKind.LATENESS if rule_kind == AlertRule.Kind.LATENESSES else CaseKind.ABSENCE
    return Q(removed_at=None, kind=kind) & (Q(is_valid=False) | unexcused)


@transaction.atomic
def check(pupils: Iterable[UUID] | None = None, today: date | None = None) -> list[Alert]:
    """Open an alert for whoever passed a threshold, once per rule and time. A constant number of queries."""
    today = today or timezone.localdate()
    in_force = rules()
    if not in_force:
        return []
    widest = today - timedelta(days=max(rule.window_days for rule in in_force))
    cases = AbsenceCase.objects.filter(
        counting(AlertRule.Kind.HALF_DAYS) | counting(AlertRule.Kind.LATENESSES), ends_at__date__gt=widest,
        day__lt=today,
        pupil__closed_at=None,
    ).only("pupil", "day", "kind", "half_days")  # fmt: skip
    past = Alert.objects.filter(Q(closed_at=None) | Q(to_day__gt=widest))
    if pupils is not None:
        ids = list(pupils)
        cases, past = cases.filter(pupil__in=ids), past.filter(pupil__in=ids)
    by_pupil: dict[UUID, list[AbsenceCase]] = defaultdict(list)
    for case in cases:
        by_pupil[case.pupil_id].append(case)
    if not by_pupil:
        return []
    last: dict[tuple[UUID, UUID], Alert] = {}
    for alert in past.order_by("opened_at"):
        last[alert.pupil_id, alert.rule_id] = alert
    opened = []
    for pupil, theirs in by_pupil.items():
        for rule in in_force:
            before = last.get((pupil, rule.pk))
            if before and before.closed_at is None:
                continue
            since = max(today - timedelta(days=rule.window_days), before.to_day if before else date.min)
            counted, days = _count(rule, theirs, since, today)
            if counted >= rule.count:
                opened.append(Alert(pupil_id=pupil, rule=rule, counted=counted, from_day=days[0], to_day=days[-1]))
    return _open(opened, today)


def _count(rule: AlertRule, cases: list[AbsenceCase], since: date, today: date) -> tuple[int, list[date]]:
    """How many of what the rule counts between the two days (neither of them), and the days."""
    if rule.kind == AlertRule.Kind.LATENESSES:
        lates = sorted(one.day for one in cases if one.kind == CaseKind.LATENESS and since < one.day < today)
        return len(lates), lates
    missed = {half_day for one in cases if one.kind == CaseKind.ABSENCE for half_day in one.half_days}
    days = sorted(day for day in map(day_of, missed) if since < day < today)
    return len(days), days


def _open(opened: list[Alert], today: date) -> list[Alert]:
    """Each with its owner and its steps; who is to do something is told, once for all of them."""
    if not opened:
        return []
    holders: dict[str, Person] = {}
    held = StaffFunction.objects.filter(closed_at=None, person__closed_at=None).filter(
        function__in={one.rule.owner_function for one in opened} | SCHOOL_FUNCTIONS
    )
    for row in held.select_related("person").order_by("-person__sort_key"):
        holders[row.function] = row.person
    names = dict(Person.objects.filter(pk__in=[one.pupil_id for one in opened]).values_list("pk", "sort_key"))
    for alert in sorted(opened, key=lambda one: names[one.pupil_id]):
        alert.owner = holders.get(alert.rule.owner_function)
    Alert.objects.bulk_create(opened)
    steps = [step for alert in opened for step in planned_steps(alert, holders, today)]
    AlertStep.objects.bulk_create(steps)
    told: dict[UUID, set[UUID]] = defaultdict(set)
    for owner, alert_id in [
        *((one.owner_id, one.pk) for one in opened),
        *((one.owner_id, one.alert_id) for one in steps),
    ]:
        if owner:
            told[owner].add(alert_id)
    for owner, those in told.items():
        words = "1 élève a passé un seuil d’absences" if len(those) == 1 else f"{len(those)} seuils d’absences passés"
        tell(
            [owner],
            Kind.WORK,
            words,
            text="Des étapes vous sont confiées, avec leur date.",
            path=_path("absences:alerts"),
        )
    announce(TOPIC)
    return opened


def _path(name: str, *args: UUID) -> str:
    return reverse(name, args=args, urlconf="ent.config.urls_school")


@transaction.atomic
def plan_step(alert: Alert, kind: str, owner: Person | None, due_on: date, by: UUID | None) -> AlertStep:
    """A step to be taken, by someone, by a day; one of that kind still to do is changed. Its owner is told."""
    step, _ = AlertStep.objects.update_or_create(
        alert=alert, kind=kind, done_on=None,
        defaults={"owner": owner, "due_on": due_on, "by_id": by, "reminded_at": None},
    )  # fmt: skip
    if owner and owner.pk != by:
        tell([owner], Kind.WORK, f"{alert.pupil} : {step.get_kind_display().lower()}",
             text=f"Cette étape vous est confiée, pour le {dated(due_on)}.", path=_path("absences:alert", alert.pk),
             pupil=alert.pupil)  # fmt: skip
    announce(TOPIC)
    return step


@transaction.atomic
def do_step(alert: Alert, kind: str, done_on: date, note: str, by: UUID | None) -> AlertStep:
    """A step was taken: the one to be done, else one that nobody had planned."""
    values = {"done_on": done_on, "note": note, "by_id": by, "at": timezone.now()}
    step = AlertStep.objects.filter(alert=alert, kind=kind, done_on=None).first() or AlertStep(alert=alert, kind=kind)
    for name, value in values.items():
        setattr(step, name, value)
    step.save()
    announce(TOPIC)
    return step


@transaction.atomic
def entrust(alert: Alert, owner: Person, by: UUID | None) -> None:
    """Put a procedure in someone's hands, who is told; the steps that the former owner had still to take follow."""
    former, alert.owner = alert.owner_id, owner
    alert.save(update_fields=["owner"])
    alert.steps.filter(done_on=None, owner=former).update(owner=owner)
    if owner.pk not in (former, by):
        tell([owner], Kind.WORK, f"L’absentéisme {of(str(alert.pupil))} vous est confié",
             path=_path("absences:alert", alert.pk), pupil=alert.pupil)  # fmt: skip
    announce(TOPIC)


@transaction.atomic
def remind_due(today: date | None = None) -> int:
    """Steps of today or before, not taken: their owner is told, once for each step. Returns how many are told."""
    today = today or timezone.localdate()
    due = AlertStep.objects.select_for_update(of=("self",)).filter(
        due_on__lte=today, done_on=None, reminded_at=None, alert__closed_at=None, owner__isnull=False
    )
    by_owner: dict[UUID, list[AlertStep]] = defaultdict(list)
    for step in due.select_related("alert__pupil").order_by("due_on", "pk"):
        if step.owner_id:
            by_owner[step.owner_id].append(step)
    for owner, steps in by_owner.items():
        words = f"{steps[0].alert.pupil} : {steps[0].get_kind_display().lower()}"
        more = f" (et {len(steps) - 1} autre{'s' if len(steps) > 2 else ''})" if len(steps) > 1 else ""
        tell([owner], Kind.WORK, words[:140] + more, text="Cette étape est à faire aujourd’hui.",
             path=_path("absences:alerts"))  # fmt: skip
    AlertStep.objects.filter(pk__in=[one.pk for steps in by_owner.values() for one in steps]).update(
        reminded_at=timezone.now()
    )
    return len(by_owner)


@transaction.atomic
def close(alert: Alert, words: str, by: UUID | None) -> None:
    """The procedure ends; what was written stays."""
    Alert.objects.filter(pk=alert.pk, closed_at=None).update(closed_at=timezone.now(), closed_by=by, closing=words)
    announce(TOPIC)
