"""A change of the school layer reaches every school; one that fails stops none of the others."""

import pytest
from django.db import connection

from tenants import revisions
from tenants.context import inside_as_owner
from tenants.models import SchemaRevision, School
from tests import factories


def columns_of(school: School) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name FROM information_schema.columns "
            "WHERE table_schema = %s AND table_name = 'structure_division'",
            [school.schema_name],
        )
        return {name for (name,) in cursor}


@pytest.fixture
def added_column(platform_db) -> SchemaRevision:
    return SchemaRevision.objects.create(
        number=revisions.head() + 1, app="structure", name="essai",
        statements=["ALTER TABLE structure_division ADD COLUMN essai integer NULL"],
    )  # fmt: skip


def migrate() -> list[tuple[School, Exception]]:
    return revisions.migrate_schools(list(revisions.schools_behind()), 1, lambda *_: None)


def test_every_school_behind_gets_the_column(added_column):
    assert revisions.schools_behind().count() == 2
    assert migrate() == []
    assert all("essai" in columns_of(school) for school in School.objects.filter(revision__isnull=False))
    assert revisions.schools_behind().count() == 0


def test_schools_at_the_head_cost_one_query(platform_db, django_assert_num_queries):
    with django_assert_num_queries(2):  # the head, the schools
        assert list(revisions.schools_behind()) == []


def test_a_school_that_fails_stops_none_of_the_others(added_column):
    broken = factories.registered(provisioned=True)
    School.objects.filter(pk=broken.pk).update(revision=added_column.number - 1)
    with inside_as_owner(broken), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE structure_division ADD COLUMN essai integer NULL")
    failed = migrate()
    assert [school for school, _ in failed] == [broken]
    assert list(revisions.schools_behind()) == [broken]


def test_a_school_behind_is_not_served_and_says_so(added_column, other_school):
    from django.conf import settings

    from tests.conftest import SchoolClient

    revisions.head_in_code.cache_clear()
    try:
        response = SchoolClient(f"{other_school.subdomain}.{settings.BASE_DOMAIN}").get("/")
        assert response.status_code == 503
    finally:
        revisions.head_in_code.cache_clear()


def test_a_deployment_with_a_school_behind_fails_its_check(added_column):
    from tenants.checks import schools_are_current

    assert [error.id for error in schools_are_current(None, databases=["default"])] == ["tenants.E002"]
