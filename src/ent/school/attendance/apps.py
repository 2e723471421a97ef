"""Who was there, session by session."""

from django.apps import AppConfig


class AttendanceConfig(AppConfig):
    name = "ent.school.attendance"
    label = "attendance"

    def ready(self) -> None:
        from ent.school.attendance import access, expected, home, module  # noqa: F401
