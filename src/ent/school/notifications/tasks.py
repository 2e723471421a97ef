"""Every minute, the schools with something due send it; every quarter of an hour, each looks for what was missed."""

from celery import shared_task
from django.utils import timezone

from ent.school.notifications import keeping, sending, waiting
from tenants.jobs import in_every_school, school_job
from tenants.models import School

SWEPT_EVERY = 15 * 60


@shared_task
def deliver() -> None:
    """One job per school that said it has something due; no school is opened to find out."""
    for uai in waiting.due(timezone.now()):
        deliver_in.delay(uai)


@shared_task
def sweep() -> None:
    """One job per open school: what is waited for was forgotten by a restart."""
    in_every_school(deliver_in, expires=SWEPT_EVERY)


@school_job
def deliver_in(school: School) -> None:
    """What is due in one school; done again it sends nothing twice."""
    if school.state == School.State.OPEN and school.revision is not None:
        sending.send_due()


@shared_task
def summarise() -> None:
    """One job per open school, before the weekly digests leave."""
    in_every_school(summarise_in)


@school_job
def summarise_in(school: School) -> None:
    """The week to come, told to one school's families."""
    keeping.summarise()


@shared_task
def forget_old() -> None:
    """One job per open school."""
    in_every_school(forget_old_in)


@school_job
def forget_old_in(school: School) -> None:
    """What one school has kept long enough."""
    keeping.forget_old()
