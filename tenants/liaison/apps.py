"""What the platform and its schools tell each other: counts, network, announcements, requests for help."""

from django.apps import AppConfig


class LiaisonConfig(AppConfig):
    name = "tenants.liaison"
    label = "liaison"
