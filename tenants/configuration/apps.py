"""Settings of the academy, its collectivities and its schools, inherited unless set."""

from django.apps import AppConfig


class ConfigurationConfig(AppConfig):
    name = "tenants.configuration"
    label = "configuration"
