"""The academy and its schools tell each other things, in a real browser; light pages weigh much less."""

from datetime import datetime, timedelta

import pytest

from tests.browser.conftest import DESK, PHONE, Academy, sign_in_as
from tests.browser.test_sign_in import faults
from tests.factories import image

ADMINISTRATOR, DESK_OF_SCHOOL = "Administrateur de la plateforme", "Administrateur de l'ENT"


@pytest.fixture
def elsewhere(browser, academy: Academy):
    """A second browser, signed in as the first person of a role."""
    context = browser.new_context(locale="fr-FR", viewport=DESK)
    context.set_default_timeout(15_000)

    yield lambda role: sign_in_as(role, context.new_page(), academy)
    context.close()


def test_a_maintenance_announced_by_the_academy_appears_on_a_schools_page(enter, page, academy, elsewhere):
    uai, _ = academy.who(DESK_OF_SCHOOL)
    starts = datetime.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=1)
    enter(ADMINISTRATOR)
    page.goto(academy.url(None, "/console/exchanges/announcements/new/"))
    assert faults(page) == []
    page.select_option("[name=kind]", "maintenance")
    page.fill("[name=title]", "Changement de serveurs")
    page.fill("[name=starts_at]", f"{starts:%Y-%m-%dT%H:%M}")
    page.fill("[name=ends_at]", f"{starts + timedelta(hours=1):%Y-%m-%dT%H:%M}")
    page.fill("[name=schools]", uai)
    page.click("text=Voir qui l’annonce atteindra")
    assert "1 établissement atteint" in page.inner_text("main")
    assert faults(page) == []
    page.click("button:has-text('Publier')")
    page.wait_for_selector("text=L’annonce est publiée")
    assert faults(page) == []

    desk = elsewhere(DESK_OF_SCHOOL)
    told = desk.locator(".notice:not(.gathered), .one-notice", has_text="Changement de serveurs")
    assert told.locator(".when").text_content().startswith("Maintenance ")
    assert told.locator("button").count() == 0
    assert faults(desk) == []
    desk.context.clear_cookies()
    desk.goto(academy.url(uai, "/sign-in/"))
    assert "Changement de serveurs" in desk.inner_text("body")
    assert faults(desk) == []
    page.click("button:has-text('Retirer l’annonce')")
    page.wait_for_selector("text=L’annonce est retirée")
    desk.reload()
    assert "Changement de serveurs" not in desk.inner_text("body")


def test_a_request_is_opened_answered_and_closed(enter, page, academy, elsewhere):
    uai, _ = academy.who(DESK_OF_SCHOOL)
    enter(DESK_OF_SCHOOL)
    page.goto(academy.url(uai, "/administration/support/"))
    assert faults(page) == []
    page.select_option("[name=subject]", "pages")
    page.fill("[name=title]", "La page des classes reste blanche")
    page.fill("[name=text]", "Depuis ce matin, sur tous les postes. Rappelez au 06 12 34 56 78.")
    page.click("text=Envoyer la demande")
    assert "un numéro de téléphone" in page.inner_text("[role=alert]")
    page.fill("[name=text]", "Depuis ce matin, sur tous les postes.")
    page.click("text=Relu : envoyer")
    page.wait_for_selector("h1:has-text('La page des classes reste blanche')")
    assert faults(page) == []

    console = elsewhere(ADMINISTRATOR)
    console.goto(academy.url(None, "/console/exchanges/"))
    assert faults(console) == []
    console.click("a:has-text('La page des classes reste blanche')")
    console.fill("[name=text]", "C’est réparé : rechargez la page.")
    console.click("button:has-text('Répondre')")
    # The school's page shows the answer by itself.
    page.wait_for_selector(".turn:has-text('C’est réparé')")
    page.click("button:has-text('C’est réglé')")
    page.wait_for_selector("text=La demande est close")
    console.wait_for_selector(".badge:has-text('Close')")
    assert faults(console) == []


def test_the_speed_test_runs_and_is_kept(enter, page, academy):
    uai, _ = academy.who(DESK_OF_SCHOOL)
    enter(DESK_OF_SCHOOL)
    page.goto(academy.url(uai, "/administration/network/"))
    before = page.locator("h2:has-text('Mesures') + .table tbody tr").count()
    assert faults(page) == []
    page.click("text=Mesurer maintenant")
    page.wait_for_selector("text=La mesure est enregistrée")
    assert page.locator("h2:has-text('Mesures') + .table tbody tr").count() == before + 1
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_what_the_light_pages_show_weighs_less_than_half_and_asks_for_no_photo(enter, page, academy):
    uai, _ = academy.who("Chef d'établissement")
    photos = []
    page.on("request", lambda request: photos.append(request.url) if "/photo/?" in request.url else None)
    enter("Chef d'établissement")
    page.goto(academy.url(uai, "/people/?profile=pupil"))
    page.click(".people a >> nth=0")
    page.click("summary:has-text('Mettre une photo')")
    page.set_input_files("[name=photo]", files=[{"name": "p.jpg", "mimeType": "image/jpeg", "buffer": image()}])
    page.click("text=Enregistrer la photo")
    page.wait_for_selector("text=La photo est enregistrée")

    def weight() -> int:
        page.goto(academy.url(uai, "/people/?profile=pupil"), wait_until="networkidle")
        return len(page.inner_html("main"))

    full = weight()
    assert photos
    page.click("text=Activer le mode réseau lent")
    page.wait_for_selector("text=Revenir aux pages complètes")
    photos.clear()
    assert weight() < full / 2
    assert photos == []
    assert faults(page) == []
    page.click("text=Revenir aux pages complètes")
    page.wait_for_selector("text=Activer le mode réseau lent")
    assert weight() == full


@pytest.mark.parametrize("path", ["/console/network/", "/console/network/import/", "/console/exchanges/support/",
                                  "/console/exchanges/announcements/", "/console/schools/{uai}/network/",
                                  "/console/schools/{uai}/support/"])  # fmt: skip
def test_the_consoles_pages_fit_a_phone_and_everyone(enter, page, academy, path):
    uai, _ = academy.who(DESK_OF_SCHOOL)
    enter(ADMINISTRATOR)
    page.goto(academy.url(None, path.format(uai=uai)))
    assert faults(page) == []
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
