"""Timetables in CSV: columns guessed or named, every bad line told."""

import contextlib
from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ent.exchange.timetable import table
from ent.exchange.timetable.schedule import Schedule, Unreadable
from ent.exchange.timetable.table import Slot

HEADER = "Jour;Début;Fin;Matière;Enseignants;Classes;Groupes;Salles;Semaine"
LINE = "Lundi;8h;9h30;Mathématiques;NOËL Zoé;6A;;S12;A"
GRID = [Slot("M1", time(8), time(8, 55)), Slot("M2", time(9), time(9, 55)), Slot("M3", time(10, 10), time(11, 5))]
# As GP-Untis writes it: lesson number, class, teacher, subject, room, day, period, length.
GPU001 = """12,"6A","NOEL","MATHS","S12",1,1,,
13,"6A","BRUN","ANGL","S2",1,3,,
13,"6B","BRUN","ANGL","S2",1,3,,
14,"6B","NOEL","MATHS","S12",5,2,,
"""


def read(text: str, mapping=None, encoding: str = "utf-8", grid=()) -> Schedule:
    return read_bytes(text.encode(encoding), mapping, grid)


def read_bytes(raw: bytes, mapping=None, grid=()) -> Schedule:
    return table.read(raw, mapping or table.guess(raw), grid)


def guessed(text: str) -> dict[str, str]:
    return {column: what for what, column in table.guess(text.encode()).items() if column}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_table_is_read_in_every_usual_encoding(encoding, delimiter, end):
    schedule = read(f"{end}{HEADER}\n{LINE}\n".replace(";", delimiter).replace("\n", end), encoding=encoding)
    [lesson] = schedule.lessons
    assert (lesson.weekday, lesson.starts, lesson.ends, lesson.pattern) == (1, time(8), time(9, 30), "A")
    assert schedule.title(lesson) == "Mathématiques"
    assert [schedule.teachers[key].name for key in lesson.teachers] == ["NOËL Zoé"]
    assert [schedule.divisions[key].name for key in lesson.divisions] == ["6A"]
    assert [schedule.rooms[key].name for key in lesson.rooms] == ["S12"]
    assert (lesson.weeks, schedule.oddities) == (None, ())


def test_a_table_may_say_its_separator_itself():
    assert len(read(f"sep=!\n{HEADER}\n{LINE}\n".replace(";", "!")).lessons) == 1


def test_the_header_and_its_guess():
    raw = f"\n{HEADER}\n{LINE}".encode()
    assert table.header(raw) == HEADER.split(";")
    assert list(guessed(f"{HEADER}\n{LINE}").values()) == [one for one in table.FIELDS if one != "lesson"]
    assert guessed("JOUR;Heure de début;H. fin;Matière;Prof.;Classe(s);Effectif;Fréquence") == {
        "JOUR": "day", "Heure de début": "starts", "H. fin": "ends", "Matière": "subject", "Prof.": "teachers",
        "Classe(s)": "divisions", "Fréquence": "week",
    }  # fmt: skip
    assert guessed("Jour;Jours;x") == {"Jour": "day"}


def test_two_columns_of_the_same_title_have_two_names():
    assert table.header(b"Jour;Jour;;Fin") == ["Jour", "Colonne 2", "Colonne 3", "Fin"]


def test_the_first_lines_help_to_tell_columns():
    assert table.samples(f"{HEADER}\n{LINE}\n".encode()) == [LINE.split(";")]
    assert table.samples(GPU001.encode())[0][:5] == ["12", "6A", "NOEL", "MATHS", "S12"]


def test_a_mapping_of_the_callers_names_columns_otherwise_unknown():
    mapping = {"day": "c1", "starts": "c2", "ends": "c3", "subject": "c4", "divisions": "c5"}
    [lesson] = read("c1,c2,c3,c4,c5\nmar,08:00,09:00,Latin,6A\n", mapping).lessons
    assert (lesson.weekday, lesson.subject, lesson.divisions) == (2, "latin", ("6a",))


def test_hours_may_be_those_of_the_schools_grid():
    [lesson] = read("Jour;Heure;Classe\nlundi;m2;6A\n", grid=GRID).lessons
    assert (lesson.starts, lesson.ends) == (time(9), time(9, 55))
    [longer] = read("Jour;Début;Fin;Classe\nlundi;M1;M2;6A\n", grid=GRID).lessons
    assert (longer.starts, longer.ends) == (time(8), time(9, 55))


def test_an_untis_export_is_read_without_a_heading_by_the_schools_grid():
    schedule = read(GPU001, grid=GRID)
    assert [(one.weekday, one.starts, schedule.title(one), one.divisions) for one in schedule.lessons] == [
        (1, time(8), "MATHS", ("6a",)), (1, time(10, 10), "ANGL", ("6a", "6b")), (5, time(9), "MATHS", ("6b",)),
    ]  # fmt: skip
    assert schedule.oddities == ()


