"""Who was there, session by session."""

from django.apps import AppConfig


class AttendanceConfig(AppConfig):
    name = "ent.school.attendance"
    label = "attendance"
