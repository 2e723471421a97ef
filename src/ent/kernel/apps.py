"""What every module stands on."""

from django.apps import AppConfig


class KernelConfig(AppConfig):
    name = "ent.kernel"
    label = "kernel"
