"""Every minute, what is due leaves each open school."""

from celery import shared_task

from ent.school.notifications.delivering import deliver_due
from tenants.jobs import in_every_school, school_job
from tenants.models import School

EVERY_SECONDS = 60


@shared_task
def deliver() -> None:
    """One job per open school."""
    in_every_school(deliver_in, expires=EVERY_SECONDS)


@school_job
def deliver_in(school: School) -> None:
    """What is due in one school."""
    deliver_due(school)
