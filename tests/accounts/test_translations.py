"""The nine catalogues hold every marked string of the journey, and the compiled ones are theirs."""

import ast
import gettext
import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.conf import settings

ROOT = Path(settings.BASE_DIR) / "src/ent/accounts"
CATALOGUES = sorted(ROOT.glob("locale/*/LC_MESSAGES/django.po"))


def marked() -> set[str]:
    """Every French string that accounts marks for translation."""
    found = set()
    for template in ROOT.glob("templates/accounts/*"):
        found |= set(re.findall(r'{% translate "([^"]*)"', template.read_text()))
    for module in ROOT.glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("_", "gettext"):
                found.add(node.args[0].value)
    return found


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])
def test_every_marked_string_is_translated_and_compiled(path):
    with path.open("rb") as file:
        catalogue = read_po(file)
    with path.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    assert {text for text in marked() if not (catalogue.get(text) and catalogue.get(text).string)} == set()
    stale = [one.id for one in catalogue if one.id and compiled.gettext(one.id) != one.string]
    assert stale == [], "run: .venv/bin/pybabel compile -D django -d src/ent/accounts/locale"


def test_there_are_ten_languages():
    assert len(CATALOGUES) + 1 == len(settings.LANGUAGES) == 10
