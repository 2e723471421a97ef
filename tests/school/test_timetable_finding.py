"""When are they all free? Teachers, pupils of a class, a room: the common times of a week, and one taken in a click."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ent.school.people.models import Function
from ent.school.timetable import changing
from ent.school.timetable.finding import ANY_ROOM, Wanted, choices, free_times
from ent.school.timetable.generating import generate
from ent.school.timetable.models import RoomUse, Session, TeacherAbsence
from tests import factories
from tests.school.timetable_factories import NOW, slot

pytestmark = [pytest.mark.usefixtures("school"), pytest.mark.usefixtures("in_november")]
MONDAY = date(2026, 11, 30)


@pytest.fixture
def in_november(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture(autouse=True)
def grid(school):
    factories.year()
    for label, starts, ends in (("M1", "08:00", "08:55"), ("M2", "08:55", "09:50"), ("S1", "13:30", "14:25")):
        slot(label, starts, ends)


def free(monday: date = MONDAY, **wanted) -> list[str]:
    """« 1 08:55 » of the times found: weekday and hour."""
    asked = {"teachers": [], "divisions": [], "groups": [], "room": "", "lines": 1} | {
        name: [one.pk for one in value] if isinstance(value, list) else value for name, value in wanted.items()
    }
    found = free_times(Wanted(**asked), monday, "A", choices())
    return [f"{one.day.isoweekday()} {timezone.localtime(one.starts):%H:%M}" for one in found]


def busy(*args, **values) -> None:
    factories.lesson(*args, **values)
    generate(factories.year(), "A")


def test_times_when_one_of_them_is_taken_are_left_out():
    one, other, division, room = factories.staff(), factories.staff(), factories.division("6B"), factories.room("S. 12")
    elsewhere = factories.division("3C")
    busy(one, elsewhere, weekday=1, starts="08:00", ends="08:55")
    busy(other, elsewhere, weekday=1, starts="08:55", ends="09:50")
    busy(factories.staff(), division, weekday=2, starts="08:30", ends="09:30")
    busy(factories.staff(), elsewhere, weekday=3, starts="13:30", ends="14:25", in_room=room)
    found = free(teachers=[one, other], divisions=[division], room=str(room.pk))
    assert [time for time in found if time[0] in "123"] == ["1 13:30", "2 13:30", "3 08:00", "3 08:55"]
    assert len(free(teachers=[one])) == 5 * 3 - 1


def test_pupils_of_a_class_are_taken_by_their_group():
    division, latin = factories.division("6B"), factories.group("6LATIN")
    factories.pupil(division=division, group=latin)
    busy(factories.staff(), latin, weekday=1)
    assert "1 08:00" not in free(divisions=[division])
    assert "1 08:00" in free(divisions=[factories.division("3C")])


def test_an_absent_teacher_is_not_free_and_a_cancelled_session_takes_nobody():
    teacher, division = factories.staff(), factories.division()
    busy(teacher, division, weekday=1)
    changing.cancel(Session.objects.get(day=MONDAY), None, "")
    assert "1 08:00" in free(teachers=[teacher], divisions=[division])
    starts = factories.on("2026-12-01", "00:00")
    TeacherAbsence.objects.create(teacher=teacher, starts_at=starts, ends_at=starts + timedelta(hours=24))
    assert not [time for time in free(teachers=[teacher]) if time[0] == "2"]


def test_days_off_and_past_hours_are_left_out():
    teacher = factories.staff()
    assert free(date(2026, 12, 21), teachers=[teacher]) == []
    assert free(date(2026, 11, 23), teachers=[teacher])[0] == "3 13:30"


def test_saturdays_are_for_schools_that_teach_on_them():
    teacher = factories.staff()
    assert not [time for time in free(teachers=[teacher]) if time[0] == "6"]
    busy(factories.staff(), factories.division(), weekday=6)
    assert "6 08:00" in free(teachers=[teacher])


def test_two_lines_in_a_row_do_not_span_lunch():
    assert set(free(lines=2, teachers=[factories.staff()])) == {f"{day} 08:00" for day in range(1, 6)}


def test_any_room_lists_those_that_are_free():
    taken, other = factories.room("S. 1"), factories.room("S. 2")
    factories.room("Chariot", kind="equipment")
    busy(factories.staff(), factories.division(), in_room=taken)
    found = free_times(Wanted([], [], [], ANY_ROOM, 1), MONDAY, "A", choices())
    assert [room.name for room in found[0].rooms] == ["S. 2"]
    assert [room.name for room in found[1].rooms] == ["S. 1", "S. 2"]
    assert other.uses.count() == 0


def test_one_click_adds_the_session(sign_in):
    head = sign_in(factories.staff(Function.SCHOOL_HEAD))
    one, other, division = factories.staff(), factories.staff(), factories.division("6B")
    room = factories.room("S. 12")
    path = (f"/timetable/free/?teachers={one.pk}&teachers={other.pk}&divisions={division.pk}&room={ANY_ROOM}"
            f"&week={MONDAY}&label=Rattrapage")  # fmt: skip
    page = head.get(path).content.decode()
    assert page.count("Ajouter la séance") == 15
    click = {"starts": factories.on(MONDAY).isoformat(), "room": room.pk, "do": "add"}
    assert "La séance est ajoutée le lundi 30 novembre à 8 h 00" in head.post(path, click, follow=True).content.decode()
    session = Session.objects.get()
    assert session.title == "Rattrapage"
    assert set(session.teachers.all()) == {one, other}
    assert session.divisions.get() == division
    assert session.room_uses.get().room == room
    # The same click again, or somebody else's: the time is taken.
    assert "vient d&#x27;être pris" in head.post(path, click).content.decode()
    assert Session.objects.count() == 1


def test_a_teacher_books_the_room_and_adds_no_session(sign_in):
    teacher, room = factories.staff(), factories.room("S. 12")
    path = f"/timetable/free/?teachers={teacher.pk}&room={room.pk}&week={MONDAY}&label=Concertation"
    page = sign_in(teacher).get(path).content.decode()
    assert "Ajouter la séance" not in page
    click = {"starts": factories.on(MONDAY).isoformat(), "room": room.pk}
    assert sign_in(teacher).post(path, click | {"do": "add"}).status_code == 403
    page = sign_in(teacher).post(path, click | {"do": "book"}, follow=True).content.decode()
    assert "est réservé : S. 12, le lundi 30 novembre à 8 h 00" in page
    assert RoomUse.objects.get().purpose == "Concertation"


def test_nonsense_is_told_and_a_search_makes_few_queries(sign_in):
    teacher, division = factories.staff(), factories.division()
    client = sign_in(teacher)
    assert "Choisissez au moins un enseignant" in client.get("/timetable/free/?label=Essai").content.decode()
    assert client.get("/timetable/free/?teachers=nul&week=demain").status_code == 400
    with CaptureQueriesContext(connection) as queries:
        client.get(f"/timetable/free/?teachers={teacher.pk}&divisions={division.pk}&room={ANY_ROOM}&week={MONDAY}")
    assert len(queries) <= 10, "\n".join(one["sql"][:120] for one in queries)
