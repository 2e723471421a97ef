"""Accents folded, whatever is typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ent.kernel.text import folded


@pytest.mark.parametrize(("typed", "kept"), [("Éloïse", "eloise"), ("ŒUVRARD", "oeuvrard"), ("D’Arc", "d'arc")])
def test_accents_and_capitals_are_folded(typed, kept):
    assert folded(typed) == kept


@given(st.text())
def test_folding_twice_changes_nothing_more(text):
    assert folded(folded(text)) == folded(text)
