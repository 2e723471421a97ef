"""Reading and writing the outside world's formats."""

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "ent.exchange"
    label = "exchange"
