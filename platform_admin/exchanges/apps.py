"""What the academy and its collectivities tell schools, and what schools ask them."""

from django.apps import AppConfig


class ExchangesConfig(AppConfig):
    name = "platform_admin.exchanges"
    label = "platform_exchanges"

    def ready(self) -> None:
        from platform_admin.exchanges import access, module, signals  # noqa: F401
