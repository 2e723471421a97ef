"""In each open school: thresholds every evening (an absence counts from the next day), half-days when midday moves."""

from celery import shared_task
from django.db import transaction
from django.db.models.signals import post_save
from django.dispatch import receiver

from ent.school.absences import alerts, syncing
from tenants.configuration.models import SettingChange
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


@shared_task(ignore_result=True)
def recount_half_days() -> None:
    """Midday changed somewhere: every open school counts again; where nothing moved, nothing is written."""
    with platform():
        uais = School.objects.filter(state=School.State.OPEN, revision__isnull=False).values_list("uai", flat=True)
    for uai in list(uais):
        recount_half_days_in.delay(uai)


@shared_task(ignore_result=True)
def recount_half_days_in(uai: str) -> None:
    """The half-days of one school."""
    with platform():
        school = School.objects.get(uai=uai)
    with inside(school):
        syncing.recount()


@receiver(post_save, sender=SettingChange, dispatch_uid="absences.midday")
def on_setting_changed(instance: SettingChange, **kwargs) -> None:
    """Once others can see it."""
    if instance.key == "midday":
        transaction.on_commit(recount_half_days.delay)
