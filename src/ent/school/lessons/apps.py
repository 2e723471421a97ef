"""The lesson log and homework."""

from django.apps import AppConfig


class LessonsConfig(AppConfig):
    name = "ent.school.lessons"
    label = "lessons"
