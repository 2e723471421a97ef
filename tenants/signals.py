"""What is remembered of a school is forgotten when it changes."""

from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from tenants.hosts import forget
from tenants.models import Domain, School


@receiver([post_save, post_delete], sender=School)
def school_changed(instance: School, **kwargs) -> None:
    """Forget its hosts once the change is committed."""
    transaction.on_commit(lambda: forget(instance))


@receiver([post_save, post_delete], sender=Domain)
def domain_changed(instance: Domain, **kwargs) -> None:
    """Forget its school's hosts once the change is committed."""
    transaction.on_commit(lambda: forget(instance.tenant))
