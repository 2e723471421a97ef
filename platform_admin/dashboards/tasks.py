"""The review that follows the schools' hourly counts."""

from celery import shared_task

from platform_admin.dashboards.review import review
from tenants.context import platform


@shared_task
def review_schools() -> None:
    """Make the dashboards' figures anew."""
    with platform():
        review()
