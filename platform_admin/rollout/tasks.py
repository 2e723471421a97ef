"""What the plan does by itself, every hour; and the launches' jobs, which celery looks for here."""

from celery import shared_task

from platform_admin.rollout import actions
from platform_admin.rollout.launching import prepare_launch, sweep_launches, work_on_school
from platform_admin.rollout.predictions import refresh
from tenants.context import platform

__all__ = ["open_due", "prepare_launch", "sweep_launches", "work_on_school"]


@shared_task
def open_due() -> None:
    """See what is done, open the ready schools whose day has come, foresee the others."""
    with platform():
        actions.observe()
        actions.open_due()
        refresh()
