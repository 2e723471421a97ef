"""The year's absences as cases: most settled, some refused, words of families waiting, a procedure under way."""

import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.utils import timezone

from ent.school.absences import alerts, reasons
from ent.school.absences.grouping import Missed, runs_of
from ent.school.absences.models import (
    AbsenceCase,
    AbsenceNotice,
    Alert,
    CaseEvent,
    CaseKind,
    FamilyLetter,
    FollowUp,
)  # fmt: skip
from ent.school.absences.syncing import MISSING, _filled, missed_of, planned_of
from ent.school.attendance.exits import midday
from ent.school.attendance.models import Attendance
from ent.school.people.access import parental_ties
from ent.school.people.models import Function, StaffFunction

BATCH = 2000
# Pupils whose timetable of the year is read at once.
AT_ONCE = 60
LATE = ("late_bus", "late_bus", "transport", "alarm")
SHORT = ("medical", "medical", "family", "outside_appointment", "transport", "illness")
LONG = ("illness", "illness", "illness", "family_meeting")
LASTING = 8


def build(rng: random.Random, today: date) -> None:
    """Cases of every day so far, grouped as registers give them; written at once."""
    usual = {one.code: one for one in reasons.current()}
    made = list(_cases(today))
    truant = _truant(made, today)
    cpe = StaffFunction.objects.filter(function=Function.CPE, closed_at=None).values_list("person", flat=True).first()
    for case in made:
        case.told_at = case.starts_at
        if case.pupil_id != truant or (today - case.day).days > 35:
            _decide(rng, case, usual, today, cpe)
    AbsenceCase.objects.bulk_create(made, batch_size=BATCH)
    CaseEvent.objects.bulk_create(
        [CaseEvent(case=one, act="settled" if one.is_valid is None else "valid" if one.is_valid else "refused",
                   words=one.refusal, by_id=cpe, at=one.settled_at) for one in made if one.settled_at],
        batch_size=BATCH,
    )  # fmt: skip
    waiting = [one for one in made if not one.is_settled and one.kind == CaseKind.ABSENCE and one.pupil_id != truant]
    _notices(rng, waiting, usual, today)
    _calls(rng, waiting, today, cpe)
    if truant:
        _procedure(truant, today, cpe)
    alerts.check()


def _cases(today: date) -> Iterator[AbsenceCase]:
    """What registers make, pupil by pupil: consecutive days are one case."""
    at = midday()
    missed: dict[UUID, list[Missed]] = defaultdict(list)
    for row in Attendance.objects.filter(state__in=MISSING, day__lte=today).order_by("starts_at").iterator():
        missed[row.pupil_id].append(missed_of(row))
    pupils = sorted(missed)
    for start in range(0, len(pupils), AT_ONCE):
        some = pupils[start : start + AT_ONCE]
        first = min(missed[pupil][0].span.starts_at.date() for pupil in some)
        planned = planned_of(some, first, today)
        for pupil in some:
            for run in runs_of(missed[pupil], planned[pupil], at):
                yield _filled(AbsenceCase(pupil_id=pupil), run)


def _truant(made: list[AbsenceCase], today: date) -> UUID | None:
    """Whoever was away most often of late."""
    often: dict[UUID, int] = defaultdict(int)
    for case in made:
        if case.kind == CaseKind.ABSENCE and (today - case.day).days <= 30:
            often[case.pupil_id] += 1
    found = max(often, key=lambda one: (often[one], one), default=None)
    return found if found and often[found] >= 4 else None


def _decide(rng: random.Random, case: AbsenceCase, usual: dict, today: date, cpe: UUID | None) -> None:
    """The family answered, and the school decided; less often of late, most often of what lasts."""
    old, length = (today - timezone.localdate(case.ends_at)).days, len(case.half_days)
    chance = 0.98 if old > 7 or (length >= 3 and old) else 0.8 if old > 1 else 0.4 if old else 0.1
    if rng.random() > chance:
        return
    codes = LATE if case.kind == CaseKind.LATENESS else LONG if length >= 3 else SHORT
    code = "illness_certificate" if length >= LASTING else rng.choice(codes)
    moment = min(timezone.now(), case.ends_at + timedelta(hours=rng.randint(2, 60)))
    case.reason, case.is_settled, case.settled_at, case.settled_by_id = usual.get(code), True, moment, cpe
    if case.kind == CaseKind.ABSENCE:
        case.is_valid, case.decided_at, case.decided_by_id = length >= 3 or rng.random() < 0.93, moment, cpe
        case.refusal = "" if case.is_valid else "Ce motif n'est pas recevable."


