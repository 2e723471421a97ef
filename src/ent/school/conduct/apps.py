"""Remarks, incidents, punishments and sanctions, and notes home."""

from django.apps import AppConfig


class ConductConfig(AppConfig):
    name = "ent.school.conduct"
    label = "conduct"

    def ready(self) -> None:
        from ent.school.conduct import access, coming, home, module  # noqa: F401
