"""Each role signs in, in a real browser, and finds its own home; no page has an accessibility fault."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import PHONE, Academy

ROLES = ["Élève", "Responsable légal", "Enseignant", "Professeur principal", "CPE", "Chef d'établissement",
         "Administrateur de l'ENT", "Administrateur de la plateforme"]  # fmt: skip


def faults(page) -> list[str]:
    return [f"{fault['id']}: {fault['nodes'][0]['html'][:120]}" for fault in Axe().run(page).response["violations"]]


@pytest.mark.parametrize("role", ROLES)
def test_each_role_signs_in_and_finds_its_home(enter, role):
    page = enter(role)
    assert page.locator("h1").count() == 1
    assert faults(page) == []


@pytest.mark.parametrize("role", ROLES)
def test_the_home_of_each_role_fits_a_phone(enter, page, role):
    page.set_viewport_size(PHONE)
    enter(role)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_a_wrong_password_is_told_without_saying_whether_the_name_exists(page, academy: Academy):
    messages = []
    uai, name = academy.who("CPE")
    for tried in (name, "personne.inconnue"):
        page.goto(academy.url(uai, "/sign-in/"))
        page.fill("[name=username]", tried)
        page.fill("[name=password]", "faux-mot-de-passe")
        page.press("[name=password]", "Enter")
        messages.append(page.locator("[role=alert]").first.inner_text())
    assert messages[0] == messages[1]


def test_a_session_of_one_school_does_not_open_another(enter, page, academy: Academy):
    enter("CPE")
    mine, _ = academy.who("CPE")
    other = next(uai for uai in academy.hosts if uai != mine)
    page.goto(academy.url(other, "/people/"))
    assert "/sign-in/" in page.url


def test_signing_in_works_without_javascript(browser, academy: Academy):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    uai, name = academy.who("Élève")
    page.goto(academy.url(uai, "/sign-in/"))
    page.fill("[name=username]", name)
    page.fill("[name=password]", "demonstration")
    page.press("[name=password]", "Enter")
    page.wait_for_url(lambda url: "sign-in" not in url)
    context.close()


def test_sign_in_and_home_are_light(browser, academy: Academy):
    """At most 60 kB over the wire in 8 requests, nothing cached."""
    context = browser.new_context()
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    sizes: list[int] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    uai, name = academy.who("Enseignant")
    page.goto(academy.url(uai, "/sign-in/"), wait_until="networkidle")
    page.fill("[name=username]", name)
    page.fill("[name=password]", "demonstration")
    page.press("[name=password]", "Enter")
    page.wait_for_load_state("networkidle")
    context.close()
    assert sum(sizes) <= 60_000
    # What the second page takes from the cache of the first goes over no wire.
    assert len([one for one in sizes if one]) <= 8
