"""Weeks A and B corrected, lines of the grid and rooms closed or removed."""

from datetime import date, timedelta

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ent.kernel.refused import Refused
from ent.school.people.models import Function
from ent.school.timetable import changing, closing
from ent.school.timetable.booking import book
from ent.school.timetable.calendar import taught_days
from ent.school.timetable.generating import generate
from ent.school.timetable.models import CalendarDay, Room, RoomUse, Session, TimeSlot, Week
from ent.school.timetable.weeks import correct, weeks_of
from tests import factories
from tests.school.timetable_factories import NOW, slot

pytestmark = [pytest.mark.usefixtures("school"), pytest.mark.usefixtures("in_november")]


@pytest.fixture
def in_november(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def head(sign_in):
    factories.year()
    return sign_in(factories.staff(Function.SCHOOL_HEAD))


def letters() -> dict[date, str]:
    return dict(taught_days(factories.year(), "A").patterns)


# --- weeks -------------------------------------------------------------------------------------------------------
def test_one_week_is_corrected_alone():
    before = letters()
    correct(factories.year(), "A", date(2026, 12, 7), and_following=False)
    after = letters()
    assert {monday for monday in before if before[monday] != after[monday]} == {date(2026, 12, 7)}
    correct(factories.year(), "A", date(2026, 12, 7), and_following=False)
    assert letters() == before
    assert not Week.objects.exists()


def test_all_weeks_turn_from_one_on_whatever_was_corrected_after():
    correct(factories.year(), "A", date(2027, 1, 11), and_following=False)
    before = letters()
    correct(factories.year(), "A", date(2026, 12, 7), and_following=True)
    after = letters()
    assert {monday for monday in before if before[monday] != after[monday]} == {
        monday for monday in before if monday >= date(2026, 12, 7)
    }


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=st.lists(st.tuples(st.integers(0, 25), st.booleans()), max_size=5))
def test_whatever_is_corrected_the_letters_are_those_asked_for(school, in_november, asked):
    Week.objects.all().delete()
    wanted = letters()
    coming = [monday for monday in sorted(wanted) if monday >= date(2026, 11, 23)]
    for number, follows in asked:
        correct(factories.year(), "A", coming[number], and_following=follows)
        for monday in coming[number:] if follows else coming[number : number + 1]:
            wanted[monday] = "B" if wanted[monday] == "A" else "A"
        assert letters() == wanted


def test_sessions_to_come_follow_and_past_ones_stay(head):
    teacher, division = factories.staff(), factories.division()
    for pattern in "AB":
        factories.lesson(teacher, division, pattern=pattern, label=pattern)
    generate(factories.year(), "A")
    before = dict(Session.objects.values_list("day", "label"))
    ids = dict(Session.objects.values_list("day", "pk"))
    page = head.post("/timetable/weeks/", {"monday": "2026-12-07", "do": "following"}, follow=True).content.decode()
    assert "Les lettres sont inversées à partir du 7 décembre" in page
    after = dict(Session.objects.values_list("day", "label"))
    assert {day for day in before if before[day] != after[day]} == {day for day in before if day >= date(2026, 12, 7)}
    assert Session.objects.get(day="2026-11-30").pk == ids[date(2026, 11, 30)]


def test_a_past_week_and_a_week_of_holidays_are_refused(head):
    for monday, said in (("2026-11-16", "Cette semaine est passée"), ("2026-12-21", "pas cours cette semaine-là"),
                         ("n'importe quoi", "Choisissez une semaine")):  # fmt: skip
        assert said in head.post("/timetable/weeks/", {"monday": monday}).content.decode()
    assert not Week.objects.exists()


def test_the_page_names_holidays_and_goes_to_a_spreadsheet(head):
    CalendarDay.objects.create(day="2026-12-11", label="Journée pédagogique")
    page = head.get("/timetable/weeks/").content.decode()
    assert "vendredi 11 décembre : Journée pédagogique" in page
    assert "mercredi 11 novembre : Armistice" in page
    holidays = next(one for one in weeks_of(factories.year(), "A") if one.monday == date(2026, 12, 28))
    assert holidays.pattern == ""
    assert "Noël" in holidays.off
    table = b"".join(head.get("/timetable/weeks/?export=csv").streaming_content).decode()
    assert "2026-12-07;2026-12-11;" in table


