"""What an import leaves in a school beside the people: their last directory record, and how to undo."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from ent.kernel.ids import new_id


class DirectoryRecord(models.Model):
    """The attributes last received for a person, as they came: a Delta modifies them, unknown ones are kept."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    category = models.CharField(max_length=10)
    key = models.CharField(max_length=40)
    attributes = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["category", "key"], name="one_record_per_key")]


class ImportChange(models.Model):
    """A row an import changed, closed or deleted, as it was before. Kept seven days, for undo."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    run_id = models.UUIDField(db_index=True)
    table = models.CharField(max_length=63)
    # The row's key as text: those of the platform's tables are numbers.
    row_id = models.CharField(max_length=40)
    before = models.JSONField()
    at = models.DateTimeField(default=timezone.now)


class ImportCreation(models.Model):
    """The rows an import created in a table: one line for all of them, since a first import creates everything."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    run_id = models.UUIDField(db_index=True)
    table = models.CharField(max_length=63)
    row_ids = ArrayField(models.CharField(max_length=40))
    at = models.DateTimeField(default=timezone.now)
