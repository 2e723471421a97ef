"""Pupils, families and staff of a school."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "ent.school.people"
    label = "people"

    def ready(self) -> None:
        from ent.school.people import access, module  # noqa: F401
