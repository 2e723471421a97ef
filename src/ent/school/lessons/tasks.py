"""Every few minutes, pupils are told of work shown for the next day."""

from celery import shared_task

from ent.school.lessons.actions import tell_published
from ent.school.lessons.models import Homework
from tenants.jobs import in_every_school, school_job
from tenants.models import School

EVERY_SECONDS = 300


@shared_task
def tell_of_work() -> None:
    """One job per open school."""
    in_every_school(tell_of_work_in, expires=EVERY_SECONDS)


@school_job
def tell_of_work_in(school: School) -> None:
    """Work of one school shown since the last time."""
    tell_published(Homework.objects.all())
