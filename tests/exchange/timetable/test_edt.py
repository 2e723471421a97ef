"""EDT exports: the real one whole, invented ones for what it lacks, and files that must be refused."""

import contextlib
import io
import tracemalloc
from collections import Counter
from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ent.exchange.timetable import markup
from ent.exchange.timetable.edt import parse_mask, weeks_of
from ent.exchange.timetable.edt import read as read_edt
from ent.exchange.timetable.schedule import MAX_ODDITIES, Schedule, Unreadable
from tests.exchange.timetable.samples import course, edt, real

WEEK_ONE = date(2025, 9, 1)
EXPORT = "timetable/edt/export-college.xml"


def read(raw: bytes) -> Schedule:
    return read_edt(io.BytesIO(raw))


def refusal(raw: bytes) -> str:
    with pytest.raises(Unreadable) as refused:
        read(raw)
    return str(refused.value)


@pytest.fixture(scope="module")
def whole() -> Schedule:
    with real(EXPORT).open("rb") as file:
        return read_edt(file)


def test_the_real_export_is_read_whole(whole):
    assert (whole.starts_on, whole.ends_on) == (date(2013, 9, 3), date(2014, 8, 31))
    names = whole.subjects, whole.teachers, whole.divisions, whole.rooms
    assert [len(one) for one in names] == [25, 31, 16, 24]
    # 704 courses: 604 with people, 100 with nothing but a subject.
    assert len(whole.lessons) == 604
    assert [oddity.what.partition(" ")[0] for oddity in whole.oddities] == ["100", "14"]


def test_class_parts_of_the_real_export_are_all_in_its_groups(whole):
    """77 parts of 16 classes make 48 groups; no course takes a part alone."""
    assert len(whole.groups) == 48
    assert all(group.extra["divisions"] for group in whole.groups.values())
    assert Counter(len(group.extra["divisions"]) for group in whole.groups.values()) == {1: 26, 2: 18, 3: 1, 4: 3}


def test_weeks_of_the_real_export(whole):
    year = frozenset().union(*(lesson.weeks for lesson in whole.lessons))
    week = timedelta(weeks=1)
    alternating = [
        one for one in whole.lessons if len(one.weeks) > 9 and not any(w + week in one.weeks for w in one.weeks)
    ]
    assert (len(year), len(alternating)) == (36, 71)
    assert not any(lesson.cancelled_weeks for lesson in whole.lessons)


def test_every_link_of_the_real_export_leads_somewhere(whole):
    for lesson in whole.lessons:
        assert lesson.subject in whole.subjects
        assert set(lesson.teachers) <= set(whole.teachers)
        assert set(lesson.divisions) <= set(whole.divisions)
        assert set(lesson.groups) <= set(whole.groups)
        assert set(lesson.rooms) <= set(whole.rooms)
        assert lesson.starts < lesson.ends
    assert Counter(lesson.weekday for lesson in whole.lessons) == {1: 121, 2: 197, 3: 66, 4: 112, 5: 108}


def test_keys_of_the_real_export_are_its_own_and_come_back(whole):
    with real(EXPORT).open("rb") as file:
        again = read_edt(file)
    assert [lesson.key for lesson in again.lessons] == [lesson.key for lesson in whole.lessons]
    assert len({lesson.key for lesson in whole.lessons}) == 604


def test_no_lesson_of_the_real_export_falls_in_the_holidays(whole):
    holidays = {date(2013, 10, 21), date(2013, 10, 28), date(2013, 12, 23), date(2013, 12, 30),
                date(2014, 2, 24), date(2014, 3, 3), date(2014, 4, 21), date(2014, 4, 28)}  # fmt: skip
    weeks = set().union(*(lesson.weeks for lesson in whole.lessons))
    assert not weeks & holidays
    assert (min(weeks), max(weeks), len(weeks)) == (date(2013, 9, 2), date(2014, 6, 30), 36)


