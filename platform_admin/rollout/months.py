"""The plan month by month: what opens, what is foreseen, training, agreements that end."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, DateField, Q
from django.db.models.functions import TruncMonth

from ent.kernel.access import Acting
from platform_admin.officers.access import seen_authorities, seen_schools
from platform_admin.rollout import training
from platform_admin.rollout.models import Agreement, Step, StepRecord, Wave
from platform_admin.rollout.queries import LATE, NOT_OPEN_YET, deployments

# How far back the calendar reads, and how far ahead it says which agreements end.
MONTHS_BEFORE, MONTHS_AHEAD = 8, 12


@dataclass
class Month:
    """One month of the plan."""

    first: date
    is_current: bool = False
    # What begins or opens: (wave, « début » or « ouverture », the day).
    milestones: list[tuple[Wave, str, date]] = field(default_factory=list)
    # Schools planned to open, wave by wave: (wave's name, schools, of which late).
    planned: list[tuple[str, int, int]] = field(default_factory=list)
    opened: int = 0
    foreseen: int = 0
    trainings: int = 0
    ending: int = 0


def months(acting: Acting, today: date) -> list[Month]:
    """From eight months ago to the last thing planned; months where nothing happens are left out."""
    found: dict[date, Month] = {}

    def month(day: date) -> Month:
        return found.setdefault(day.replace(day=1), Month(day.replace(day=1)))

    month(today).is_current = True
    for wave in Wave.objects.all():
        for what, day in (("début", wave.starts_on), ("ouverture", wave.opens_on)):
            if day:
                month(day).milestones.append((wave, what, day))
    schools = deployments(acting)
    planned = (
        schools.exclude(planned=None)
        .annotate(month=TruncMonth("planned", output_field=DateField()))
        .order_by("month", "wave__number")
        .values("month", "wave__number", "wave__name")
    )
    for line in planned.annotate(total=Count("pk"), late=Count("pk", filter=LATE)):
        month(line["month"]).planned.append((line["wave__name"], line["total"], line["late"]))
    foreseen = schools.filter(school__state__in=NOT_OPEN_YET).exclude(predicted_on=None)
    _count(month, foreseen.annotate(month=TruncMonth("predicted_on")).order_by().values("month"), "foreseen")
    opened = StepRecord.objects.filter(
        step=Step.OPENING, withdrawn_at=None, deployment__school__in=seen_schools(acting)
    )
    _count(month, opened.annotate(month=TruncMonth("done_on")).order_by().values("month"), "opened")
    sessions = training.seen(acting).filter(cancelled_at=None)
    days = defaultdict(int)
    for begins in sessions.values_list("starts_at", flat=True):
        days[begins.date().replace(day=1)] += 1
    for day, number in days.items():
        month(day).trainings = number
    theirs = Q(school=None, authority__in=seen_authorities(acting)) | Q(school__in=seen_schools(acting))
    ending = Agreement.objects.filter(theirs, withdrawn_at=None, expires_on__lt=_months_from(today, MONTHS_AHEAD))
    _count(month, ending.annotate(month=TruncMonth("expires_on")).order_by().values("month"), "ending")
    earliest = _months_from(today, -MONTHS_BEFORE)
    return [one for first, one in sorted(found.items()) if first >= earliest]


def _count(month, lines: Iterable, name: str) -> None:
    for line in lines.annotate(total=Count("pk")):
        setattr(month(line["month"]), name, line["total"])


def _months_from(day: date, number: int) -> date:
    months = day.year * 12 + day.month - 1 + number
    return date(months // 12, months % 12 + 1, 1)
