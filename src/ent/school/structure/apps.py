"""School years, classes and groups, subjects, programmes, teachings."""

from django.apps import AppConfig


class StructureConfig(AppConfig):
    name = "ent.school.structure"
    label = "structure"

    def ready(self) -> None:
        from ent.school.structure import access, module  # noqa: F401