def test_an_untis_export_without_a_grid_asks_for_the_end():
    with pytest.raises(Unreadable, match="Fin"):
        read(GPU001)


def test_several_names_in_a_cell():
    [lesson] = read(f'{HEADER}\njeudi;8h;9h;Maths;"A, B | C";"6A/B + 6C";G1 / G2;"S1\nS2";\n').lessons
    assert (lesson.teachers, lesson.divisions) == (("a", "b", "c"), ("6a/b", "6c"))
    assert (lesson.groups, lesson.rooms) == (("g1", "g2"), ("s1", "s2"))


@pytest.mark.parametrize(
    ("cell", "pattern"),
    [("A", "A"), ("b", "B"), ("S.A", "A"), ("Semaine B", "B"), ("sem. a", "A"), ("", ""), ("toutes", ""), ("A/B", ""),
     ("Toutes les semaines", ""), ("A et B", ""), ("H", "")],
)  # fmt: skip
def test_weeks_are_said_in_several_ways(cell, pattern):
    [lesson] = read(f"{HEADER}\n{LINE.removesuffix('A')}{cell}\n").lessons
    assert lesson.pattern == pattern


@pytest.mark.parametrize(("cell", "weekday"), [("LUNDI", 1), ("ma", 2), ("Mer.", 3), ("4", 4), ("ven", 5), ("sam", 6)])
def test_days_are_said_in_several_ways(cell, weekday):
    assert read(f"{HEADER}\n{LINE.replace('Lundi', cell)}\n").lessons[0].weekday == weekday


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("férié;8h;9h;Maths;A;6A;;;", "Jour inconnu"),
        ("m;8h;9h;Maths;A;6A;;;", "Jour inconnu"),
        ("lundi;M1;9h;Maths;A;6A;;;", "Heure de début illisible"),
        ("lundi;8h;25h;Maths;A;6A;;;", "Heure de fin illisible"),
        ("lundi;9h;8h;Maths;A;6A;;;", "avant de commencer"),
        ("lundi;8h;9h;Maths;;;;S1;", "Ni enseignant"),
        ("lundi;8h;9h;Maths;A;6A;;;C", "Semaine inconnue"),
        ("lundi", "illisible"),
        (f"lundi;8h;9h;Maths;{'A,' * 100};6A;;;", "Plus de 60 noms"),
        (f"lundi;8h;9h;{'x' * 5000};A;6A;;;", "trop long"),
    ],
)
def test_a_bad_line_is_told_and_left_out(line, said):
    schedule = read(f"{HEADER}\n{LINE}\n{line}\n")
    assert len(schedule.lessons) == 1
    [oddity] = schedule.oddities
    assert said in oddity.what
    assert oddity.where == "Ligne 3"


def test_more_names_than_any_school_has_are_refused():
    lines = "".join(f"lundi;8h;9h;M{n};P{n};C{n};;;\n" for n in range(2_000))
    with pytest.raises(Unreadable, match="noms"):
        read(f"{HEADER}\n{lines}")


def test_the_same_line_twice_is_told():
    schedule = read(f"{HEADER}\n{LINE}\n{LINE.upper()}\n")
    assert len(schedule.lessons) == 1
    assert "ligne 2" in schedule.oddities[0].what


def test_keys_come_back_and_tell_weeks_a_and_b_apart():
    text = f"{HEADER}\n{LINE}\n{LINE.removesuffix('A')}B\n"
    keys = [lesson.key for lesson in read(text).lessons]
    assert len(set(keys)) == 2
    assert keys == [lesson.key for lesson in read(text).lessons]


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "n'est pas un tableau"),
        (b"\n\n;;\n", "n'est pas un tableau"),
        (b"Nom;Prenom;Age\nA;B;C\n", "Jour, Début, Fin"),
        (b"Jour;De\nlundi;8h\n", "n'est pas un tableau"),
        (b"PK\x03\x04xl/workbook.xml", "format CSV"),
        (b"%PDF-1.7", "format CSV"),
        (b"Jour;\0", "format CSV"),
        (HEADER.encode() + b"\n;" * 30_000, "20000 lignes"),
    ],
)
def test_what_is_no_table_is_refused(raw, said):
    with pytest.raises(Unreadable, match=said):
        read_bytes(raw)


@given(st.binary(max_size=500))
def test_random_bytes_are_read_or_refused(raw):
    for content in (raw, HEADER.encode() + b"\n" + raw):
        with contextlib.suppress(Unreadable):
            read_bytes(content)


@given(st.lists(st.lists(st.text(st.characters(codec="utf-8"), max_size=12), min_size=9, max_size=9), max_size=5))
def test_random_cells_never_crash(rows):
    with contextlib.suppress(Unreadable):
        read(f"{HEADER}\n" + "\n".join(";".join(row) for row in rows))
