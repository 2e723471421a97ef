"""How schools are connected, and where the service will be slow."""

from django.apps import AppConfig


class NetworkConfig(AppConfig):
    name = "platform_admin.network"
    label = "platform_network"

    def ready(self) -> None:
        from platform_admin.network import access, module  # noqa: F401
