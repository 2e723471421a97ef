"""A school that joins a wave reads what is announced to that wave."""

from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from platform_admin.exchanges.actions import readdress
from platform_admin.rollout.models import Deployment
from platform_admin.rollout.signals import schools_moved


@receiver([post_save, post_delete], sender=Deployment)
def deployment_changed(instance: Deployment, **kwargs) -> None:
    """Address it anew."""
    readdress([instance.school_id])


@receiver(schools_moved)
def many_moved(schools: list[int], **kwargs) -> None:
    """Written all at once, they send no signal of their own."""
    readdress(schools)
