"""Collectivities, schools, domains; a schema's life."""

from django.apps import AppConfig


class TenantsConfig(AppConfig):
    name = "tenants"

    def ready(self) -> None:
        from tenants import checks, signals  # noqa: F401
