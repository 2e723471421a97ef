"""Readers of timetable files: the real ones where they are at hand, invented ones, and files that are none."""

import io
import zipfile
from contextlib import suppress
from datetime import date, time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ent.exchange.timetable import edt, ics, sts, table, udt
from ent.exchange.timetable.reading import kind_of
from ent.exchange.timetable.schedule import Unreadable

DATA = Path(__file__).resolve().parents[4] / "shared/data"
EDT = DATA / "timetable/edt/export-college.xml"
STS = DATA / "sts/sts_emp_0639999Z_2021.xml"
here = pytest.mark.skipif(not EDT.exists(), reason="les fichiers réels ne sont pas à côté du projet (../shared/data)")
YEAR = (date(2026, 9, 1), date(2027, 8, 31))


def calendar(*events: str) -> io.BytesIO:
    body = "".join(f"BEGIN:VEVENT\r\n{one}\r\nEND:VEVENT\r\n" for one in events)
    return io.BytesIO(f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:essai\r\n{body}END:VCALENDAR\r\n".encode())


def read_ics(*events: str):
    return ics.read(calendar(*events), *YEAR, is_teacher=True, owner="Essai Camille")


@here
def test_the_real_edt_export_gives_its_placed_lessons_and_says_which_are_not():
    with EDT.open("rb") as file:
        found = edt.read(file)
    assert (len(found.lessons), len(found.oddities)) == (604, 100)  # of 704, 100 have a subject and nothing else
    counts = [len(names) for names in (found.subjects, found.teachers, found.divisions, found.groups, found.rooms)]
    assert counts == [25, 31, 16, 48, 24]
    first = found.lessons[0]
    assert (first.weekday, first.starts, first.ends) == (3, time(12), time(13))
    assert len(first.weeks) == 36  # weeks 1 to 7, 10 to 16, 19 to 25, 28 to 33, 36 to 44
    assert min(first.weeks) == date(2013, 9, 2)
    assert sum(len(pupils) for pupils in found.pupils_in_groups.values()) > 400


@here
def test_the_real_sts_export_gives_its_services():
    with STS.open("rb") as file:
        found = sts.read(file)
    assert len(found.services) == 375
    assert not found.lessons
    assert all(one.teacher in found.teachers or one.teacher for one in found.services)


@here
def test_a_truncated_edt_export_is_refused_with_what_to_do():
    with pytest.raises(Unreadable, match="exportez-le de nouveau"):
        edt.read(io.BytesIO(EDT.read_bytes()[:400_000]))


def test_entities_are_not_expanded():
    entities = b'<!ENTITY a "' + b"a" * 1000 + b'"><!ENTITY b "' + b"&a;" * 1000 + b'">'
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [' + entities + b"]><ExportEmploiDuTemps>&b;&b;</ExportEmploiDuTemps>"
    with pytest.raises(Unreadable):
        edt.read(io.BytesIO(bomb))


def test_an_encrypted_export_is_recognised():
    with pytest.raises(Unreadable, match="chiffré"):
        kind_of(b'<?xml version="1.0"?><EXPORT_INDEX_EDUCATION><VERSION>1</VERSION></EXPORT_INDEX_EDUCATION>')


@pytest.mark.parametrize("content", [b"<html><script>alert(1)</script></html>", b'<?xml version="1.0"?><autre/>'])
def test_a_file_of_another_kind_is_refused(content):
    with pytest.raises(Unreadable):
        kind_of(content)


@given(st.binary(max_size=400))
def test_no_bytes_make_a_reader_fall(content):
    for read in (edt.read, sts.read, udt.read):
        with pytest.raises(Unreadable):
            read(io.BytesIO(content))
    for asked in (lambda: table.read(content, {"day": "a", "starts": "b", "ends": "c"}), lambda: kind_of(content)):
        with suppress(Unreadable):
            asked()


@given(st.integers(0, 2**64 - 1))
def test_a_mask_gives_one_monday_per_bit(mask):
    reader = edt._Reader()
    reader.week_one = date(2026, 8, 31)
    weeks = reader._weeks(mask)
    assert len(weeks) == (mask >> 1 & (2**63 - 1)).bit_count()
    assert all(week.weekday() == 0 for week in weeks)


# --- iCalendar ---------------------------------------------------------------------------------------------------
def test_a_recurrence_without_end_stops_with_the_year():
    hours = "DTSTART:20260907T080000\r\nDTEND:20260907T085500"
    found = read_ics(f"UID:1\r\nSUMMARY:Maths 5B\r\n{hours}\r\nRRULE:FREQ=WEEKLY")
    (lesson,) = found.lessons
    assert (lesson.weekday, lesson.starts, lesson.ends) == (1, time(8), time(8, 55))
    assert max(lesson.weeks) <= YEAR[1]
    assert len(lesson.weeks) == 52


def test_the_hour_stands_still_over_the_clock_change():
    zone = "TZID=Europe/Paris"
    found = read_ics(f"UID:1\r\nSUMMARY:Maths\r\nDTSTART;{zone}:20261019T080000\r\nDTEND;{zone}:20261019T090000\r\n"
                     "RRULE:FREQ=WEEKLY;COUNT=4")  # fmt: skip
    assert [one.starts for one in found.lessons] == [time(8)]
    assert len(found.lessons[0].weeks) == 4


def test_a_cancelled_event_is_a_cancelled_week():
    base = "SUMMARY:Maths\r\nDTSTART:2026{}T080000\r\nDTEND:2026{}T090000"
    found = read_ics("UID:1\r\n" + base.format("0907", "0907"),
                     "UID:2\r\nSTATUS:CANCELLED\r\n" + base.format("0914", "0914"))  # fmt: skip
    (lesson,) = found.lessons
    assert lesson.cancelled_weeks == {date(2026, 9, 14)}


def test_a_calendar_of_a_hundred_thousand_events_is_refused():
    event = "UID:1\r\nSUMMARY:x\r\nDTSTART:20260907T080000\r\nDTEND:20260907T090000"
    with pytest.raises(Unreadable, match="plus de 5000"):
        read_ics(*[event] * 100_000)


@pytest.mark.parametrize("rule", ["FREQ=WEEKLY;INTERVAL=0", "FREQ=SECONDLY", "FREQ=HOURLY;COUNT=3"])
def test_a_rule_that_never_advances_is_refused_at_once(rule):
    with pytest.raises(Unreadable, match="répétition"):
        read_ics(f"UID:1\r\nSUMMARY:x\r\nDTSTART:20260907T080000\r\nDTEND:20260907T090000\r\nRRULE:{rule}")


def test_a_whole_day_event_is_left_out_and_told():
    found = read_ics("UID:1\r\nSUMMARY:Sortie\r\nDTSTART;VALUE=DATE:20260907\r\nDTEND;VALUE=DATE:20260908")
    assert not found.lessons
    assert "journée entière" in found.oddities[0].what


# --- tables ------------------------------------------------------------------------------------------------------
def test_a_table_is_read_by_its_named_columns_whatever_the_delimiter():
    for mark in (";", ",", "\t"):
        text = mark.join(["Jour", "Heure début", "Heure fin", "Discipline", "Prof", "Classe", "Salle", "Semaine"])
        line = mark.join(["Lundi", "8h00", "8h55", "Maths", "Essai Camille", "5e B", "204", "B"])
        content = f"{text}\n{line}\n".encode("cp1252")
        guessed = table.guess(table.header(content))
        (lesson,) = table.read(content, guessed).lessons
        assert (lesson.weekday, lesson.starts, lesson.pattern) == (1, time(8), "B")
        assert (lesson.teachers, lesson.divisions, lesson.rooms) == (("Essai Camille",), ("5e B",), ("204",))


def test_a_line_that_cannot_be_read_is_told_and_the_others_stay():
    content = "Jour;Début;Fin\nMardi;8h;9h\nMarsi;8h;9h\nMardi;9h;8h\n".encode()
    found = table.read(content, table.guess(table.header(content)))
    assert len(found.lessons) == 1
    assert [one.where for one in found.oddities] == ["Ligne 3", "Ligne 4"]


# --- UnDeuxTemps -------------------------------------------------------------------------------------------------
def archive(**members: str) -> io.BytesIO:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as made:
        for name, body in members.items():
            made.writestr(f"UDCal_{name[1:]}.xml", f'<?xml version="1.0"?><lignes>{body}</lignes>')
    written.seek(0)
    return written


def test_an_undeuxtemps_archive_joins_half_slots_into_lessons():
    found = udt.read(archive(
        _03='<demi_seq code="01" code_jour="1" code_site="" hre_deb="08h00" hre_fin="08h30"/>'
            '<demi_seq code="02" code_jour="1" code_site="" hre_deb="08h30" hre_fin="09h00"/>',
        _04='<mat code="MATH" libelle="Maths"/><prof code="P1" nom="ESSAI" prenom="Camille"/><div code="5B"/>',
        _11='<fiche code="1" jour="1" demi_seq="01"/><fiche code="2" jour="1" demi_seq="02"/>',
        _12='<ligfiche code="001" fic="1" div="5B" mat="MATH" prof="P1"/>'
            '<ligfiche code="002" fic="2" div="5B" mat="MATH" prof="P1"/>',
    ))  # fmt: skip
    (lesson,) = found.lessons
    assert (lesson.starts, lesson.ends) == (time(8), time(9))
    assert (lesson.teachers, lesson.divisions, lesson.subject) == (("P1",), ("5B",), "MATH")


def test_an_archive_of_something_else_is_refused():
    with pytest.raises(Unreadable, match="UDCal"):
        udt.read(archive())
