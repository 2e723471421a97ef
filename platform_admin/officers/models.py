"""Who works in the console."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone


class Officer(models.Model):
    """An agent and what they do. Of the academy where `authority` is null, else of that collectivity.

    What a collectivity's agent sees and acts on is granted on the `Authority` by django-guardian
    (`tenants.see_authority`, `tenants.act_for_authority`): their own, and others where that was granted.
    """

    class Function(models.TextChoices):
        ADMINISTRATOR = "administrator", "Administrateur de la plateforme"
        PILOT = "pilot", "Pilote du déploiement"
        MANAGER = "manager", "Responsable de collectivité"
        OFFICER = "officer", "Agent de collectivité"
        GUEST = "guest", "Invité en lecture"

    account = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="officer")
    name = models.CharField("nom", max_length=120)
    function = models.CharField("fonction", max_length=15, choices=Function)
    authority = models.ForeignKey("tenants.Authority", models.PROTECT, null=True, blank=True, related_name="officers")
    created_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(function__in=["administrator", "pilot"], authority=None)
                | Q(function__in=["manager", "officer"], authority__isnull=False)
                | Q(function="guest"),
                name="officers_authority_fits_function",
            )
        ]

    def __str__(self) -> str:
        return self.name


class TrustedBrowser(models.Model):
    """A browser in which an officer's second factor is not asked again for a while. Only a digest is kept."""

    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="trusted_browsers")
    label = models.CharField(max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()

    class Meta:
        ordering = ["-created_at"]
