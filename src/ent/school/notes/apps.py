"""Notes home: messages to read or sign, permissions."""

from django.apps import AppConfig


class NotesConfig(AppConfig):
    name = "ent.school.notes"
    label = "notes"

    def ready(self) -> None:
        from ent.school.notes import access, home, module  # noqa: F401
