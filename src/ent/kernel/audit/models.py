"""Who did what: append-only, since the school's database role may only read and insert here."""

from uuid import UUID

from django.db import models
from django.utils import timezone

from ent.kernel.ids import new_id


class AuditEvent(models.Model):
    """One thing a person did, in the words of the trade (`action` is a permission's or an action's name)."""

    append_only = True

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    at = models.DateTimeField(default=timezone.now, db_index=True)
    account_id = models.UUIDField(null=True)
    action = models.CharField(max_length=100)
    object_id = models.UUIDField(null=True, db_index=True)
    details = models.JSONField(default=dict)

    class Meta:
        ordering = ["-at"]


def record(action: str, *, account_id: UUID | None, object_id: UUID | None = None, **details) -> None:
    """Add a line to the school's trail, in the caller's transaction."""
    AuditEvent.objects.create(action=action, account_id=account_id, object_id=object_id, details=details)
