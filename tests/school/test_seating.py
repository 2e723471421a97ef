"""Seating plans: one per teacher, class and room; the same register in three views."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ent.school.attendance import seating
from ent.school.attendance.models import Attendance, Seat, SeatingPlan
from ent.school.attendance.seating_forms import number
from tests import factories


@pytest.fixture
def room_full(school):
    """(session under way in a room, teacher, two pupils of the class)."""
    division = factories.division("5A")
    teacher = factories.staff(teaches=division)
    pupils = [factories.pupil(division=division, last_name=name) for name in ("Arnaud", "Bony")]
    return factories.session(teacher, division, in_room=factories.room()), teacher, pupils


def typed(*places) -> dict[str, str]:
    """What the page sends for (pupil, row, place) each."""
    found = {"rows": "2", "columns": "3"}
    for pupil, row, column in places:
        found |= {f"row-{pupil.pk}": row, f"column-{pupil.pk}": column}
    return found


def test_a_plan_serves_every_session_of_the_class_in_that_room(room_full, sign_in):
    session, teacher, (arnaud, bony) = room_full
    client = sign_in(teacher)
    assert "Pas encore de plan" in client.get(f"/sessions/{session.pk}/register/?view=plan").text
    client.post(f"/sessions/{session.pk}/seats/", typed((arnaud, "2", "3"), (bony, "1", "1")))
    later = factories.session(teacher, factories.division("5A"), in_room=factories.room())
    page = client.get(f"/sessions/{later.pk}/register/?view=plan").text
    assert page.index("Bony") < page.index("Arnaud")
    elsewhere = factories.session(teacher, factories.division("5A"), in_room=factories.room("S. 12"))
    assert "Pas encore de plan" in client.get(f"/sessions/{elsewhere.pk}/register/?view=plan").text


def test_the_roll_is_taken_from_the_plan(room_full, sign_in):
    session, teacher, (arnaud, bony) = room_full
    client = sign_in(teacher)
    client.post(f"/sessions/{session.pk}/seats/", typed((arnaud, "2", "3"), (bony, "", "")))
    page = client.get(f"/sessions/{session.pk}/register/?view=plan").text
    assert "Sans place" in page
    assert f"state-{bony.pk}" in page
    client.post(f"/sessions/{session.pk}/register/?view=plan", {f"state-{arnaud.pk}": "absent",
                                                                f"state-{bony.pk}": "present"})  # fmt: skip
    assert Attendance.objects.get(state="absent").pupil == arnaud


@pytest.mark.parametrize(("first", "second", "words"), [
    (("1", "1"), ("1", "1"), "déjà celle de"),
    (("1", "1"), ("9", "1"), "pas dans la salle"),
    (("1", "1"), ("deux", "1"), "pas dans la salle"),
])  # fmt: skip
def test_a_wrong_seat_is_told_beside_the_pupil_and_nothing_typed_is_lost(room_full, sign_in, first, second, words):
    session, teacher, (arnaud, bony) = room_full
    page = sign_in(teacher).post(f"/sessions/{session.pk}/seats/", typed((arnaud, *first), (bony, *second)))
    assert page.status_code == 400
    assert words in page.text
    assert f'value="{second[0]}" aria-invalid' in page.text
    assert not SeatingPlan.objects.exists()


def test_seats_are_changed_as_often_as_one_likes(room_full, sign_in):
    session, teacher, (arnaud, bony) = room_full
    client = sign_in(teacher)
    client.post(f"/sessions/{session.pk}/seats/", typed((arnaud, "1", "1"), (bony, "1", "2")))
    client.post(f"/sessions/{session.pk}/seats/", typed((arnaud, "1", "2"), (bony, "1", "1")))
    assert Seat.objects.get(pupil=arnaud).column == 2
    assert SeatingPlan.objects.count() == 1


def test_a_colleague_has_a_plan_of_their_own(room_full, sign_in):
    session, teacher, (arnaud, bony) = room_full
    sign_in(teacher).post(f"/sessions/{session.pk}/seats/", typed((arnaud, "2", "3"), (bony, "1", "1")))
    division = factories.division("5A")
    colleague = factories.staff(teaches=division)
    theirs = factories.session(colleague, division, in_room=factories.room())
    assert "Pas encore de plan" in sign_in(colleague).get(f"/sessions/{theirs.pk}/register/?view=plan").text


@given(st.text(max_size=5))
def test_whatever_is_typed_is_a_number_of_the_grid_or_none(text):
    assert 0 <= number(text) <= seating.LARGEST
