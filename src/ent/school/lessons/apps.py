"""The lesson log and homework."""

from django.apps import AppConfig


class LessonsConfig(AppConfig):
    name = "ent.school.lessons"
    label = "lessons"

    def ready(self) -> None:
        from ent.school.lessons import access, coming, home, module  # noqa: F401
