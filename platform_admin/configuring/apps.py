"""Settings of the academy, its collectivities and its schools, as officers change them; no tables."""

from django.apps import AppConfig


class ConfiguringConfig(AppConfig):
    name = "platform_admin.configuring"
    label = "configuring"

    def ready(self) -> None:
        from platform_admin.configuring import access, module  # noqa: F401