def test_pupils_of_the_real_export_are_in_the_groups_made_of_their_parts(whole):
    pupils = {(one.last_name, one.first_name) for those in whole.pupils_in_groups.values() for one in those}
    assert (len(whole.pupils_in_groups), len(pupils)) == (48, 425)
    assert sum(map(len, whole.pupils_in_groups.values())) == 915
    assert {one.ends_on for those in whole.pupils_in_groups.values() for one in those} == {
        date(2013, 9, 29), date(2014, 8, 31)
    }  # fmt: skip


def test_a_course_gives_day_hours_weeks_and_people():
    schedule = read(edt(course(day=4, place=1, length=2)))
    [lesson] = schedule.lessons
    assert (lesson.weekday, lesson.starts, lesson.ends) == (4, time(9), time(11))
    assert lesson.weeks == {WEEK_ONE, WEEK_ONE + timedelta(weeks=1)}
    assert (lesson.subject, lesson.teachers, lesson.divisions) == ("1", ("1",), ("1",))
    assert schedule.teachers["1"].name == "NOËL Zoé"
    assert schedule.teachers["1"].extra == {"last_name": "NOËL", "first_name": "Zoé"}
    assert schedule.groups["1"].extra["divisions"] == ("2", "1")
    assert schedule.oddities == ()


def test_cancelled_weeks_are_kept_apart():
    [lesson] = read(edt(course(more='SemainesAnnulation="4"'))).lessons
    assert lesson.weeks == {WEEK_ONE, WEEK_ONE + timedelta(weeks=1)}
    assert lesson.cancelled_weeks == {WEEK_ONE + timedelta(weeks=1)}


def test_weeks_with_other_people_are_lessons_of_their_own():
    people = (
        '<Professeur Ident="1" Semaines="2"/><Professeur Ident="2" Semaines="12"/><Classe Ident="1" Semaines="14"/>'
    )
    lessons = read(edt(course(people=people))).lessons
    found = {lesson.teachers: lesson.weeks for lesson in lessons}
    assert found == {
        ("1",): {WEEK_ONE},
        ("2",): {WEEK_ONE + timedelta(weeks=1), WEEK_ONE + timedelta(weeks=2)},
    }


def test_a_course_of_a_part_and_of_a_group():
    people = '<PartieDeClasse Ident="1" Semaines="2"/><Groupe Ident="1" Semaines="2"/><Salle Ident="1" Semaines="2"/>'
    schedule = read(edt(course(people=people)))
    assert schedule.lessons[0].groups == ("part:1", "1")
    assert schedule.lessons[0].rooms == ("1",)
    assert schedule.groups["part:1"].name == "6A (partie 1)"
    assert [one.last_name for one in schedule.pupils_in_groups["part:1"]] == ["PETIT"]


def test_a_part_that_is_a_group_alone_is_that_group():
    raw = edt(course(people='<PartieDeClasse Ident="1" Semaines="2"/>')).replace(
        b'<Classe Ident="2"/><Partie', b"<Partie"
    )
    schedule = read(raw)
    assert schedule.lessons[0].groups == ("1",)
    assert list(schedule.groups) == ["1"]


def test_a_pupil_is_in_the_groups_of_the_part_until_the_last_day():
    [one] = read(edt()).pupils_in_groups["1"]
    assert (one.last_name, one.first_name, one.ends_on) == ("PETIT", "Lou", date(2026, 1, 31))


def test_another_room_week_or_teacher_and_other_numbers_keep_the_key():
    room = '<Salle Ident="1" Semaines="4"/>'
    people = '<Professeur Ident="2" Semaines="4"/><Classe Ident="1" Semaines="4"/>'
    [before], [after] = read(edt(course())).lessons, read(edt(course(people=people + room))).lessons
    assert before.key == after.key
    [renumbered] = read(edt(course()).replace(b'Ident="1"', b'Ident="71"')).lessons
    assert renumbered.key == before.key
    [moved] = read(edt(course(day=2))).lessons
    assert moved.key != before.key


