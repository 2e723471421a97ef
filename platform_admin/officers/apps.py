"""Who works in the console: agents of the academy and of its collectivities, and their second factor."""

from django.apps import AppConfig


class OfficersConfig(AppConfig):
    name = "platform_admin.officers"
    label = "officers"

    def ready(self) -> None:
        from platform_admin.officers import access, module  # noqa: F401
