"""Thresholds: who passed one is put in the hands of someone named, who follows the steps that the law names."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from ent.kernel.live import announce
from ent.school.absences.half_days import day_of
from ent.school.absences.models import AbsenceCase, Alert, AlertRule, AlertStep, CaseKind
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
    return _open(opened)


def _count(rule: AlertRule, cases: list[AbsenceCase], since: date, today: date) -> tuple[int, list[date]]:
    """How many of what the rule counts between the two days (neither of them), and the days."""
    if rule.kind == AlertRule.Kind.LATENESSES:
        lates = sorted(one.day for one in cases if one.kind == CaseKind.LATENESS and since < one.day < today)
        return len(lates), lates
    missed = {half_day for one in cases if one.kind == CaseKind.ABSENCE for half_day in one.half_days}
    days = sorted(day for day in map(day_of, missed) if since < day < today)
    return len(days), days


def _open(opened: list[Alert]) -> list[Alert]:
    if not opened:
        return []
    owners: dict[str, list[Person]] = defaultdict(list)
    held = StaffFunction.objects.filter(
        function__in={one.rule.owner_function for one in opened}, closed_at=None, person__closed_at=None
    )
    for row in held.select_related("person").order_by("person__sort_key"):
        owners[row.function].append(row.person)
    names = dict(Person.objects.filter(pk__in=[one.pupil_id for one in opened]).values_list("pk", "sort_key"))
    for alert in sorted(opened, key=lambda one: names[one.pupil_id]):
        theirs = owners[alert.rule.owner_function]
        alert.owner = theirs[0] if theirs else None
    Alert.objects.bulk_create(opened)
    told: dict[UUID, list[Alert]] = defaultdict(list)
    for alert in opened:
        if alert.owner_id:
            told[alert.owner_id].append(alert)
    for owner, those in told.items():
        words = "1 élève a passé un seuil d’absences" if len(those) == 1 else f"{len(those)} seuils d’absences passés"
        tell([owner], Kind.WORK, words, path=reverse("absences:alerts", urlconf="ent.config.urls_school"))
    announce(TOPIC)
    return opened


@transaction.atomic
def add_step(alert: Alert, kind: str, done_on: date, note: str, by: UUID | None) -> AlertStep:
    """A step of the procedure was done."""
    step = AlertStep.objects.create(alert=alert, kind=kind, done_on=done_on, note=note, by_id=by)
    if kind == AlertStep.Kind.REPORT and not alert.reported_at:
        alert.reported_at, alert.reported_by_id = timezone.now(), by
        alert.save(update_fields=["reported_at", "reported_by"])
    announce(TOPIC)
    return step


@transaction.atomic
def close(alert: Alert, words: str, by: UUID | None) -> None:
    """The procedure ends; what was written stays."""
    Alert.objects.filter(pk=alert.pk, closed_at=None).update(closed_at=timezone.now(), closed_by=by, closing=words)
    announce(TOPIC)
