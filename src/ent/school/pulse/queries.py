"""Accounts of the school by group of roles, and what its tables take."""

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.models import Case, CharField, Count, Exists, OuterRef, Q, Value, When

from ent.accounts.models import Account
from ent.kernel.measure import RoleGroup
from ent.school.people.models import Function, Person, Profile, StaffFunction
from ent.school.structure.models import FormTutor


def accounts_by_group() -> dict[str, tuple[int, int]]:
    """Open accounts of people who are here, and how many of them are activated, per group. One query."""
    mine = Account.objects.filter(pk=OuterRef("account_id"), closed_at=None)
    teaches = Exists(StaffFunction.objects.filter(person=OuterRef("pk"), function=Function.TEACHER, closed_at=None))
    tutors = Exists(FormTutor.objects.filter(teacher=OuterRef("pk"), closed_at=None))
    found = (
        Person.objects.filter(Exists(mine), closed_at=None)
        .annotate(
            group=Case(
                When(profile=Profile.PUPIL, then=Value(RoleGroup.PUPIL)),
                When(profile=Profile.RELATIVE, then=Value(RoleGroup.GUARDIAN)),
                When(Q(teaches) | Q(tutors), then=Value(RoleGroup.TEACHER)),
                default=Value(RoleGroup.STAFF),
                output_field=CharField(),
            )
        )
        .order_by()
        .values("group")
        .annotate(
            accounts=Count("account_id", distinct=True),
            activated=Count("account_id", distinct=True, filter=Exists(mine.filter(activated_at__isnull=False))),
        )
    )
    counts = {line["group"]: (line["accounts"], line["activated"]) for line in found}
    return {group: counts.get(group, (0, 0)) for group in RoleGroup.values}


def table_bytes() -> int:
    """What the school's tables take on disk, looked up by name: the catalog is never scanned."""
    names = [
        f'"{connection.schema_name}"."{model._meta.db_table}"'
        for model in apps.get_models(include_auto_created=True)
        if apps.get_app_config(model._meta.app_label).name in settings.TENANT_APPS
    ]
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(pg_total_relation_size(to_regclass(name))) FROM unnest(%s::text[]) AS name", [names])
        return int(cursor.fetchone()[0] or 0)
