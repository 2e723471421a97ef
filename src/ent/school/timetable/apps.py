"""The school's week and its dated sessions."""

from django.apps import AppConfig


class TimetableConfig(AppConfig):
    name = "ent.school.timetable"
    label = "timetable"

    def ready(self) -> None:
        from ent.school.timetable import access, home, module  # noqa: F401