def _calls(rng: random.Random, waiting: list[AbsenceCase], today: date, cpe: UUID | None) -> None:
    """Families called about what is not explained."""
    acts = (FollowUp.Act.VOICEMAIL, FollowUp.Act.CALL_MADE, FollowUp.Act.REACHED)
    late = [one for one in waiting if timezone.localdate(one.ends_at) < today]
    FollowUp.objects.bulk_create(
        FollowUp(pupil_id=one.pupil_id, case=one, act=act, by_id=cpe, at=min(one.starts_at + timedelta(hours=2),
                 timezone.now()), next_step="Rappeler la famille" if act != FollowUp.Act.REACHED else "",
                 next_on=today if act != FollowUp.Act.REACHED else None)
        for one in rng.sample(late, min(len(late), 9)) for act in [rng.choice(acts)]
    )  # fmt: skip


def _procedure(pupil: UUID, today: date, cpe: UUID | None) -> None:
    """The threshold of the law passed some days ago: the family reached, the reminder sent, the rest to be done."""
    then = today - timedelta(days=4)
    alerts.check([pupil], then)
    opened = timezone.make_aware(datetime.combine(then, time(18)))
    for alert in Alert.objects.filter(pupil=pupil):
        Alert.objects.filter(pk=alert.pk).update(opened_at=opened)
        for kind, days, note in (("contact", 1, "Mère jointe : elle ne savait pas."), ("reminder", 2, "")):
            alert.steps.filter(kind=kind).update(done_on=then + timedelta(days=days), note=note, by=cpe)
        guardians = parental_ties().filter(pupil=pupil)
        counted = AbsenceCase.objects.filter(alerts.counting("half_days"), pupil=pupil, day__gte=alert.from_day,
                                             day__lte=alert.to_day)  # fmt: skip
        FamilyLetter.objects.bulk_create(
            [FamilyLetter(case=case, recipient_id=one.relative_id, kind=FamilyLetter.Kind.WARN, by_id=cpe,
                          way=FamilyLetter.Way.PAPER, batch=alert.pk, at=opened + timedelta(days=2))
             for one in guardians for case in counted], ignore_conflicts=True,
        )  # fmt: skip
    FollowUp.objects.create(pupil_id=pupil, act=FollowUp.Act.REACHED, by_id=cpe, at=opened + timedelta(hours=16))


def _notices(rng: random.Random, waiting: list[AbsenceCase], usual: dict, today: date) -> None:
    """Words of families not answered yet; an absence announced for tomorrow."""
    given = [usual[code] for code in SHORT if code in usual]
    chosen = rng.sample(waiting, min(len(waiting), 7))
    guardians = dict(
        parental_ties().filter(pupil__in=[one.pupil_id for one in chosen]).values_list("pupil", "relative")
    )  # fmt: skip
    for case in chosen:
        case.reason = rng.choice(given)
        AbsenceNotice.objects.create(
            pupil_id=case.pupil_id, kind=AbsenceNotice.Kind.JUSTIFIES, starts_at=case.starts_at, ends_at=case.ends_at,
            reason=case.reason, by_id=guardians.get(case.pupil_id), text="Merci de bien vouloir l'excuser.",
        )  # fmt: skip
    AbsenceCase.objects.bulk_update(chosen, ["reason"])
    if chosen:
        tomorrow = today + timedelta(days=1)
        bounds = [timezone.make_aware(datetime.combine(tomorrow, hour)) for hour in (time.min, time(23, 59))]
        AbsenceNotice.objects.create(
            pupil_id=chosen[0].pupil_id, kind=AbsenceNotice.Kind.ANNOUNCES, starts_at=bounds[0], ends_at=bounds[1],
            reason=given[0], by_id=guardians.get(chosen[0].pupil_id),
        )  # fmt: skip
