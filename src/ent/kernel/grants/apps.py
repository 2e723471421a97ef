"""What one person grants another, object by object (django-guardian), in both layers."""

from django.apps import AppConfig


class GrantsConfig(AppConfig):
    name = "ent.kernel.grants"
    label = "grants"
