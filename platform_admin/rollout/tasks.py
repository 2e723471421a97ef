"""What the plan does by itself, every hour."""

from celery import shared_task

from platform_admin.rollout import actions
from platform_admin.rollout.predictions import refresh
from tenants.context import platform


@shared_task
def open_due() -> None:
    """See what is done, open the ready schools whose day has come, foresee the others."""
    with platform():
        actions.observe()
        actions.open_due()
        refresh()
