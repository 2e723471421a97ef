"""The academy's directory export (AAF)."""

from django.apps import AppConfig


class AafConfig(AppConfig):
    name = "ent.exchange.aaf"
    label = "aaf"
