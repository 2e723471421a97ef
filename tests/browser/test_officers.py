"""Officers enter with a second factor, and see what is theirs."""

import re
from base64 import b32decode

from django_otp.oath import totp
from playwright.sync_api import expect

from tests.browser.conftest import OF_ALLIER, OF_CANTAL, PASSWORD, PHONE
from tests.browser.test_sign_in import faults

ADMINISTRATOR = "Administrateur de la plateforme"


def test_an_officer_of_cantal_types_a_code_and_sees_cantals_schools_alone(page, academy):
    _, name = academy.who("Agent de collectivité, Cantal")
    page.goto(academy.url(None, "/console/"))
    page.fill("[name=username]", name)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    expect(page.locator("h1")).to_have_text("Seconde étape")
    assert faults(page) == []
    page.goto(academy.url(None, f"/console/schools/{OF_CANTAL}/"))  # no way around it
    expect(page.locator("h1")).to_have_text("Seconde étape")
    page.fill("[name=code]", page.inner_text("#shown-code"))
    page.press("[name=code]", "Enter")
    expect(page.locator("h1")).to_have_text("Collège du Buron d'Essai")

    page.goto(academy.url(None, "/console/"))
    listed = page.inner_text("main")
    assert OF_CANTAL in listed
    assert OF_ALLIER not in listed
    refused = page.goto(academy.url(None, f"/console/schools/{OF_ALLIER}/"))
    assert refused.status == 404


def test_a_reset_officer_enrols_a_device_from_the_typed_key_on_a_phone(enter, page, browser, academy):
    _, name = academy.who("Invité en lecture, Puy-de-Dôme")
    enter(ADMINISTRATOR)
    page.goto(academy.url(None, "/console/officers/"))
    assert faults(page) == []
    page.click("text=Camille Rochefer")
    assert faults(page) == []
    page.click("text=Réinitialiser la seconde étape")
    expect(page.locator("[role=status]")).to_contain_text("enregistrera un nouvel appareil")

    context = browser.new_context(viewport=PHONE, locale="fr-FR", java_script_enabled=False)
    phone = context.new_page()
    phone.goto(academy.url(None, "/sign-in/"))
    phone.fill("[name=username]", name)
    phone.fill("[name=password]", PASSWORD)
    phone.press("[name=password]", "Enter")
    expect(phone.locator("h1")).to_have_text("Enregistrer un appareil")
    drawn = phone.locator(".qr svg").bounding_box()
    assert drawn["width"] == drawn["height"] > 200  # whole, not cut at the bottom
    key = b32decode(re.sub(r"\s", "", phone.inner_text(".secret code")))
    phone.fill("[name=code]", f"{totp(key):06d}")
    phone.press("[name=code]", "Enter")
    expect(phone.locator(".codes li")).to_have_count(10)
    phone.click("text=Je les ai gardés")
    assert phone.url.endswith("/console/")
    context.close()

    page.goto(academy.url(None, "/console/journal/"))
    expect(page.locator("main")).to_contain_text("a réinitialisé la seconde étape de Camille Rochefer")
    assert faults(page) == []


def test_pages_about_agents_have_no_accessibility_fault(enter, page, academy):
    enter(ADMINISTRATOR)
    for path in ("/console/officers/add/", "/second-factor/manage/", "/account/"):
        page.goto(academy.url(None, path))
        assert faults(page) == [], path
