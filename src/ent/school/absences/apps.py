"""Absences and lateness as the school and the families settle them."""

from django.apps import AppConfig


class AbsencesConfig(AppConfig):
    name = "ent.school.absences"
    label = "absences"

    def ready(self) -> None:
        from ent.school.absences import access, coming, home, module, syncing, tasks  # noqa: F401
        from ent.school.absences.announced import announced
        from ent.school.attendance.known import provider

        provider(announced)
