"""A pupil who changes class keeps the past, on every screen; the clock changes, the hours of the school do not."""

from datetime import date, timedelta

import icalendar
import pytest
from django.utils import timezone

from ent.school.people.models import Function
from ent.school.structure.models import Enrolment
from ent.school.timetable import changing, feeds
from ent.school.timetable.access import pupils_of_session
from ent.school.timetable.booking import book
from ent.school.timetable.generating import generate
from ent.school.timetable.models import CalendarFeed, RoomUse, Session, SessionChange
from tests import factories
from tests.school.timetable_factories import NOW, typed_lesson, weekly_saved

pytestmark = [pytest.mark.usefixtures("school"), pytest.mark.usefixtures("in_november")]
# Mondays before and after the pupil changes class, on a Wednesday.
BEFORE, MOVED_ON, AFTER = date(2026, 11, 9), date(2026, 11, 18), date(2026, 11, 23)


@pytest.fixture
def in_november(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def moved():
    """A pupil of 6A until 17 November, of 6B since; both have a lesson each Monday."""
    old, new = factories.division("6A"), factories.division("6B")
    pupil = factories.pupil(division=old)
    Enrolment.objects.filter(pupil=pupil).update(closed_at=factories.on(MOVED_ON, "00:00"))
    Enrolment.objects.create(pupil=pupil, division=new, starts_on=MOVED_ON)
    factories.lesson(factories.staff(), old, label="Cours de 6A")
    factories.lesson(factories.staff(), new, label="Cours de 6B")
    generate(factories.year(), "A")
    return pupil


def test_the_week_page_shows_the_class_of_then(moved, sign_in):
    guardian = factories.guardian(of=moved)
    for reader, path in ((moved, "/timetable/"), (guardian, "/timetable/"),
                         (factories.staff(Function.CPE), f"/timetable/people/{moved.pk}/")):  # fmt: skip
        client = sign_in(reader)
        before, after = (client.get(f"{path}?day={day}").content.decode() for day in (BEFORE, AFTER))
        assert "Cours de 6A" in before
        assert "Cours de 6B" not in before
        assert "Cours de 6B" in after
        assert "Cours de 6A" not in after


def test_the_calendar_follows_the_pupil(moved, visitor):
    secret = feeds.open_feed(moved.pk, moved)
    body = visitor.get(f"/calendar/{secret}.ics").content
    shown = {one.decoded("dtstart").astimezone(timezone.get_current_timezone()).date(): str(one["summary"])
             for one in icalendar.Calendar.from_ical(body).walk("VEVENT")}  # fmt: skip
    assert shown[BEFORE].startswith("Cours de 6A")
    assert shown[AFTER].startswith("Cours de 6B")
    assert all(("6A" in title) == (day < MOVED_ON) for day, title in shown.items())
    assert CalendarFeed.objects.get().read_at


def test_the_api_follows_the_pupil(moved, sign_in):
    client = sign_in(moved)
    rows = client.get(f"/api/sessions/?first={BEFORE}&last={AFTER}").json()["results"]
    assert [(one["starts_at"][:10], one["divisions"]) for one in rows] == [
        (str(BEFORE), ["6A"]), (str(BEFORE + timedelta(weeks=1)), ["6A"]), (str(AFTER), ["6B"]),
    ]  # fmt: skip
    theirs, others = (Session.objects.get(day=AFTER, label=label) for label in ("Cours de 6B", "Cours de 6A"))
    assert client.get(f"/api/sessions/{theirs.pk}/").status_code == 200
    assert client.get(f"/api/sessions/{others.pk}/").status_code in (403, 404)


def test_the_register_of_then_has_the_pupil_and_the_one_of_now_has_not(moved):
    for day, label, is_there in (
        (BEFORE, "6A", True),
        (BEFORE, "6B", False),
        (AFTER, "6A", False),
        (AFTER, "6B", True),
    ):
        session = Session.objects.get(day=day, label=f"Cours de {label}")
        assert pupils_of_session(session).filter(pk=moved.pk).exists() == is_there


# --- the clock ---------------------------------------------------------------------------------------------------
def hour(session: Session) -> str:
    return f"{timezone.localtime(session.starts_at):%H:%M}"


def test_a_monday_lesson_stays_at_eight_when_the_clock_changes(sign_in):
    division = factories.division("6B")
    factories.lesson(factories.staff(), division)
    generate(factories.year(), "A")
    # The clock goes forward on 28 March 2027, back on 25 October 2026: here, the Mondays around March.
    winter, summer = Session.objects.get(day="2027-03-22"), Session.objects.get(day="2027-04-05")
    assert (hour(winter), hour(summer)) == ("08:00", "08:00")
    assert summer.starts_at - winter.starts_at == timedelta(days=14, hours=-1)
    pupil = factories.pupil(division=division)
    rows = sign_in(pupil).get("/api/sessions/?first=2027-03-22&last=2027-04-05").json()["results"]
    # In between, Easter Monday.
    assert [one["starts_at"] for one in rows] == ["2027-03-22T08:00:00+01:00", "2027-04-05T08:00:00+02:00"]
    assert (
        "8\N{NO-BREAK SPACE}h\N{NO-BREAK SPACE}00" in sign_in(pupil).get("/timetable/?day=2027-04-05").content.decode()
    )


def test_a_lesson_typed_in_summer_time_is_at_the_same_hour_in_winter(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: factories.on("2026-09-01", "12:00"))
    lesson = weekly_saved(typed_lesson(factories.division(), since=date(2026, 9, 7)))
    assert {hour(one) for one in Session.objects.filter(lesson=lesson)} == {"08:00"}
    assert Session.objects.filter(day__lt="2026-10-25").exists()
    assert Session.objects.filter(day__gt="2026-10-25").exists()


def test_a_session_moved_across_the_change_keeps_its_hour():
    session = factories.session(factories.staff(), factories.division(), starts=factories.on("2027-03-22"))
    factories.year()
    changing.move(session, factories.on("2027-03-30"), factories.on("2027-03-30", "08:55"), None, "", "A")
    assert hour(session) == "08:00"
    changing.undo(SessionChange.objects.get(), None, "A")
    session.refresh_from_db()
    assert (str(session.day), hour(session)) == ("2027-03-22", "08:00")


def test_a_booking_over_the_night_of_the_change_lasts_what_the_clock_leaves():
    room, teacher = factories.room(), factories.staff()
    for day, hours in (("2027-03-28", 2), ("2027-10-31", 4)):
        book(room, factories.on(day, "01:00"), factories.on(day, "04:00"), teacher.pk, "Nuit")
        during = RoomUse.objects.get(day=day).during
        assert during.upper - during.lower == timedelta(hours=hours)
        assert f"{timezone.localtime(during.lower):%H:%M}" == "01:00"
        assert f"{timezone.localtime(during.upper):%H:%M}" == "04:00"


def test_an_hour_that_the_clock_skips_is_refused_in_words(sign_in):
    room = factories.room()
    typed = {"room": room.pk, "day": "2027-03-28", "starts": "02:30", "ends": "03:10", "purpose": "Nuit", "weeks": 1}
    response = sign_in(factories.staff()).post("/timetable/bookings/", typed)
    assert response.status_code == 400
    assert "ces heures n&#x27;existent pas" in response.content.decode()
    assert 'value="Nuit"' in response.content.decode()


def test_a_booking_week_after_week_keeps_its_hour():
    made = book(factories.room(), factories.on("2027-03-22"), factories.on("2027-03-22", "09:00"),
                factories.staff().pk, "Club", weeks=2)  # fmt: skip
    assert [f"{timezone.localtime(one.during.lower):%d/%m %H:%M}" for one in made] == ["22/03 08:00", "29/03 08:00"]
