"""The academy's console."""

from django.apps import AppConfig


class PlatformAdminConfig(AppConfig):
    name = "platform_admin"

    def ready(self) -> None:
        from platform_admin import access, module  # noqa: F401
