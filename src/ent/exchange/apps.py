"""Reading and writing the outside world's formats."""

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "ent.exchange"
    label = "exchange"

    def ready(self) -> None:
        from ent.exchange.timetable import access  # noqa: F401
