"""Pages of the school's administrator; no tables."""

from django.apps import AppConfig


class AdministrationConfig(AppConfig):
    name = "ent.school.administration"
    label = "administration"

    def ready(self) -> None:
        from ent.school.administration import access, module  # noqa: F401
