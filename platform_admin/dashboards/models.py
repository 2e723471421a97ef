"""What the hourly review keeps, so that a page costs the same at 271 schools and at 11,000. Rebuilt at will."""

from django.db import models

from tenants.models import School


class Standing(models.Model):
    """How a school stands: its figures of the last full day and week, and what asks for help."""

    school = models.OneToOneField(School, models.CASCADE, primary_key=True, related_name="standing")
    # The last day its counts came up; null where none ever did.
    day = models.DateField(null=True)
    opened_on = models.DateField(null=True)
    accounts = models.PositiveIntegerField(default=0)
    activated = models.PositiveIntegerField(default=0)
    came_this_week = models.PositiveIntegerField(default=0)
    # Of the last seven days.
    requests = models.PositiveIntegerField(default=0)
    errors = models.PositiveIntegerField(default=0)
    median_ms = models.PositiveIntegerField(null=True)
    p95_ms = models.PositiveIntegerField(null=True)
    # Of schools alike in kind and size: « college:2 ».
    alike = models.CharField(max_length=20)
    # 0: no help needed. The reasons, worst first: [[code, value], …], see `score.py`.
    score = models.PositiveSmallIntegerField(default=0)
    reasons = models.JSONField(default=list)

    class Meta:
        indexes = [
            models.Index(fields=["-score"], name="standing_by_score", condition=models.Q(score__gt=0)),
            models.Index(fields=["alike"], name="standing_by_alike"),
        ]


class Adoption(models.Model):
    """Accounts and comings by collectivity, wave and group of roles: one Thursday a week, and the last full day."""

    day = models.DateField()
    authority = models.ForeignKey("tenants.Authority", models.CASCADE, null=True, related_name="+")
    # Null: in no wave.
    wave = models.PositiveSmallIntegerField(null=True)
    role = models.CharField(max_length=15)
    schools = models.PositiveIntegerField()
    accounts = models.PositiveIntegerField()
    activated = models.PositiveIntegerField()
    came_this_week = models.PositiveIntegerField()

    class Meta:
        indexes = [models.Index(fields=["day"], name="adoption_by_day")]


class ServiceDay(models.Model):
    """How the service answered and what was done on a day in the schools of a collectivity."""

    day = models.DateField()
    authority = models.ForeignKey("tenants.Authority", models.CASCADE, null=True, related_name="+")
    requests = models.BigIntegerField()
    errors = models.BigIntegerField()
    # Means of the schools' own, weighted by what each was asked.
    median_ms = models.FloatField(null=True)
    p95_ms = models.FloatField(null=True)
    letters_printed = models.BigIntegerField()
    lessons_filled = models.BigIntegerField()
    rolls_taken = models.BigIntegerField()
    messages_sent = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["day"], name="service_by_day")]
