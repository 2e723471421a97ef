"""What people see: base templates, components, styles, icons."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "ent.ui"
    label = "ui"
