"""Every evening, thresholds are checked in each open school: an absence counts from the next day on."""

from celery import shared_task

from ent.school.absences import alerts
from tenants.jobs import in_every_school, school_job
from tenants.models import School


@shared_task
def check_thresholds() -> None:
    """One job per open school."""
    in_every_school(check_thresholds_in)


@school_job
def check_thresholds_in(school: School) -> None:
    """The thresholds of one school; again it changes nothing."""
    alerts.check()
