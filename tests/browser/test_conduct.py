"""Conduct in a real browser: a punishment given, planned and acknowledged; a call for help read by referents only."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESK, PHONE
from tests.browser.test_day import home, windows  # noqa: F401 - the fixture
from tests.browser.test_school_pages import CPE, PARENT, overflow
from tests.browser.test_sign_in import faults

pytestmark = pytest.mark.xdist_group("day")
PUPIL, HEAD = "Élève", "Chef d'établissement"


def test_a_punishment_is_given_and_the_parent_acknowledges_it_in_two_clicks(windows, academy):  # noqa: F811
    cpe, parent = windows(CPE, viewport=DESK), windows(PARENT, viewport=PHONE)
    parent.goto(home(academy, PARENT))
    child = parent.locator("main a[href^='/people/']").first.get_attribute("href").strip("/").split("/")[-1]
    cpe.goto(home(academy, CPE) + f"conduct/pupils/{child}/")
    cpe.click("summary:has-text('Donner une punition')")
    cpe.locator("#punish [name=kind]").select_option("detention")
    cpe.locator("#punish [name=reason]").fill("Bavardages malgré trois rappels")
    cpe.click("button:has-text('Donner la punition')")
    expect(cpe.locator("main")).to_contain_text("Bavardages malgré trois rappels")
    assert faults(cpe) == []
    cpe.goto(home(academy, CPE) + "conduct/detentions/")
    expect(cpe.locator("main")).to_contain_text("Bavardages malgré trois rappels")
    assert faults(cpe) == []
    parent.goto(home(academy, PARENT))
    parent.locator(f"a[href$='/conduct/pupils/{child}/']").first.click()
    assert faults(parent) == []
    assert overflow(parent) <= 0
    card = parent.locator(".card", has_text="Bavardages malgré trois rappels")
    card.locator("button").click()
    expect(card).to_contain_text("Vous en avez pris connaissance")


def test_a_call_for_help_is_answered_by_a_referent_and_hidden_from_the_head(windows, academy):  # noqa: F811
    pupil, cpe, head = windows(PUPIL, viewport=PHONE), windows(CPE, viewport=DESK), windows(HEAD, viewport=DESK)
    pupil.goto(home(academy, PUPIL) + "help/")
    assert faults(pupil) == []
    assert overflow(pupil) <= 0
    pupil.locator("[name=about]").first.check()
    pupil.fill("[name=text]", "Deux élèves se moquent de moi chaque jour.")
    pupil.click("button:has-text('Envoyer aux référents')")
    expect(pupil.locator("main")).to_contain_text("à eux seuls")
    address = pupil.url
    assert head.goto(address).status == 403
    cpe.goto(home(academy, CPE))
    cpe.click("a:has-text('Lire les demandes')")
    assert faults(cpe) == []
    cpe.goto(address)
    cpe.fill("[name=text]", "Passez me voir à la récréation.")
    cpe.click("button:has-text('Enregistrer')")
    assert faults(cpe) == []
    pupil.reload()
    expect(pupil.locator("main")).to_contain_text("Passez me voir")
