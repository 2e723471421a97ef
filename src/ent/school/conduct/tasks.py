"""Every night, each open school erases the sanctions whose time in the file is over."""

from celery import shared_task
from django.utils import timezone

from ent.school.conduct.retention import erase_due
from tenants.jobs import in_every_school, school_job
from tenants.models import School


@shared_task
def erase_due_sanctions() -> None:
    """One job per open school."""
    in_every_school(erase_due_sanctions_of)


@school_job
def erase_due_sanctions_of(school: School) -> None:
    """One school's."""
    erase_due(timezone.localdate())
