"""What a school tells the platform of itself, every hour: counts; no tables of its own."""

from django.apps import AppConfig


class PulseConfig(AppConfig):
    name = "ent.school.pulse"
    label = "pulse"
