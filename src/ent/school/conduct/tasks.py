"""Every night, each open school erases the sanctions whose time in the file is over."""

from celery import shared_task
from django.utils import timezone

from ent.school.conduct.retention import erase_due
from tenants.context import inside, platform
from tenants.models import School


@shared_task
def erase_due_sanctions() -> None:
    """One job per open school."""
    with platform():
        for uai in School.objects.filter(state=School.State.OPEN, revision__isnull=False).values_list("uai", flat=True):
            erase_due_sanctions_of.delay(uai)


@shared_task(ignore_result=True)
def erase_due_sanctions_of(uai: str) -> None:
    """One school's, under its own role."""
    with platform():
        school = School.objects.get(uai=uai)
    with inside(school):
        erase_due(timezone.localdate())
