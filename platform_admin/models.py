"""Who works in the console."""

from django.conf import settings
from django.db import models


class Officer(models.Model):
    """An agent of the academy and what they may do in the console."""

    class Function(models.TextChoices):
        ADMINISTRATOR = "administrator", "Administrateur de la plateforme"
        PILOT = "pilot", "Pilote du déploiement"

    account = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="officer")
    name = models.CharField("nom", max_length=120)
    function = models.CharField("fonction", max_length=15, choices=Function)
