"""People of one school, and what ties them.

The directory writes these rows; `closed_at` marks who left, nobody is deleted. What a person types in the ENT
(e-mail, photo, language) has columns or tables of its own, which no import touches.
"""

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from ent.kernel.ids import new_id


class Profile(models.TextChoices):
    PUPIL = "pupil", "Élève"
    RELATIVE = "relative", "Responsable ou contact"
    STAFF = "staff", "Personnel"


class Function(models.TextChoices):
    """What a member of staff does in the school."""

    TEACHER = "teacher", "Enseignant"
    CPE = "cpe", "CPE"
    AED = "aed", "Assistant d'éducation"
    AESH = "aesh", "AESH"
    LIBRARIAN = "librarian", "Professeur documentaliste"
    PSY_EN = "psy_en", "Psychologue de l'Éducation nationale"
    NURSE = "nurse", "Infirmier ou infirmière"
    SOCIAL_WORKER = "social_worker", "Assistant de service social"
    SCHOOL_HEAD = "school_head", "Chef d'établissement"
    DEPUTY_HEAD = "deputy_head", "Adjoint au chef d'établissement"
    OFFICE = "office_staff", "Secrétariat et gestion"
    SCHOOL_ADMIN = "school_admin", "Administrateur de l'ENT"
    OTHER = "other", "Autre personnel"


class Person(models.Model):
    """Someone of the school, in one profile; an account may have several (a teacher who is also a parent)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # The account in `public`, by id alone: no constraint crosses.
    account_id = models.UUIDField(null=True, blank=True, db_index=True)
    profile = models.CharField(max_length=10, choices=Profile)
    directory_key = models.CharField(max_length=40)
    last_name = models.CharField("nom", max_length=100)
    first_name = models.CharField("prénom", max_length=100, blank=True)
    # « durand eloise »: folded, for search and sorting.
    sort_key = models.CharField(max_length=210)
    title = models.CharField("civilité", max_length=10, blank=True)
    birth_date = models.DateField("date de naissance", null=True, blank=True)
    directory_email = models.CharField("adresse électronique", max_length=254, blank=True)
    home_phone = models.CharField("téléphone", max_length=30, blank=True)
    work_phone = models.CharField("téléphone professionnel", max_length=30, blank=True)
    mobile_phone = models.CharField("portable", max_length=30, blank=True)
    address = models.CharField("adresse", max_length=300, blank=True)
    postal_code = models.CharField("code postal", max_length=10, blank=True)
    town = models.CharField("ville", max_length=100, blank=True)
    country = models.CharField("pays", max_length=60, blank=True)
    # ENTPersonAdresseDiffusion: may the other parent see the address? Not unless the directory says so.
    address_is_shared = models.BooleanField(default=False)
    photo = models.ImageField(upload_to="photos", blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["sort_key"]
        constraints = [
            models.UniqueConstraint(fields=["profile", "directory_key"], name="one_person_per_key"),
        ]
        indexes = [
            GinIndex(fields=["sort_key"], opclasses=["gin_trgm_ops"], name="person_search"),
            models.Index(fields=["profile", "sort_key"], name="person_sorted"),
        ]

    def __str__(self) -> str:
        return self.display_name

    @property
    def display_name(self) -> str:
        """« Éloïse Durand »."""
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def formal_name(self) -> str:
        """« Mme Éloïse Durand », where the directory says so; a pupil has no title."""
        return self.display_name if self.profile == Profile.PUPIL else f"{self.title} {self.display_name}".strip()

    @property
    def postal_lines(self) -> list[str]:
        """Lines of an envelope; empty where the directory has no address."""
        if not self.address or not self.town:
            return []
        return [self.formal_name, self.address, f"{self.postal_code} {self.town}".strip()]


class BoardingScheme(models.TextChoices):
    DAY = "day", "Externe"
    HALF_BOARD = "half_board", "Demi-pensionnaire"
    BOARDER = "boarder", "Interne"


class Pupil(models.Model):
    """What is true of a pupil only."""

    person = models.OneToOneField(Person, models.CASCADE, primary_key=True)
    ine = models.CharField("INE", max_length=11, blank=True)
    school_number = models.CharField(max_length=20, blank=True)
    programme = models.ForeignKey("structure.Programme", models.SET_NULL, null=True, blank=True)
    boarding_scheme = models.CharField("régime", max_length=10, choices=BoardingScheme, blank=True)
    has_scholarship = models.BooleanField("boursier", default=False)
    uses_transport = models.BooleanField("transport scolaire", default=False)


class Kinship(models.TextChoices):
    FATHER = "father", "Père"
    MOTHER = "mother", "Mère"
    GUARDIAN = "guardian", "Tuteur ou tutrice"
    OTHER_RELATIVE = "other_relative", "Autre membre de la famille"
    CHILD_WELFARE = "child_welfare", "Aide sociale à l'enfance"
    OTHER = "other", "Autre personne"
    SELF = "self", "L'élève"


class Guardianship(models.Model):
    """A relative of a pupil. `legal_rank` 1 or 2 gives a parent's rights (code civil, art. 372); 0 gives none."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    pupil = models.ForeignKey(Person, models.CASCADE, related_name="guardianships")
    relative = models.ForeignKey(Person, models.CASCADE, related_name="wards")
    kinship = models.CharField("lien", max_length=15, choices=Kinship)
    legal_rank = models.PositiveSmallIntegerField(default=0)
    pays_fees = models.BooleanField("paie les frais", default=False)
    is_paid = models.BooleanField("reçoit les aides", default=False)
    is_contact = models.BooleanField("à contacter", default=False)
    contact_order = models.PositiveSmallIntegerField("ordre d'appel", default=1)
    # Set by the school (a judge's decision): staff are warned, the person sees nothing of the child.
    is_restricted = models.BooleanField("contact restreint", default=False)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["contact_order"]
        constraints = [
            models.UniqueConstraint(fields=["pupil", "relative"], name="one_guardianship_each"),
            models.CheckConstraint(condition=Q(legal_rank__lte=2), name="legal_rank_0_1_2"),
            models.CheckConstraint(condition=~Q(pupil=F("relative")), name="nobody_guards_oneself"),
        ]

    def __str__(self) -> str:
        return f"{self.rights_label} de {self.pupil.display_name} ({self.get_kinship_display().lower()})"

    @property
    def rights_label(self) -> str:
        """« responsable légal 1 », or what the relative is without rights."""
        return f"responsable légal {self.legal_rank}" if self.legal_rank else "contact, sans autorité légale"


class StaffFunction(models.Model):
    """A function of a member of staff: from the directory, or given by the school's administrator."""

    class Source(models.TextChoices):
        DIRECTORY = "directory", "Annuaire de l'académie"
        HAND = "hand", "Administrateur de l'ENT"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="functions")
    function = models.CharField("fonction", max_length=15, choices=Function)
    source = models.CharField(max_length=10, choices=Source)
    label = models.CharField("précision", max_length=100, blank=True, help_text="Discipline, par exemple.")
    given_by = models.UUIDField(null=True, blank=True)
    since = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "function", "source"], condition=Q(closed_at=None), name="one_open_function_each"
            ),
        ]
