"""Every hour a school tells the platform its counts: its own, and counts only."""

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError
from django.utils import timezone

from ent.accounts.models import Account
from ent.kernel import measure
from ent.kernel.access import Role
from ent.kernel.audit.models import record
from ent.kernel.measure import RoleGroup
from ent.school.people.models import Function
from ent.school.pulse import queries
from ent.school.pulse.tasks import push_pulse, push_pulses
from tenants.context import inside, inside_as_owner, platform
from tenants.liaison.models import SchoolActivity, SchoolPulse
from tenants.models import School
from tests import factories


@pytest.fixture
def people(school):
    """Two pupils of whom one is activated, a parent, two teachers, a CPE; and a pupil who left."""
    first, second = factories.pupil(), factories.pupil()
    Account.objects.filter(pk=second.account_id).update(activated_at=None)
    factories.guardian(of=first)
    factories.staff()
    factories.staff(tutors=factories.division())
    factories.staff(Function.CPE)
    gone = factories.pupil()
    gone.closed_at = timezone.now()
    gone.save()
    return first


def test_accounts_are_counted_by_role_and_state(people):
    assert queries.accounts_by_group() == {"pupil": (2, 1), "guardian": (1, 1), "teacher": (2, 2), "staff": (1, 1)}


def test_a_school_pushes_its_counts_and_twice_changes_nothing(people, school):
    record("accounts.print_letters", account_id=None, letters=12, audience="6A, élèves")
    record("accounts.print_letters", account_id=None, letters=3, audience="personnel")
    measure.note(school.schema_name, 40, is_error=False, account_id=people.account_id, roles={Role.PUPIL})
    measure.flush()
    for _ in range(2):
        push_pulse(school.uai)
    with platform():
        pulse = SchoolPulse.objects.get(school=school, role=RoleGroup.PUPIL)
        assert (pulse.day, pulse.accounts, pulse.activated) == (timezone.localdate(), 2, 1)
        assert pulse.came_today >= 1
        assert pulse.came_this_week >= pulse.came_today
        assert SchoolPulse.objects.filter(school=school).count() == 4
        activity = SchoolActivity.objects.get(school=school)
        assert activity.letters_printed == 15
        assert activity.requests >= 1
        assert activity.p95_ms is not None
        assert activity.storage_bytes > 100_000
        assert (activity.lessons_filled, activity.rolls_taken, activity.messages_sent) == (0, 0, 0)


def test_only_open_schools_are_asked(school, other_school, monkeypatch):
    asked = []
    monkeypatch.setattr(push_pulse, "apply_async", lambda args, **options: asked.append(*args))
    with platform():
        School.objects.filter(pk=other_school.pk).update(state=School.State.SUSPENDED)
    push_pulses()
    assert school.uai in asked
    assert other_school.uai not in asked


@pytest.fixture
def both(school, other_school):
    """A row of each school."""
    with platform():
        for one in (school, other_school):
            SchoolPulse.objects.create(school=one, day="2026-11-20", role="pupil", accounts=7)
            SchoolActivity.objects.create(school=one, day="2026-11-20", requests=7)


@pytest.mark.parametrize("table", [SchoolPulse, SchoolActivity])
def test_a_school_reads_its_own_rows_and_no_others(table, both, school, other_school):
    with inside(school):
        assert set(table.objects.values_list("school", flat=True)) == {school.pk}
    with inside_as_owner(school):
        assert table.objects.count() == 2


@pytest.mark.parametrize("table", [SchoolPulse, SchoolActivity])
def test_a_school_neither_changes_nor_deletes_anothers_rows(table, both, school, other_school):
    with inside(school):
        assert table.objects.filter(school=other_school.pk).update(day="2026-11-21") == 0
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {table._meta.db_table} WHERE school_id = %s", [other_school.pk])  # noqa: S608
            assert cursor.rowcount == 0
    with platform():
        assert table.objects.filter(school=other_school, day="2026-11-20").count() == 1


def test_a_school_writes_no_row_in_anothers_name(both, school, other_school):
    with inside(school), pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
        SchoolPulse.objects.create(school_id=other_school.pk, day="2026-11-22", role="pupil")
    with inside(school), pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
        SchoolPulse.objects.filter(role="pupil").update(school_id=other_school.pk)


def test_counting_costs_the_same_whatever_the_people(people, school, django_assert_num_queries):
    with django_assert_num_queries(1):
        queries.accounts_by_group()
    with django_assert_num_queries(1):
        queries.table_bytes()
