"""A deployment never runs with a school behind unnoticed."""

from django.core.checks import Error, Tags, register
from django.db import connection


@register(Tags.database)
def schools_are_current(app_configs, databases=None, **kwargs):
    """`manage.py check --database default` fails while a school or the template lags behind the code."""
    if not databases:
        return []
    from tenants.revisions import schools_behind, template_is_current

    if "tenants_schemarevision" not in connection.introspection.table_names():
        return []
    errors = []
    if not template_is_current():
        errors.append(Error("Des migrations attendent : lancez « manage.py migrate_schools ».", id="tenants.E001"))
    if behind := schools_behind().count():
        errors.append(Error(f"{behind} établissement(s) en retard : « manage.py migrate_schools ».", id="tenants.E002"))
    return errors
