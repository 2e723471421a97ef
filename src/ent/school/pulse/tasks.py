"""Every hour, each open school tells the platform its counts."""

from celery import shared_task

from ent.school.pulse.actions import push
from tenants.jobs import in_every_school, school_job
from tenants.models import School


@shared_task
def push_pulses() -> None:
    """One job per open school; the next hour's makes it needless."""
    in_every_school(push_pulse, expires=3600)


@school_job
def push_pulse(school: School) -> None:
    """The counts of one school; done again it changes nothing."""
    push(school)
