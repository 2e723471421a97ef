"""A private calendar address: read by whoever has it, until it is withdrawn or its owner loses a parent's rights."""

import pytest

from ent.school.people.models import Guardianship
from ent.school.timetable import feeds
from ent.school.timetable.models import CalendarFeed
from tests import factories


@pytest.fixture
def taught(school):
    """A pupil of a class that has a session today."""
    division = factories.division()
    factories.session(factories.staff(last_name="Durand"), division)
    return factories.pupil(division)


def address_of(person, about) -> str:
    return f"/calendar/{feeds.open_feed(person.pk, about)}.ics"


def test_a_guardian_follows_a_child_in_any_calendar(taught, visitor):
    answer = visitor.get(address_of(factories.guardian(taught), taught))
    assert answer.status_code == 200
    assert "SUMMARY:Mathématiques" in answer.text
    assert "Durand" in answer.text
    assert CalendarFeed.objects.get().read_at


def test_an_address_withdrawn_answers_no_more(taught, visitor):
    address = address_of(taught, taught)
    assert visitor.get(address).status_code == 200
    feeds.revoke(CalendarFeed.objects.get())
    assert visitor.get(address).status_code == 404


def test_an_address_goes_with_a_parents_rights(taught, visitor):
    guardian = factories.guardian(taught)
    address = address_of(guardian, taught)
    Guardianship.objects.filter(relative=guardian).update(is_restricted=True)
    assert visitor.get(address).status_code == 404


def test_an_address_nobody_opened_is_not_found(school, visitor):
    assert visitor.get("/calendar/personne.ics").status_code == 404


def test_a_person_keeps_a_bounded_number_of_addresses(taught, sign_in):
    for _ in range(20):
        feeds.open_feed(taught.pk, taught)
    page = sign_in(taught).post("/timetable/subscribe/", {"about": str(taught.pk)})
    assert "retirez-en une d&#x27;abord" in page.text
    assert CalendarFeed.objects.count() == 20
