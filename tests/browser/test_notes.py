"""A note in a real browser: written, signed by a parent on a phone in two clicks, seen live by who wrote it."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE, Academy
from tests.browser.test_day import home, windows  # noqa: F401 - the fixture
from tests.browser.test_school_pages import CPE, PARENT, TUTOR, overflow
from tests.browser.test_sign_in import faults

pytestmark = pytest.mark.xdist_group("day")
TITLE = "Règlement du foyer"


def written(page: Page, academy: Academy) -> None:
    """The CPE writes to every class, reads it again and sends it."""
    page.goto(home(academy, CPE) + "notes/write/")
    assert faults(page) == []
    page.fill("[name=title]", TITLE)
    page.fill("[name=content]", "Merci de lire le **règlement** du foyer.")
    page.check("[name=everyone]")
    page.click('button:has-text("Relire avant d\'envoyer")')
    expect(page.locator("main")).to_contain_text("personnes à qui répondre est demandé")
    assert faults(page) == []
    page.click('button:has-text("Envoyer aux familles")')
    expect(page.locator("h1")).to_have_text(TITLE)
    assert faults(page) == []


def test_a_note_to_a_class_takes_three_clicks_and_its_text(windows, academy):  # noqa: F811
    page = windows(TUTOR, viewport=DESK)
    page.goto(home(academy, TUTOR))
    page.click('main a:has-text("Écrire un mot aux familles")')
    page.fill("[name=title]", "Cahier à couvrir")
    page.fill("[name=content]", "Merci de couvrir le cahier.")
    page.locator("[name=divisions]").first.click()
    page.click('button:has-text("Envoyer aux familles")')
    expect(page.locator("h1")).to_have_text("Cahier à couvrir")
    expect(page.locator("main")).to_contain_text("Envoyé, pour")


def test_a_parent_signs_in_two_clicks_and_staff_see_it_at_once(windows, academy):  # noqa: F811
    cpe, parent = windows(CPE, viewport=DESK), windows(PARENT, viewport=PHONE)
    written(cpe, academy)
    parent.goto(home(academy, PARENT))
    assert overflow(parent) <= 0
    parent.locator(f'a:has-text("Lire et signer"):has-text("{TITLE}")').first.click()
    assert overflow(parent) <= 0
    assert faults(parent) == []
    before = cpe.locator('.chips a:has-text("Répondu")').count()
    parent.locator('button:has-text("Je signe")').first.click()
    expect(parent.locator("main")).to_contain_text("Votre signature est enregistrée")
    assert before == 0
    expect(cpe.locator('.chips a:has-text("Répondu : 1")')).to_be_visible(timeout=10_000)
    for path in ("notes/", "notes/sent/"):
        who, role = (parent, PARENT) if path == "notes/" else (cpe, CPE)
        who.goto(home(academy, role) + path)
        assert faults(who) == []
    cpe.set_viewport_size(PHONE)
    assert overflow(cpe) <= 0
