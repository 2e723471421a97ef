"""In each open school: thresholds every evening (an absence counts from the next day), half-days when midday moves."""

from celery import shared_task
from django.db import transaction
from django.db.models.signals import post_save
from django.dispatch import receiver

from ent.school.absences import alerts, syncing
from tenants.configuration.models import SettingChange
from tenants.jobs import in_every_school, school_job
from tenants.models import School


@shared_task
def check_thresholds() -> None:
    """One job per open school."""
    in_every_school(check_thresholds_in)


@school_job
def check_thresholds_in(school: School) -> None:
    """The thresholds of one school, and the steps due; again it changes nothing."""
    alerts.check()
    alerts.remind_due()


@shared_task
def recount_half_days() -> None:
    """Midday changed somewhere: every open school counts again; where nothing moved, nothing is written."""
    in_every_school(recount_half_days_in)


@school_job
def recount_half_days_in(school: School) -> None:
    """The half-days of one school."""
    syncing.recount()


@receiver(post_save, sender=SettingChange, dispatch_uid="absences.midday")
def on_setting_changed(instance: SettingChange, **kwargs) -> None:
    """Once others can see it."""
    if instance.key == "midday":
        transaction.on_commit(recount_half_days.delay)
