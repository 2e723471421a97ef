"""Predicted openings, kept on each deployment: reads sort and count by them whatever the number of schools."""

from collections.abc import Collection
from datetime import date

from django.db.models import Prefetch
from django.utils import timezone

from platform_admin.rollout import forecast
from platform_admin.rollout.models import Deployment, StepRecord

# The pace is told by the schools behind the last steps done, so many of them.
OBSERVED_STEPS = 1_000


def standing_records() -> Prefetch:
    """The steps done of deployments, as `deployment.standing`."""
    return Prefetch("records", StepRecord.objects.filter(withdrawn_at=None), to_attr="standing")


def history_of(deployment: Deployment) -> forecast.History:
    """A school's way so far; its `standing` records are there."""
    return forecast.History(deployment.wave.starts_on, {record.step: record.done_on for record in deployment.standing})


def current_pace(today: date | None = None) -> dict[str, float]:
    """Days each step takes lately."""
    today = today or timezone.localdate()
    lately = StepRecord.objects.filter(withdrawn_at=None, done_on__gte=today - forecast.LATELY)
    chosen = lately.order_by("-done_on").values("deployment")[:OBSERVED_STEPS]
    ways: dict[int, forecast.History] = {}
    for key, began, step, day in StepRecord.objects.filter(withdrawn_at=None, deployment__in=chosen).values_list(
        "deployment", "deployment__wave__starts_on", "step", "done_on"
    ):
        ways.setdefault(key, forecast.History(began, {})).done[step] = day
    return forecast.pace(ways.values(), today)


def refresh(only: Collection[int] | None = None) -> int:
    """Write again the predicted openings (of these schools only, if given); returns how many changed."""
    today = timezone.localdate()
    rhythm = current_pace(today)
    wanted = Deployment.objects.select_related("wave").prefetch_related(standing_records())
    changed = []
    for deployment in wanted if only is None else wanted.filter(pk__in=only):
        day = forecast.predicted_opening(history_of(deployment), rhythm, deployment.planned_on, today)
        if day != deployment.predicted_on:
            deployment.predicted_on = day
            changed.append(deployment)
    Deployment.objects.bulk_update(changed, ["predicted_on"], batch_size=1000)
    return len(changed)