# --- the grid ----------------------------------------------------------------------------------------------------
def test_a_line_of_the_grid_that_no_lesson_uses_is_removed(head):
    line = slot("M1", "08:00", "08:55")
    assert "Retirer" in head.get(f"/timetable/slots/{line.pk}/settings/").content.decode()
    head.post(f"/timetable/slots/{line.pk}/settings/", {"do": "remove"})
    assert not TimeSlot.objects.exists()


def test_a_line_in_use_is_closed_and_another_takes_its_place(head):
    line = slot("M1", "08:00", "08:55")
    factories.lesson(factories.staff(), factories.division("6B"))
    path = f"/timetable/slots/{line.pk}/settings/"
    assert "· 6B" in head.get(path).content.decode()
    refused = head.post(path, {"do": "remove"}).content.decode()
    assert "fermez plutôt" in refused
    head.post(path, {"do": "close", "day": "2026-11-25"})
    line.refresh_from_db()
    assert not line.is_open
    assert "M1 (8 h 00" not in head.get("/timetable/lessons/add/").content.decode()
    head.post(
        "/timetable/set-up/", {"do": "slot", "slot-label": "M1", "slot-starts_at": "08:10", "slot-ends_at": "09:05"}
    )
    assert TimeSlot.objects.filter(closed_at=None).count() == 1
    assert "Le créneau « M1 » a pris sa place" in head.post(path, {"do": "reopen"}).content.decode()


def test_a_line_is_changed_without_meeting_itself(head):
    line = slot("M1", "08:00", "08:55")
    head.post(f"/timetable/slots/{line.pk}/settings/",
              {"do": "change", "label": "M1", "starts_at": "08:05", "ends_at": "09:00"})  # fmt: skip
    line.refresh_from_db()
    assert f"{line.starts_at:%H:%M}" == "08:05"


def test_a_name_is_taken_once(head):
    slot("M1", "08:00", "08:55")
    other = {"do": "slot", "slot-label": "m1", "slot-starts_at": "10:00", "slot-ends_at": "11:00"}
    assert "Un créneau porte déjà ce nom." in head.post("/timetable/set-up/", other).content.decode()


# --- rooms -------------------------------------------------------------------------------------------------------
def test_a_room_nothing_used_is_removed(head):
    room = factories.room("Ancien CDI")
    head.post(f"/timetable/rooms/{room.pk}/settings/", {"do": "remove"})
    assert not Room.objects.exists()


def test_a_room_in_use_says_what_uses_it_and_is_closed_from_a_day_on(head):
    room, teacher, division = factories.room("S. 12"), factories.staff(last_name="Martin"), factories.division("6B")
    factories.lesson(teacher, division, in_room=room)
    generate(factories.year(), "A")
    added = changing.add(
        factories.on("2026-12-03", "10:00"), factories.on("2026-12-03", "11:00"), subject=None, label="Conseil",
        teachers=[], divisions=[division], groups=[], rooms=[room], by=None, zone="A",
    )  # fmt: skip
    book(room, factories.on("2026-12-04", "10:00"), factories.on("2026-12-04", "11:00"), teacher.pk, "Réunion")
    path = f"/timetable/rooms/{room.pk}/settings/"
    page = head.get(path).content.decode()
    for shown in (
        "Mathématiques",
        "lundi, 8\N{NO-BREAK SPACE}h\N{NO-BREAK SPACE}00",
        f"/timetable/sessions/{added.pk}/",
        "Réservation de",
    ):
        assert shown in page
    assert "Le passé reste comme il a été" in head.post(path, {"do": "close", "day": "2026-11-02"}).content.decode()
    uses = RoomUse.objects.count()
    head.post(path, {"do": "close", "day": "2026-12-10"})
    assert RoomUse.objects.count() == uses
    room.refresh_from_db()
    book(room, factories.on("2026-12-09", "10:00"), factories.on("2026-12-09", "11:00"), teacher.pk, "Réunion")
    with pytest.raises(Refused, match="fermée à partir du 10 décembre 2026"):
        book(room, factories.on("2026-12-10", "10:00"), factories.on("2026-12-10", "11:00"), teacher.pk, "Réunion")
    with pytest.raises(Refused, match="fermée"):
        changing.change_room(Session.objects.get(day="2026-12-14"), room, None)
    refused = head.post("/timetable/lessons/add/", {
        "weekday": 2, "starts": "08:00", "ends": "09:00", "since": "2026-11-26", "label": "Chorale",
        "divisions": [division.pk], "rooms": [room.pk],
    })  # fmt: skip
    assert "« S. 12 » ferme le 10 décembre 2026" in refused.content.decode()


