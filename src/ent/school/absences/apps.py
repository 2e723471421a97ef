"""Absences and lateness as the school and the families settle them."""

from django.apps import AppConfig


class AbsencesConfig(AppConfig):
    name = "ent.school.absences"
    label = "absences"
