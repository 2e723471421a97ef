"""The school's audit trail."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "ent.kernel.audit"
    label = "audit"
