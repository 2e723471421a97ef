"""Accents folded, whatever is typed."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ent.kernel.text import dated, folded, of, typed_day, unbroken, with_first


@pytest.mark.parametrize(("typed", "kept"), [("Éloïse", "eloise"), ("ŒUVRARD", "oeuvrard"), ("D’Arc", "d'arc")])
def test_accents_and_capitals_are_folded(typed, kept):
    assert folded(typed) == kept


@given(st.text())
def test_folding_twice_changes_nothing_more(text):
    assert folded(folded(text)) == folded(text)


@pytest.mark.parametrize(("name", "said"), [
    ("Élie", "d'Élie"), ("Camille", "de Camille"), ("Œuvrard", "d'Œuvrard"), ("Yves", "d'Yves"),
    ("Yasmine", "de Yasmine"), ("Hakim", "de Hakim"), ("", "de "),
])  # fmt: skip
def test_de_is_elided_before_a_vowel(name, said):
    assert of(name) == said


@pytest.mark.parametrize(("plain", "said"), [
    ("lundi 1 mars 2027", "lundi 1er mars 2027"), ("11 mars", "11 mars"), ("21 mai, 1 h", "21 mai, 1 h"),
    ("1 élève", "1 élève"),
])  # fmt: skip
def test_the_first_of_a_month_is_an_ordinal(plain, said):
    assert with_first(plain) == said


@pytest.mark.parametrize(("plain", "said"), [
    ("lundi, 9 h 50", "lundi, 9~h~50"), ("de 6 h à 8 h", "de 6~h à 8~h"), ("3 heures", "3 heures"), ("2 h 5", "2~h 5"),
])  # fmt: skip
def test_no_line_ends_within_an_hour(plain, said):
    assert unbroken(plain).replace("\N{NO-BREAK SPACE}", "~") == said


def test_a_day_is_said_in_words():
    assert dated(date(2027, 3, 1)) == "lundi 1er mars"
    assert dated(date(2027, 3, 21), "j F Y") == "21 mars 2027"


def test_a_day_is_read_as_browsers_send_it():
    assert typed_day("2026-11-25") == date(2026, 11, 25)


@pytest.mark.parametrize("text", ["", "demain", "2026-02-30", "25/11/2026", "9999-12-31", "0001-01-01"])
def test_what_is_no_day_of_this_century_is_none(text):
    assert typed_day(text) is None


@given(st.text())
def test_no_text_makes_reading_a_day_fall(text):
    day = typed_day(text)
    assert day is None or 2000 <= day.year < 2100