def test_twins_have_two_keys_whatever_their_order():
    one = course()
    other = course(people='<Professeur Ident="1" Semaines="8"/><Classe Ident="1" Semaines="8"/>')
    there = {lesson.weeks: lesson.key for lesson in read(edt(one + other)).lessons}
    back = {lesson.weeks: lesson.key for lesson in read(edt(other + one)).lessons}
    assert there == back
    assert len(set(there.values())) == 2


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (course(day=""), "Le jour ou la place"),
        (course(day=9), "Le jour ou la place"),
        (course(place=99), "hors de la grille"),
        (course(length=40), "hors de la grille"),
        (course(people='<Professeur Ident="1" Semaines="x"/><Classe Ident="1" Semaines="2"/>'), "illisibles"),
        (course(people='<Professeur Ident="88" Semaines="2"/><Classe Ident="1" Semaines="2"/>'), "Absent du fichier"),
        (course(people='<Salle Ident="1" Semaines="2"/>'), "qu'une salle"),
        (course(people="<Etiquette/>"), "ni enseignant"),
        (course(people='<Classe Ident="1" Semaines="1"/>'), "aucune semaine"),
        (course(more='SemainesAnnulation="-3"'), "annulation"),
    ],
)
def test_what_is_wrong_in_a_course_is_told(broken, said):
    oddities = read(edt(broken)).oddities
    assert any(said in oddity.what for oddity in oddities), oddities


def test_a_flood_of_oddities_is_cut_short():
    oddities = read(edt(course(day=9) * 2000)).oddities
    assert len(oddities) == MAX_ODDITIES + 1
    assert oddities[-1].what.startswith("1500 autres")


def test_a_week_one_that_is_no_monday_is_told():
    year = 'DateDebut="2025-09-01" DateFin="2026-08-31" DatePremierJourSemaine1="2025-09-03"'
    schedule = read(edt(course(), year=year))
    assert min(schedule.lessons[0].weeks) == WEEK_ONE
    assert "lundi" in schedule.oddities[0].what


@pytest.mark.parametrize(
    "year",
    [
        'DateDebut="2025-09-01"',
        'DateDebut="2025-09-01" DateFin="2024-08-31" DatePremierJourSemaine1="2025-09-01"',
        'DateDebut="2025-09-01" DateFin="9999-08-31" DatePremierJourSemaine1="2025-09-01"',
        'DateDebut="2025-09-01" DateFin="2026-08-31" DatePremierJourSemaine1="9999-12-31"',
        'DateDebut="0001-01-01" DateFin="0001-08-31" DatePremierJourSemaine1="0001-01-01"',
    ],
)
def test_an_impossible_year_is_refused(year):
    assert "calendrier dans EDT" in refusal(edt(year=year))


def test_an_encrypted_export_is_refused_with_what_to_do():
    raw = b"""<?xml version="1.0"?><EXPORT_INDEX_EDUCATION xmlns="http://www.index-education.com/conteneurexportchiffre">
    <VERSION>1</VERSION><LOGICIEL>EDT</LOGICIEL><CLES><PARTENAIRE NOM="ENT-Essai">AAAA</PARTENAIRE></CLES>
    <CONTENU>AAAA</CONTENU></EXPORT_INDEX_EDUCATION>"""
    assert "ENT-Essai" in refusal(raw)
    assert "non chiffré" in refusal(raw)
    assert "non chiffré" in refusal(raw.replace(b"<CONTENU>AAAA", b"<CONTENU>" + b"A" * 9_000_000))


def test_another_root_is_refused():
    assert "n'est pas un export d'EDT" in refusal(b"<html><body>Page introuvable</body></html>")


@pytest.mark.parametrize(
    "raw",
    [b"", b"\0" * 500, b"#!/bin/sh\nrm -rf /\n", b"PK\x03\x04", b"\xff\xfe<\0", edt()[:900], edt()[:-5]],
    ids=["empty", "nul", "script", "zip", "utf16", "truncated", "no end"],
)
def test_what_is_not_xml_or_not_whole_is_refused(raw):
    assert "Refaites l'export" in refusal(raw)


@pytest.mark.parametrize("at", [0.1, 0.5, 0.9, 0.999])
def test_the_real_export_truncated_is_refused(at):
    raw = real(EXPORT).read_bytes()
    assert "coupé" in refusal(raw[: int(len(raw) * at)])


