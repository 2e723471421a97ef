"""A school's space exists whole or not at all, and the database itself keeps schools apart."""

import pytest
from django.db import ProgrammingError, connection, transaction

from ent.school.people.models import Person
from tenants import revisions
from tenants.configuration.models import SettingValue
from tenants.context import inside
from tenants.hosts import host_of
from tenants.models import School
from tenants.provisioning import provision, template_statements
from tests import factories
from tests.conftest import SchoolClient


def tables_of(schema: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = %s", [schema])
        return {name for (name,) in cursor}


def test_a_provisioned_school_has_every_table_of_the_template(platform_db):
    school = factories.registered(provisioned=True)
    assert tables_of(school.schema_name) == tables_of("e_template") - {"django_migrations"}
    assert school.state == School.State.OPEN


def test_provisioning_twice_changes_nothing(platform_db):
    school = factories.registered(provisioned=True)
    assert provision(school) is False


def test_a_failure_in_the_middle_leaves_no_half_school(platform_db):
    school = factories.registered()
    template = template_statements()
    template.statements = [*template.statements, "CREATE TABLE broken (id nothing)"]
    template.save()
    with pytest.raises(ProgrammingError), transaction.atomic():
        provision(school)
    school.refresh_from_db()
    assert not school.has_schema
    assert tables_of(school.schema_name) == set()


def test_a_school_has_no_sequence_and_no_key_into_the_platform(platform_db):
    school = factories.registered(provisioned=True)
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE n.nspname = %s AND c.relkind = 'S'""",
            [school.schema_name],
        )
        assert cursor.fetchall() == []
        cursor.execute(
            """SELECT k.conname FROM pg_constraint k
               JOIN pg_namespace n ON n.oid = k.connamespace
               JOIN pg_class f ON f.oid = k.confrelid JOIN pg_namespace fn ON fn.oid = f.relnamespace
               WHERE n.nspname = %s AND k.contype = 'f' AND fn.nspname <> n.nspname""",
            [school.schema_name],
        )
        assert cursor.fetchall() == []
        cursor.execute(
            "SELECT tgname FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid JOIN pg_namespace n "
            "ON n.oid = c.relnamespace WHERE n.nspname = %s AND NOT tgisinternal",
            [school.schema_name],
        )
        assert cursor.fetchall() == []


def test_the_database_refuses_another_schools_table(school, other_school):
    with inside(school):
        assert Person.objects.count() == 0
        with pytest.raises(ProgrammingError, match="permission denied"), connection.cursor() as cursor:
            cursor.execute(f'SELECT count(*) FROM "{other_school.schema_name}".people_person')  # noqa: S608


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM accounts_account",
        "UPDATE accounts_membership SET profile = 'staff'",
        "DELETE FROM exchange_importrun",
        "INSERT INTO configuration_settingvalue (id, key, value) VALUES (gen_random_uuid(), 'accent', '1')",
    ],
)
def test_the_database_refuses_what_is_not_the_schools_to_change(school, statement):
    refused = pytest.raises(ProgrammingError, match=r"permission denied|row-level security")
    with inside(school), refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_school_reads_what_it_inherits_and_not_what_others_set(school, other_school):
    for level in ({}, {"school": school}, {"school": other_school}):
        SettingValue.objects.create(key="accent", value="prune", **level)
    with inside(school):
        assert {value.school_id for value in SettingValue.objects.all()} == {None, school.pk}
        assert SettingValue.objects.filter(school=None).update(value="vert") == 0


def test_a_school_without_a_space_says_that_it_opens_soon_in_its_own_style(platform_db):
    client = SchoolClient(host_of(factories.registered()))
    assert (client.get("/").status_code, "Bientôt ouvert" in client.get("/").text) == (503, True)
    # Style sheets are found or not, as on any host: not refused.
    assert client.get("/static/ui/ent.css").status_code != 503


def test_the_audit_trail_only_grows(school):
    from ent.kernel.audit.models import AuditEvent, record

    with inside(school):
        record("people.view_contact", account_id=None)
        with pytest.raises(ProgrammingError, match="permission denied"):
            AuditEvent.objects.all().delete()


def test_every_school_is_at_the_head(platform_db):
    assert revisions.template_is_current()
    assert list(revisions.schools_behind()) == []
