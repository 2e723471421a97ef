"""Calendars of one person or division: repetitions, clock changes, and files made to hurt."""

import contextlib
import time as clock
import tracemalloc
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ent.exchange.timetable import ics
from ent.exchange.timetable.ics import Owner
from ent.exchange.timetable.ics import read as read_ics
from ent.exchange.timetable.schedule import Schedule, Unreadable

TEACHER = Owner("teacher", "noel", "NOËL Zoé")
STARTS, ENDS = date(2025, 9, 1), date(2026, 7, 3)


def event(*lines: str, uid: str = "a", start: str = ";TZID=Europe/Paris:20250901T080000", end: str = "") -> str:
    end = end or start.replace("T080000", "T090000")
    head = ["BEGIN:VEVENT", f"UID:{uid}", f"DTSTART{start}", f"DTEND{end}"]
    return "\r\n".join([*head, *lines, "END:VEVENT"])


def calendar(*events: str, head: str = "") -> bytes:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", *([head] if head else []), *events, "END:VCALENDAR", ""]
    return "\r\n".join(lines).encode()


def read(raw: bytes, owner: Owner = TEACHER, starts_on: date = STARTS, ends_on: date = ENDS) -> Schedule:
    return read_ics(raw, owner, starts_on, ends_on)


def moments(schedule: Schedule) -> list[str]:
    """Each occurrence, with its lesson's hours."""
    return sorted(
        f"{week + timedelta(days=lesson.weekday - 1)} {lesson.starts:%H:%M}-{lesson.ends:%H:%M}"
        for lesson in schedule.lessons
        for week in lesson.weeks - lesson.cancelled_weeks
    )


def test_an_event_is_a_lesson_of_its_owner():
    schedule = read(calendar(event("SUMMARY:Mathématiques", "LOCATION:Salle 12")))
    [lesson] = schedule.lessons
    assert (lesson.weekday, lesson.starts, lesson.ends, lesson.weeks) == (1, time(8), time(9), {date(2025, 9, 1)})
    assert schedule.title(lesson) == "Mathématiques"
    assert schedule.rooms[lesson.rooms[0]].name == "Salle 12"
    assert [schedule.teachers[key].extra["object_id"] for key in lesson.teachers] == ["noel"]
    assert schedule.oddities == ()


def test_the_owner_is_who_the_caller_says():
    schedule = read(calendar(event()), Owner("division", "k", "6A"))
    assert [schedule.divisions[key].name for key in schedule.lessons[0].divisions] == ["6A"]
    assert not schedule.teachers


def test_calendars_of_two_people_are_two_sources():
    mine, yours = read(calendar(event())), read(calendar(event()), Owner("teacher", "brun", "BRUN Luc"))
    assert mine.source != yours.source
    assert len(mine.source) <= 20


@pytest.mark.parametrize(
    "start",
    [";TZID=Europe/Paris:{}T080000", ":{}T080000", ";TZID=Romance Standard Time:{}T080000"],
    ids=["Paris", "floating", "Windows"],
)
def test_a_weekly_lesson_keeps_its_hour_when_clocks_change(start):
    [lesson] = read(calendar(event("RRULE:FREQ=WEEKLY;COUNT=4", start=start.format("20251013")))).lessons
    assert lesson.starts == time(8)
    assert sorted(lesson.weeks) == [date(2025, 10, 13), date(2025, 10, 20), date(2025, 10, 27), date(2025, 11, 3)]


def test_lessons_of_the_very_days_when_clocks_change():
    october = event(uid="o", start=";TZID=Europe/Paris:20251026T080000")
    march = event(uid="m", start=":20260329T060000Z", end=":20260329T070000Z")
    winter = event(uid="w", start=":20260323T070000Z", end=":20260323T080000Z")
    assert moments(read(calendar(october, march, winter))) == [
        "2025-10-26 08:00-09:00", "2026-03-23 08:00-09:00", "2026-03-29 08:00-09:00",
    ]  # fmt: skip


def test_an_hour_of_another_zone_is_told_in_french_time():
    start = ";TZID=America/Martinique:20250901T080000"
    assert moments(read(calendar(event(start=start)))) == ["2025-09-01 14:00-15:00"]