def test_nul_bytes_inside_are_refused():
    refusal(edt(course()).replace(b"MATHEMATIQUES", b"MATHE\0MATIQUES"))


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha" * 10}">' for n in range(10))


@pytest.mark.parametrize(
    "doctype",
    [
        f"<!DOCTYPE ExportEmploiDuTemps [{LAUGHS}]>",
        '<!DOCTYPE ExportEmploiDuTemps [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        f'<!DOCTYPE ExportEmploiDuTemps [<!--{"-x" * 70_000}--><!ENTITY x SYSTEM "file:///etc/passwd">]>',
    ],
    ids=["laughs", "external", "far"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused(doctype, encoding):
    raw = edt(course(), head=doctype).decode().replace("MATHEMATIQUES", "&l9;&x;").encode(encoding)
    tracemalloc.start()
    refusal(raw)
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()


def test_an_external_dtd_is_not_fetched():
    read(edt(course(), head='<!DOCTYPE ExportEmploiDuTemps SYSTEM "http://127.0.0.1:9/none.dtd">'))


def test_a_tree_too_deep_is_refused():
    refusal(edt(extra="<a>" * 5000 + "</a>" * 5000))


def test_pupils_in_more_groups_than_any_school_has_are_refused():
    groups = "".join(f'<Groupe Ident="{n}" Nom="G"><Classe Ident="1"/></Groupe>' for n in range(2, 2000))
    pupils = "".join(
        f'<Eleve Ident="{n}" Nom="X"><Classe Ident="1" DateEntree="2025-09-01"/></Eleve>' for n in range(10, 200)
    )
    raw = edt().replace(b"</Groupes>", f"{groups}</Groupes>".encode())
    assert "appartenances" in refusal(raw.replace(b"</Eleves>", f"{pupils}</Eleves>".encode()))


def test_a_course_of_more_people_than_any_school_has_is_refused():
    people = '<Professeur Ident="1" Semaines="6"/>' * 30_000
    tracemalloc.start()
    assert "une seule fiche" in refusal(edt(course(people=people)))
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()


def test_more_records_than_any_school_has_are_refused():
    rooms = "".join(f'<Salle Ident="{n}" Nom="S"/>' for n in range(6_000))
    assert "noms" in refusal(edt().replace(b"</Salles>", f"{rooms}</Salles>".encode()))


def test_a_file_without_end_is_refused(monkeypatch):
    monkeypatch.setattr(markup, "LARGEST_BYTES", 2_000_000)

    class Endless(io.RawIOBase):
        """An export whose teachers never end."""

        def __init__(self):
            self.at = 0

        def seek(self, offset, whence=0):
            self.at = 0
            return 0

        def read(self, size=-1):
            start = edt().partition(b"</Professeurs>")[0] if self.at == 0 else b""
            self.at += 1
            return start + b'<Inconnu Nom="X"/>' * 20_000

    with pytest.raises(Unreadable, match="dépasse 2 Mo"):
        read_edt(Endless())


@given(st.sets(st.integers(1, 60)))
def test_a_mask_is_the_mondays_of_its_bits(bits):
    weeks = weeks_of(sum(1 << bit for bit in bits), WEEK_ONE)
    assert weeks == {WEEK_ONE + timedelta(weeks=bit - 1) for bit in bits}


@given(st.integers(0, 2**64 - 1))
def test_every_mask_of_64_bits_is_read(mask):
    assert parse_mask(str(mask)) == mask
    assert all(week.weekday() == 0 for week in weeks_of(mask, WEEK_ONE))


@given(st.one_of(st.text(), st.integers(min_value=2**64).map(str), st.integers(max_value=-1).map(str)))
def test_what_is_no_mask_is_none(text):
    assert parse_mask(text) is None or text.strip().isdigit()


@given(st.binary(max_size=2000))
def test_random_bytes_are_refused(raw):
    refusal(raw)


@given(st.data())
def test_a_damaged_export_is_read_or_refused(data):
    raw = bytearray(edt(course() + course(day=2)))
    for _ in range(data.draw(st.integers(1, 6))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(Unreadable):
        read(bytes(raw))
