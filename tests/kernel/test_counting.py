"""Several counts in one query."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from ent.kernel.counting import count_all
from ent.school.people.models import Person
from ent.school.structure.models import Division
from tests import factories


def test_counts_of_several_tables_are_one_query_and_nothing_is_zero(school):
    for name in ("Ada", "Ada", "Bea"):
        factories.pupil(first_name=name)
    everyone = Person.objects.filter(profile="pupil")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        found = count_all(
            pupils=everyone, names=everyone.values("first_name"), classes=Division.objects.filter(code="?")
        )
    assert found == {"pupils": 3, "names": 2, "classes": 0}
    assert len(queries) == 1
