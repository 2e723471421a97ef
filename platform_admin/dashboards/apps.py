"""Dashboards of the academy and its collectivities: where to look first, in counts and never in names."""

from django.apps import AppConfig


class DashboardsConfig(AppConfig):
    name = "platform_admin.dashboards"
    label = "dashboards"

    def ready(self) -> None:
        from platform_admin.dashboards import access, module  # noqa: F401