def test_a_closed_room_is_offered_no_more_its_past_is_read_and_it_may_open_again(head):
    room = factories.room("S. 12")
    factories.lesson(factories.staff(), factories.division("6B"), in_room=room)
    generate(factories.year(), "A")
    closing.close(room, NOW.date())
    assert "S. 12" not in head.get("/timetable/bookings/").content.decode()
    assert "Mathématiques" in head.get(f"/timetable/rooms/{room.pk}/?day=2026-11-23").content.decode()
    again = head.post("/timetable/set-up/", {"do": "room", "room-name": "s. 12", "room-kind": "room"})
    assert "rouvrez-la plutôt" in again.content.decode()
    head.post(f"/timetable/rooms/{room.pk}/settings/", {"do": "reopen"})
    assert "S. 12" in head.get("/timetable/bookings/").content.decode()


# --- days --------------------------------------------------------------------------------------------------------
def test_a_session_on_a_holiday_is_refused_and_said_why(head):
    division = factories.division()
    typed = {"starts": "10:00", "ends": "11:00", "label": "Rattrapage", "division": division.pk}
    CalendarDay.objects.create(day="2026-12-11", label="Journée pédagogique")
    said_of = {"2026-12-23": "Vacances de Noël", "2026-11-11": "Armistice", "2026-12-13": "un dimanche",
               "2026-12-11": "Journée pédagogique", "2027-09-02": "hors de l&#x27;année scolaire"}  # fmt: skip
    for day, said in said_of.items():
        response = head.post("/timetable/sessions/add/", typed | {"day": day})
        assert response.status_code == 400
        assert said in response.content.decode()
        assert 'value="Rattrapage"' in response.content.decode()
    assert not Session.objects.exists()


def test_a_day_off_added_leaves_other_sessions_as_they_are(head):
    factories.lesson(factories.staff(), factories.division(), weekday=5)
    generate(factories.year(), "A")
    ids = dict(Session.objects.values_list("day", "pk"))
    head.post("/timetable/set-up/", {"do": "day", "day-day": "2026-12-11", "day-label": "Pont"})
    after = dict(Session.objects.values_list("day", "pk"))
    assert set(ids) - set(after) == {date(2026, 12, 11)}
    assert all(ids[day] == pk for day, pk in after.items())
    head.post("/timetable/set-up/", {"do": "remove", "kind": "day", "day": "2026-12-11"})
    assert set(dict(Session.objects.values_list("day", "pk"))) == set(ids)
    assert min(ids) < NOW.date() - timedelta(days=60)


# --- the page of a session -------------------------------------------------------------------------------------------
def test_the_rooms_to_choose_from_begin_at_that_of_the_session_and_say_which_are_taken(head):
    own, taken = factories.room("S. 1"), factories.room("S. 2")
    factories.room("S. 3")
    starts = timezone.now() + timedelta(days=1)
    session = factories.session(factories.staff(), factories.division(), starts=starts, in_room=own)
    factories.session(factories.staff(), factories.division("6B"), starts=starts, in_room=taken)
    page = head.get(f"/timetable/sessions/{session.pk}/").text
    assert f'<option value="{own.pk}" selected>S. 1</option>' in page
    assert "S. 2 (prise)" in page
    assert "S. 3 (prise)" not in page


def test_the_room_a_session_has_already_is_no_change_that_families_are_told(head):
    own = factories.room("S. 1")
    starts = timezone.now() + timedelta(days=1)
    for room in (own, None):
        session = factories.session(factories.staff(), factories.division(), starts=starts, in_room=room)
        answer = head.post(f"/timetable/sessions/{session.pk}/", {"do": "room", "room-room": room.pk if room else ""})
        assert answer.status_code == 400
        assert "Rien ne change" in answer.text
        assert not session.changes.exists()


def test_a_cancelled_session_is_put_back_before_anything_else_is_done_with_it(head):
    session = factories.session(factories.staff(), factories.division(), state="cancelled")
    page = head.get(f"/timetable/sessions/{session.pk}/").text
    assert "Rétablir la séance" in page
    assert "Déplacer la séance" not in page
