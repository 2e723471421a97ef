"""Queries compiled once: the same rows as Django's own query set, for other values and lengths."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.db.models import Count, Q
from django.test.utils import CaptureQueriesContext

from ent.kernel.prepared import UnpreparedValue, prepared
from ent.school.people.models import Person
from ent.school.structure.models import Enrolment
from tests import factories


@prepared
def named(people):
    return Person.objects.filter(pk__in=people).order_by("last_name")


@prepared
def enrolled_since(pupil, day):
    found = Enrolment.objects.filter(Q(starts_on=None) | Q(starts_on__gte=day), pupil=pupil)
    return found.select_related("division", "pupil")


def test_the_same_query_gives_each_its_own_rows(school):
    ada, bea = factories.pupil(last_name="Abc"), factories.pupil(last_name="Bcd")
    assert [named([ada.pk]), named([bea.pk]), named([bea.pk, ada.pk]), named({ada.pk})] == [
        [ada], [bea], [ada, bea], [ada]]  # fmt: skip
    assert named([]) == []
    assert named([ada.pk] * 200) == [ada]


def test_rows_that_are_joined_come_with_them_in_one_query(school):
    one, other = (factories.pupil(factories.division(code)) for code in ("1 A", "1 B"))
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            shown = [(row.pupil, row.division.code)
                     for pupil in (one, other) for row in enrolled_since(pupil.pk, date(2020, 9, 1))]  # fmt: skip
        assert shown == [(one, "1 A"), (other, "1 B")]
        assert len(queries) == 2


def test_values_and_unions_and_what_is_fetched_beside_are_prepared_too(school):
    one, other = (factories.pupil(factories.division(code)) for code in ("1 A", "1 B"))

    @prepared
    def both(first, second):
        rows = Person.objects.order_by().values_list("pk")
        return (
            rows.filter(pk=first).annotate(n=Count("enrolments")).union(rows.filter(pk=second).annotate(n=Count("pk")))
        )

    @prepared
    def with_enrolments(pupil):
        return Person.objects.filter(pk=pupil).prefetch_related("enrolments__division")

    assert sorted(both(one.pk, other.pk)) == sorted([(one.pk, 1), (other.pk, 1)])
    assert [e.division.code for p in (one, other) for e in with_enrolments(p.pk)[0].enrolments.all()] == ["1 A", "1 B"]


def test_a_value_that_would_stay_from_the_first_call_is_refused(school):
    today = date(2026, 11, 25)
    rows = Enrolment.objects
    for asked, values in (
        (prepared(lambda day: rows.filter(starts_on=day + timedelta(days=1))), [today]),
        (prepared(lambda day, end: rows.filter(starts_on=day + timedelta(days=2), closed_at__date=end)), [today] * 2),
        (prepared(lambda pupil, day: rows.filter(pupil=pupil)), [factories.pupil().pk, today]),
        (prepared(lambda name: rows.filter(pupil__last_name=name)), ["Abc"]),
    ):
        with pytest.raises(UnpreparedValue):
            asked(*values)
