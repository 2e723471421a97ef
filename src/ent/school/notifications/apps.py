"""What people are told, and by which way it reaches them."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "ent.school.notifications"
    label = "notifications"

    def ready(self) -> None:
        from ent.school.notifications import access, module  # noqa: F401