def test_an_unknown_zone_is_told():
    schedule = read(calendar(event(start=";TZID=Mars/Olympus:20250901T080000")))
    assert moments(schedule) == ["2025-09-01 08:00-09:00"]
    assert "Fuseau horaire inconnu" in schedule.oddities[0].what


def test_a_repetition_without_end_stops_with_the_year():
    [lesson] = read(calendar(event("RRULE:FREQ=WEEKLY"))).lessons
    assert (len(lesson.weeks), min(lesson.weeks), max(lesson.weeks)) == (44, STARTS, date(2026, 6, 29))


def test_a_repetition_begun_years_ago_gives_this_year_alone():
    [lesson] = read(calendar(event("RRULE:FREQ=WEEKLY", start=":20200907T080000"))).lessons
    assert {week.year for week in lesson.weeks} == {2025, 2026}


def test_exceptions_and_moved_occurrences():
    raw = calendar(
        event("SUMMARY:Maths", "RRULE:FREQ=WEEKLY;COUNT=3", "EXDATE;TZID=Europe/Paris:20250908T080000"),
        event("SUMMARY:Maths", "RECURRENCE-ID;TZID=Europe/Paris:20250915T080000",
              start=";TZID=Europe/Paris:20250916T080000"),
    )  # fmt: skip
    assert moments(read(raw)) == ["2025-09-01 08:00-09:00", "2025-09-16 08:00-09:00"]


def test_one_uid_for_all_loses_nothing():
    raw = calendar(*(event(start=f":2025090{day}T080000") for day in range(1, 6)))
    assert len(moments(read(raw))) == 5


def test_the_last_sequence_of_an_event_wins():
    schedule = read(calendar(event("SUMMARY:new", "SEQUENCE:2"), event("SUMMARY:old", "SEQUENCE:1")))
    assert [schedule.title(lesson) for lesson in schedule.lessons] == ["new"]


def test_cancelled_events_and_calendars_are_cancelled_weeks():
    for raw in (calendar(event("STATUS:CANCELLED")), calendar(event(), head="METHOD:CANCEL")):
        [lesson] = read(raw).lessons
        assert lesson.cancelled_weeks == {date(2025, 9, 1)}


def test_a_duration_stands_for_an_end():
    raw = calendar(event("DURATION:PT55M")).replace(b"DTEND;TZID=Europe/Paris:20250901T090000\r\n", b"")
    assert moments(read(raw)) == ["2025-09-01 08:00-08:55"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (event(start=";VALUE=DATE:20250901"), "journée entière"),
        (event(start=":20240901T080000"), "hors de l'année"),
        (event(start=":99991231T235959Z"), "hors de l'année"),
        (event(start=":00010101T000000Z"), "hors de l'année"),
        (event(start=":demain"), "illisible"),
        (event(end=":20250901T070000"), "après son début"),
        (event(end=":20250903T070000"), "après son début"),
        (event(end=":99991231T235959Z"), "hors de l'année"),
        (event(end=":x"), "fin est absente"),
        (event("RRULE:FREQ=MINUTELY"), "plusieurs fois par jour"),
        (event("RRULE:FREQ=SECONDLY;COUNT=5"), "plusieurs fois par jour"),
        (event("RRULE:FREQ=DAILY;BYHOUR=1,2;BYMINUTE=0"), "plusieurs fois par jour"),
        (event("RRULE:FREQ=DAILY;INTERVAL=0"), "impossible"),
        (event("RRULE:FREQ=WEEKLY;INTERVAL=-1"), "impossible"),
        (event("RRULE:FREQ=WEEKLY", start=":00010101T080000"), "dix ans"),
    ],
)
def test_what_is_wrong_is_told_and_the_rest_is_read(wrong, said):
    schedule = read(calendar(wrong, event(uid="good")))
    assert moments(schedule) == ["2025-09-01 08:00-09:00"]
    assert any(said in oddity.what for oddity in schedule.oddities), schedule.oddities


def test_a_hundred_thousand_events_are_refused_at_once():
    raw = calendar(*(event(uid=str(number)) for number in range(100_000)))
    began = clock.monotonic()
    tracemalloc.start()
    with pytest.raises(Unreadable, match="100000 événements"):
        read(raw)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 30_000_000
    assert clock.monotonic() - began < 10


