"""Classes and groups (two name spaces), and who teaches what to whom, year by year."""

from datetime import date

from django.db import models
from django.db.models import Q

from ent.kernel.ids import new_id
from ent.school.structure.subjects import presentable


class SchoolYear(models.Model):
    """« 2026-2027 », 1 September to 31 August."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    label = models.CharField(max_length=9, unique=True)
    starts_on = models.DateField()
    ends_on = models.DateField()
    is_current = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["is_current"], condition=Q(is_current=True), name="one_current_year"),
            models.CheckConstraint(condition=Q(starts_on__lt=models.F("ends_on")), name="year_begins_before_it_ends"),
        ]

    def __str__(self) -> str:
        return self.label


def school_start(day: date) -> date:
    """The first day of the school year a day belongs to: 1 September."""
    return date(day.year if day.month >= 9 else day.year - 1, 9, 1)


class Programme(models.Model):
    """A MEF (module élémentaire de formation)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    mef_code = models.CharField(max_length=20, unique=True)
    label = models.CharField(max_length=120, blank=True)


class Subject(models.Model):
    """A subject by its national code (BCN)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=20, unique=True)
    label = models.CharField("matière", max_length=120, blank=True)

    def __str__(self) -> str:
        return presentable(self.label) or self.code


class Audience(models.Model):
    """What divisions and groups have in common."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    year = models.ForeignKey(SchoolYear, models.PROTECT)
    code = models.CharField("nom", max_length=60)
    label = models.CharField("libellé", max_length=160, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code


class Division(Audience):
    """A class (classe)."""

    class Meta(Audience.Meta):
        constraints = [models.UniqueConstraint(fields=["year", "code"], name="one_division_per_code")]


class Group(Audience):
    """A group: a part or a mix of classes."""

    divisions = models.ManyToManyField(Division, through="GroupDivision", related_name="groups")

    class Meta(Audience.Meta):
        constraints = [models.UniqueConstraint(fields=["year", "code"], name="one_group_per_code")]


class GroupDivision(models.Model):
    """A group takes pupils from a class."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    group = models.ForeignKey(Group, models.CASCADE)
    division = models.ForeignKey(Division, models.CASCADE)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "division"], name="one_link_per_group_division")]


class Enrolment(models.Model):
    """A pupil is in a class; a pupil who changes class keeps the past."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    pupil = models.ForeignKey("people.Person", models.CASCADE, related_name="enrolments")
    division = models.ForeignKey(Division, models.CASCADE, related_name="enrolments")
    starts_on = models.DateField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["pupil", "division"], condition=Q(closed_at=None), name="one_open_enrolment_each"
            )
        ]


class GroupEnrolment(models.Model):
    """A pupil is in a group."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    pupil = models.ForeignKey("people.Person", models.CASCADE, related_name="group_enrolments")
    group = models.ForeignKey(Group, models.CASCADE, related_name="enrolments")
    starts_on = models.DateField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["pupil", "group"], condition=Q(closed_at=None), name="one_open_group_enrolment_each"
            )
        ]


class Teaching(models.Model):
    """A teacher teaches a subject to a class or a group (one row per teacher: co-teachers share the rest)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    teacher = models.ForeignKey("people.Person", models.CASCADE, related_name="teachings")
    # Null where the directory names the class alone.
    subject = models.ForeignKey(Subject, models.PROTECT, null=True, blank=True)
    division = models.ForeignKey(Division, models.CASCADE, null=True, blank=True, related_name="teachings")
    group = models.ForeignKey(Group, models.CASCADE, null=True, blank=True, related_name="teachings")
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(division=None, group__isnull=False) | Q(division__isnull=False, group=None),
                name="teaching_has_one_audience",
            ),
            models.UniqueConstraint(
                fields=["teacher", "subject", "division", "group"], nulls_distinct=False, name="one_teaching_each"
            ),
        ]

    def __str__(self) -> str:
        audience = self.division or self.group
        return f"enseigne « {self.subject or 'matière non précisée'} » à {audience} ({audience.year})"


class FormTutor(models.Model):
    """A teacher is form tutor (professeur principal) of a class; several may be."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    teacher = models.ForeignKey("people.Person", models.CASCADE, related_name="tutored")
    division = models.ForeignKey(Division, models.CASCADE, related_name="form_tutors")
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["teacher", "division"], name="one_form_tutor_each")]

    def __str__(self) -> str:
        return f"professeur principal de {self.division} ({self.division.year})"
