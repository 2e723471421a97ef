"""A school that joins a wave reads what is announced to that wave."""

from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from platform_admin.exchanges.actions import readdress
from platform_admin.rollout.models import Deployment


@receiver([post_save, post_delete], sender=Deployment)
def deployment_changed(instance: Deployment, **kwargs) -> None:
    """Address it anew; who writes many at once without signals calls `readdress` with all of them."""
    readdress([instance.school_id])
