"""What is written of a pupil's conduct, what answers it, and the sanctions that leave the file in time."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from ent.kernel.ids import new_id
from ent.school.people.models import Person
from ent.school.timetable.models import Session


class Remark(models.Model):
    """A word about a pupil, good or less good, that the family is told."""

    class Kind(models.TextChoices):
        ENCOURAGEMENT = "encouragement", "Encouragement"
        OBSERVATION = "observation", "Observation"
        EQUIPMENT = "equipment", "Matériel oublié"
        LOGBOOK = "logbook", "Carnet oublié"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    pupil = models.ForeignKey(Person, models.CASCADE, related_name="remarks")
    kind = models.CharField("sorte", max_length=15, choices=Kind)
    text = models.CharField("texte", max_length=500, blank=True)
    session = models.ForeignKey(Session, models.SET_NULL, null=True, blank=True, related_name="+")
    by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    needs_signature = models.BooleanField("à faire signer", default=False)

    class Meta:
        ordering = ["-at"]
        indexes = [models.Index(fields=["pupil", "-at"], name="remark_of")]


class Acknowledgement(models.Model):
    """A guardian has seen a remark and says so, named and dated."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    remark = models.ForeignKey(Remark, models.CASCADE, related_name="acknowledgements")
    guardian = models.ForeignKey(Person, models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at"]
        constraints = [models.UniqueConstraint(fields=["remark", "guardian"], name="one_acknowledgement_each")]


class Sanction(models.Model):
    """A disciplinary sanction (code de l'éducation, art. R511-13): decided by the head."""

    class Kind(models.TextChoices):
        WARNING = "warning", "Avertissement"
        REPRIMAND = "reprimand", "Blâme"
        RESPONSIBILITY = "responsibility", "Mesure de responsabilisation"
        CLASS_EXCLUSION = "class_exclusion", "Exclusion temporaire de la classe"
        SCHOOL_EXCLUSION = "school_exclusion", "Exclusion temporaire de l'établissement"
        PERMANENT = "permanent", "Exclusion définitive"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    pupil = models.ForeignKey(Person, models.CASCADE, related_name="sanctions")
    kind = models.CharField("sanction", max_length=20, choices=Kind)
    reason = models.TextField("motif")
    decided_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    decided_on = models.DateField("prononcée le")
    starts_on = models.DateField("du", null=True, blank=True)
    ends_on = models.DateField("au", null=True, blank=True)
    is_suspended = models.BooleanField("avec sursis", default=False)
    # When it leaves the file; null: only with the end of secondary schooling.
    erase_on = models.DateField(null=True, blank=True, db_index=True)

    class Meta:
        ordering = ["-decided_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_on=None) | Q(ends_on=None) | Q(starts_on__lte=F("ends_on")),
                name="sanction_begins_before_it_ends",
            )
        ]


class ErasureRecord(models.Model):
    """That sanctions left the file on a day: how many of which kind, of nobody in particular."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    at = models.DateTimeField(default=timezone.now)
    kind = models.CharField(max_length=20, choices=Sanction.Kind)
    count = models.PositiveIntegerField()

    class Meta:
        ordering = ["-at"]
