"""Values set at one level (academy, collectivity, school), inherited by those below unless they set their own."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from ent.kernel.ids import new_id


class Level(models.TextChoices):
    """Where a value is set."""

    ACADEMY = "academy", "Académie"
    AUTHORITY = "authority", "Collectivité"
    SCHOOL = "school", "Établissement"


class Placed(models.Model):
    """Something said of one level: of a school, else of a collectivity, else of the whole academy."""

    key = models.CharField(max_length=60)
    authority = models.ForeignKey("tenants.Authority", models.CASCADE, null=True, blank=True, related_name="+")
    school = models.ForeignKey("tenants.School", models.CASCADE, null=True, blank=True, related_name="+")

    class Meta:
        abstract = True

    @property
    def level(self) -> Level:
        """Where it is set."""
        return Level.SCHOOL if self.school_id else Level.AUTHORITY if self.authority_id else Level.ACADEMY


class SettingValue(Placed):
    """The value in force at a level; the last `SettingChange` there says which version of it one has read."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    value = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key", "authority", "school"], nulls_distinct=False, name="one_value_per_level"
            ),
            models.CheckConstraint(condition=Q(authority=None) | Q(school=None), name="value_at_one_level"),
        ]


class SettingChange(Placed):
    """What a value was and became (null: inherited), who did it, when; undone by the change that points to it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    at = models.DateTimeField(default=timezone.now)
    account_id = models.UUIDField(null=True)
    # « Agent de collectivité, Cantal », « Administrateur de l'ENT »: what the person does, not who they are.
    author = models.CharField(max_length=120)
    undoes = models.OneToOneField("self", models.RESTRICT, null=True, blank=True, related_name="undone_by")

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["school", "authority", "key", "-at"], name="change_of_a_level")]


class SettingImage(models.Model):
    """An image a setting names, as re-encoded here: its digest is its name, so that it never changes."""

    digest = models.CharField(primary_key=True, max_length=64)
    content = models.BinaryField()
    kept_at = models.DateTimeField(default=timezone.now)
