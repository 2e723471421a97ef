"""Every night, each open school erases what has been kept its time; a pupil nobody received is asked about."""

from celery import shared_task
from django.utils import timezone

from ent.school.conduct.overdue import escalate
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


@school_job
def escalate_removals_of(school: School) -> None:
    """Asked for when a pupil is sent out of a lesson, for a little later."""
    escalate()
