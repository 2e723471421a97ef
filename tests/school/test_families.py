"""Whose page a family looks at: one child at a time, never another's."""

import pytest
from django.test import RequestFactory

from ent.kernel.access import Acting
from ent.school.people.families import chosen_child
from ent.school.people.models import Guardianship
from tests import factories


def asked(person, child="") -> tuple[list, object]:
    request = RequestFactory().get("/", {"child": child})
    request.acting = Acting(person_id=person.pk, profile=person.profile)
    return chosen_child(request)


@pytest.fixture
def parent(school):
    return factories.guardian(of=factories.pupil(first_name="Lina"))


def test_a_guardian_sees_the_child_asked_for_else_the_first(parent):
    first = asked(parent)[1]
    assert first.first_name == "Lina"
    other = factories.pupil(first_name="Noé")
    Guardianship.objects.create(relative=parent, pupil=other, kinship="mother", legal_rank=1)
    assert asked(parent, other.pk)[1] == other
    assert len(asked(parent, other.pk)[0]) == 2


def test_a_child_that_is_not_theirs_is_not_shown(parent):
    assert asked(parent, factories.pupil().pk)[1].first_name == "Lina"
    assert asked(parent, "n'importe quoi")[1].first_name == "Lina"


def test_a_pupil_sees_oneself_and_nobody_else(school):
    pupil = factories.pupil()
    assert asked(pupil, factories.pupil().pk) == ([pupil], pupil)


def test_who_has_no_child_here_any_more_sees_none(parent):
    Guardianship.objects.filter(relative=parent).update(is_restricted=True)
    assert asked(parent) == ([], None)
