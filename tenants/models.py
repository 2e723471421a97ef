"""The academy's schools, whose they are, where they are reached, and how far their schema has come."""

import re

from django.db import models
from django.db.models.functions import Lower
from django_tenants.models import DomainMixin, TenantMixin

UAI_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"


def uai_is_valid(uai: str) -> bool:
    """Whether the check letter fits: the seven digits modulo 23, in an alphabet without I, O, Q."""
    return bool(re.fullmatch(r"\d{7}[A-Z]", uai)) and UAI_LETTERS[int(uai[:7]) % 23] == uai[7]


# « Collège de la Pierre Bleue » is called « La Pierre Bleue », « Lycée d'Essai » « Essai ».
CALLED = (
    ("des ", "Les "), ("du ", "Le "), ("de la ", "La "), ("de l'", "L'"), ("de l’", "L’"),
    ("de ", ""), ("d'", ""), ("d’", ""),
)  # fmt: skip


def without_kind(name: str) -> str:
    """« Collège des Volcans » → « Les Volcans », « Lycée Jean-Essai » → « Jean-Essai »."""
    kind = r"^(Collège|Lycée( (général et technologique|général|professionnel|polyvalent|agricole))?) "
    called = re.sub(kind, "", name)
    for start, instead in CALLED if called != name else ():
        if called.startswith(start):
            called = instead + called.removeprefix(start)
            break
    return called[:1].upper() + called[1:]


class Authority(models.Model):
    """A collectivity: the rectorat, the région (lycées), a département (collèges)."""

    class Kind(models.TextChoices):
        ACADEMY = "academy", "Rectorat"
        REGION = "region", "Région"
        DEPARTEMENT = "departement", "Département"

    kind = models.CharField(max_length=12, choices=Kind)
    code = models.CharField("code", max_length=4, unique=True, help_text="03, 15, 43, 63, ARA, 06")
    name = models.CharField("nom", max_length=80)

    class Meta:
        ordering = ["kind", "code"]
        # Granted to officers, collectivity by collectivity.
        permissions = [("see_authority", "Voir ses établissements"), ("act_for_authority", "Agir pour eux")]

    def __str__(self) -> str:
        return self.name


class SchoolKind(models.TextChoices):
    COLLEGE = "college", "Collège"
    LYCEE_GT = "lycee_gt", "Lycée général et technologique"
    LYCEE_PRO = "lycee_pro", "Lycée professionnel"
    LYCEE_POLY = "lycee_poly", "Lycée polyvalent"
    LYCEE_AGRI = "lycee_agri", "Lycée agricole"
    CFA = "cfa", "Centre de formation d'apprentis"
    EREA = "erea", "Établissement régional d'enseignement adapté"
    OTHER = "other", "Autre structure"


class School(TenantMixin):
    """A school (établissement): a tenant as soon as its schema exists."""

    class State(models.TextChoices):
        REGISTERED = "registered", "Enregistré"
        PROVISIONED = "provisioned", "Espace créé"
        OPEN = "open", "Ouvert"
        SUSPENDED = "suspended", "Suspendu"
        CLOSED = "closed", "Fermé"
        ARCHIVED = "archived", "Archivé"

    auto_create_schema = False
    auto_drop_schema = False

    # Test data hold UAIs whose letter does not check: reported where they come in, kept.
    uai = models.CharField("UAI", max_length=8, unique=True)
    name = models.CharField("nom", max_length=160)
    kind = models.CharField("type", max_length=10, choices=SchoolKind)
    is_public = models.BooleanField("public", default=True)
    town = models.CharField("commune", max_length=80, blank=True)
    postal_code = models.CharField("code postal", max_length=5, blank=True)
    departement = models.CharField("département", max_length=3, blank=True)
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)
    headcount = models.PositiveIntegerField("effectif", null=True, blank=True)
    authority = models.ForeignKey(Authority, models.PROTECT, null=True, blank=True, related_name="schools")
    state = models.CharField("état", max_length=12, choices=State, default=State.REGISTERED)
    subdomain = models.SlugField(max_length=40, unique=True)
    # Key of the structure in the directory export, set by the first import that names it.
    directory_key = models.CharField(max_length=40, blank=True)
    # The last SchemaRevision applied to its schema; null before provisioning.
    revision = models.PositiveIntegerField(null=True, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name", "uai"]
        indexes = [models.Index(Lower("town"), name="school_town")]

    def __str__(self) -> str:
        return self.name

    def save(self, *args, **kwargs) -> None:
        self.schema_name = self.schema_name or f"e_{self.uai.lower()}"
        super().save(*args, **kwargs)

    @property
    def short_name(self) -> str:
        """The name without its kind, for where there is little room."""
        return without_kind(self.name)

    @property
    def has_schema(self) -> bool:
        """Whether its schema exists (its state says so, in the transaction that created it)."""
        return self.revision is not None


class Domain(DomainMixin):
    """A host name a school answers to."""


class SchemaRevision(models.Model):
    """One migration of the school layer, as it changed the template: its SQL, replayed in each school."""

    number = models.PositiveIntegerField(primary_key=True)
    app = models.CharField(max_length=100)
    name = models.CharField(max_length=200)
    statements = models.JSONField(default=list)
    # True where the migration runs Python: then it is run in each school, not replayed.
    runs_python = models.BooleanField(default=False)
    applied_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["app", "name"], name="one_revision_per_migration")]


class SchemaTemplate(models.Model):
    """The statements that make a school's schema as of a revision, read once from the template."""

    revision = models.PositiveIntegerField(primary_key=True)
    statements = models.JSONField()
