"""The year's absences as cases: most settled, some refused, a few words of families waiting, thresholds passed."""

import random
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from ent.school.absences import alerts, reasons
from ent.school.absences.grouping import runs_of
from ent.school.absences.models import AbsenceCase, AbsenceNotice, CaseKind
from ent.school.absences.syncing import MISSING, _filled, midday, missed_of
from ent.school.attendance.models import Attendance
from ent.school.people.models import Guardianship

BATCH = 2000


def build(rng: random.Random, today: date) -> None:
    """Cases of every day so far, grouped as registers give them; written at once."""
    usual = {one.code: one for one in reasons.current()}
    given = [usual[code] for code in ("illness", "illness", "medical", "family", "transport", "alarm") if code in usual]
    at, now = midday(), timezone.now()
    days: dict[tuple, list] = {}
    for row in Attendance.objects.filter(state__in=MISSING, day__lte=today).order_by("starts_at").iterator():
        days.setdefault((row.pupil_id, row.day), []).append(missed_of(row))
    made = []
    for (pupil, day), missed in days.items():
        for run in runs_of(missed, [one.session for one in missed], at):
            case = _filled(AbsenceCase(pupil_id=pupil, day=day), run)
            old = (today - day).days
            if rng.random() < (0.9 if old > 14 else 0.5 if old else 0.1):
                moment = min(now, case.ends_at + timedelta(hours=rng.randint(2, 60)))
                case.reason, case.is_settled, case.settled_at = rng.choice(given), True, moment
                if case.kind == CaseKind.ABSENCE:
                    case.is_valid, case.decided_at = rng.random() < 0.93, moment
                    case.refusal = "" if case.is_valid else "Ce motif n'est pas recevable."
            case.told_at = case.starts_at
            made.append(case)
    AbsenceCase.objects.bulk_create(made, batch_size=BATCH)
    _notices(rng, [one for one in made if not one.is_settled and one.kind == CaseKind.ABSENCE], given, today)
    alerts.check()


def _notices(rng: random.Random, waiting: list[AbsenceCase], given: list, today: date) -> None:
    chosen = rng.sample(waiting, min(len(waiting), 7))
    guardians = dict(
        Guardianship.objects.filter(pupil__in=[one.pupil_id for one in chosen], legal_rank__gt=0, closed_at=None)
        .values_list("pupil", "relative")
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
            reason=given[2], by_id=guardians.get(chosen[0].pupil_id),
        )  # fmt: skip