def test_too_many_occurrences_are_refused(monkeypatch):
    monkeypatch.setattr(ics, "MAX_OCCURRENCES", 500)
    with pytest.raises(Unreadable, match="plus de 500 séances"):
        read(calendar(*(event("RRULE:FREQ=DAILY", uid=str(number)) for number in range(4))))


def test_rules_that_take_for_ever_are_refused(monkeypatch):
    monkeypatch.setattr(ics, "SECONDS", 0.5)
    never = "RRULE:FREQ=DAILY;INTERVAL=7;BYDAY=TU"
    began = clock.monotonic()
    with pytest.raises(Unreadable, match="répétitions"):
        read(calendar(*(event(never, uid=str(number)) for number in range(1000))))
    assert clock.monotonic() - began < 10


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "n'est pas un calendrier"),
        (b"#!/bin/sh\n", "n'est pas un calendrier"),
        (calendar(event())[:-20], "coupé"),
        (calendar(event()).replace(b"UID:a", b"UID:\0"), "n'est pas un calendrier"),
        (b"BEGIN:VCALENDAR\r\n" + b"X-A:1\r\n" * 300_000 + b"END:VCALENDAR", "démesuré"),
        (b"BEGIN:VCALENDAR\r\n" + b"BEGIN:VTODO\r\nEND:VTODO\r\n" * 50_000 + b"END:VCALENDAR", "démesuré"),
        (calendar(event("RDATE:" + "20250901T080000," * 100_000)), "démesuré"),
        (b"BEGIN:VCALENDAR\r\nEND:VEVENT\r\nEND:VEVENT\r\nEND:VCALENDAR", "abîmé"),
    ],
)
def test_what_is_no_calendar_or_not_whole_is_refused(raw, said):
    with pytest.raises(Unreadable, match=said):
        read(raw)


def test_an_old_encoding_is_read():
    raw = calendar(event("SUMMARY:Éducation civique")).decode().encode("cp1252")
    assert list(read(raw).subjects) == ["Éducation civique"]


LINES = st.sampled_from(
    ["SUMMARY:x", "RRULE:FREQ=WEEKLY", "RRULE:FREQ=MONTHLY;BYDAY=5MO", "RRULE:UNTIL=2025", "RDATE:20250902T080000Z",
     "RDATE;VALUE=PERIOD:20250902T080000/PT1H", "EXDATE:20250901", "RECURRENCE-ID:20250901T080000", "DURATION:PT1H",
     "DURATION:-P9999W", "SEQUENCE:x", "DTSTART:20250901", "DTEND:20250901T100000Z", "BEGIN:VALARM", "END:VALARM",
     "RRULE:", "RRULE:FREQ=WEEKLY;UNTIL=20251001;BYDAY=XX", "STATUS:CANCELLED", "LOCATION;X=1:y", "ATTENDEE:", "UID:",
     "EXDATE;TZID=Europe/Paris:20250901T080000", "RRULE:FREQ=YEARLY;COUNT=-1", "ATTENDEE;CN=\"a\":b", "SUMMARY"]
)  # fmt: skip


@given(st.lists(st.lists(LINES, max_size=6), max_size=4))
def test_odd_events_are_read_or_refused(events):
    with contextlib.suppress(Unreadable):
        read(calendar(*(event(*lines) for lines in events)))


@given(st.binary(max_size=300))
def test_random_bytes_are_read_or_refused(raw):
    for content in (raw, b"BEGIN:VCALENDAR\r\n" + raw + b"\r\nEND:VCALENDAR"):
        with contextlib.suppress(Unreadable):
            read(content)


@given(st.integers(0, 305), st.integers(0, 22), st.integers(0, 59))
def test_a_floating_time_is_paris_time_every_day_of_the_year(day, hour, minute):
    moment = datetime(2025, 9, 1, hour, minute) + timedelta(days=day)
    raw = calendar(event(start=f":{moment:%Y%m%dT%H%M}00", end=f":{moment + timedelta(minutes=30):%Y%m%dT%H%M}00"))
    schedule = read(raw)
    assert moments(schedule) == [f"{moment:%Y-%m-%d %H:%M}-{moment + timedelta(minutes=30):%H:%M}"]
