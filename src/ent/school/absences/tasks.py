"""Every evening, thresholds are checked in each open school: an absence counts from the next day on."""

from celery import shared_task

from ent.school.absences import alerts
from tenants.context import inside, platform
from tenants.models import School


@shared_task
def check_thresholds() -> None:
    """One job per open school."""
    with platform():
        uais = School.objects.filter(state=School.State.OPEN, revision__isnull=False).values_list("uai", flat=True)
    for uai in list(uais):
        check_thresholds_in.delay(uai)


@shared_task(ignore_result=True)
def check_thresholds_in(uai: str) -> None:
    """The thresholds of one school; again it changes nothing."""
    with platform():
        school = School.objects.get(uai=uai)
    with inside(school):
        alerts.check()
