"""Homework from the teacher to the pupil and back, a seating plan and a teaching plan, in a real browser."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE
from tests.browser.test_day import home, windows  # noqa: F401 - the fixture
from tests.browser.test_school_pages import HEAD, PUPIL, TUTOR, overflow
from tests.browser.test_sign_in import faults
from tests.factories import image

pytestmark = pytest.mark.xdist_group("day")


def fits(page: Page) -> None:
    """Nothing to scroll sideways, no accessibility fault."""
    assert overflow(page) == 0
    assert faults(page) == []


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_work_is_given_handed_in_returned_and_read(windows, academy, viewport):  # noqa: F811
    words = f"Rédiger un portrait ({viewport['width']})"
    teacher, pupil = windows(TUTOR, viewport=viewport), windows(PUPIL, viewport=viewport)
    pupil.goto(home(academy, PUPIL) + "homework/")
    log = pupil.locator("a", has_text="Cahier de textes de la classe").get_attribute("href")
    # A session of the class is opened from its log, whatever the hour.
    teacher.goto(home(academy, TUTOR).rstrip("/") + log)
    teacher.locator("a", has_text="Ouvrir cette séance").first.click()
    fits(teacher)
    teacher.fill("[name=work]", words)
    teacher.check("[name=takes_files]")
    # The session opened may not be over, and what is given in it shown at its end only.
    given = teacher.locator("form", has=teacher.locator("[name=work]"))
    given.locator("details:has([name=publish]) summary").click()
    given.locator("[name=publish]").select_option("now")
    teacher.click('button:has-text("Donner ce travail")')
    expect(teacher.locator("main")).to_contain_text(words)
    session = teacher.url
    pupil.reload()
    pupil.locator(".work-line", has_text=words).locator("a").first.click()
    fits(pupil)
    pupil.set_input_files("[name=files]", {"name": "copie.png", "mimeType": "image/png", "buffer": image("PNG")})
    pupil.click('button:has-text("Rendre mon travail")')
    expect(pupil.locator("main")).to_contain_text("Rendu le")
    teacher.goto(session)
    teacher.locator(".work", has_text=words).locator("text=Voir les copies").click()
    teacher.locator("text=Lire et rendre").first.click()
    fits(teacher)
    teacher.fill("[name=comment]", "Beau portrait.")
    teacher.set_input_files("[name=files]", {"name": "annote.png", "mimeType": "image/png", "buffer": image("PNG")})
    teacher.click('button:has-text("Rendre la copie")')
    expect(teacher.locator("main")).to_contain_text("rendue")
    pupil.reload()
    expect(pupil.locator("main")).to_contain_text("Beau portrait.")
    expect(pupil.locator("main")).to_contain_text("annote.png")
    fits(pupil)


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_seats_are_swapped_and_a_plan_previewed(windows, academy, viewport):  # noqa: F811
    teacher = windows(TUTOR, viewport=viewport)
    teacher.goto(home(academy, TUTOR) + "plans/")
    fits(teacher)
    teacher.locator("main .todo a").first.click()
    fits(teacher)
    teacher.locator("main a", has_text="Placer sur le calendrier").first.click()
    if teacher.locator("#start").count():
        teacher.click('button:has-text("Voir où tombe")')
        expect(teacher.locator("main")).to_contain_text("Aperçu")
    fits(teacher)
    teacher.goto(home(academy, TUTOR) + "log/mine/")
    session = teacher.locator("a", has_text="Ouvrir cette séance").first.get_attribute("href")
    teacher.goto(home(academy, TUTOR).rstrip("/") + session.replace("/log/", "/seats/"))
    seats = teacher.locator(".seat")
    first = seats.nth(0).inner_text()
    seats.nth(0).click()
    seats.nth(1).click()
    expect(seats.nth(1)).to_have_text(first)
    fits(teacher)
    teacher.click('button:has-text("Enregistrer le plan") >> nth=0')
    expect(teacher.locator("main")).to_contain_text("Tableau")
    assert overflow(teacher) == 0


def saved(page: Page) -> None:
    """The page says that what was typed is kept by the school."""
    expect(page.locator("[data-state]")).to_contain_text(re.compile("Enregistré à"), timeout=8_000)


def test_what_this_device_sent_is_known_again_when_the_answer_was_lost(windows, academy):  # noqa: F811
    page = windows(TUTOR, viewport=DESK)
    page.goto(home(academy, TUTOR) + "log/mine/")
    page.locator("a", has_text="Ouvrir cette séance").first.click()
    session, context = page.url, page.context

    # The school receives what is sent; its answer never comes.
    page.evaluate(
        "() => { const real = fetch; window.fetch = (...sent) => real(...sent).then(() => Promise.reject()) }"
    )
    page.fill("[name=content]", "Envoyé")
    expect(page.locator("[data-state]")).to_contain_text("gardé sur cet appareil")
    page.fill("[name=content]", "Envoyé, puis repris")
    context.set_offline(True)
    page.close()
    context.set_offline(False)
    page = context.new_page()
    page.goto(session)
    expect(page.locator("[name=content]")).to_have_value("Envoyé, puis repris")
    saved(page)
    page.reload()
    expect(page.locator("[name=content]")).to_have_value("Envoyé, puis repris")


def test_nothing_typed_is_lost_by_a_closed_window_a_dead_network_or_a_second_window(windows, academy):  # noqa: F811
    page = windows(TUTOR, viewport=DESK)
    page.goto(home(academy, TUTOR) + "log/mine/")
    page.locator("a", has_text="Ouvrir cette séance").first.click()
    session, context = page.url, page.context
    content, state = "[name=content]", "[data-state]"

    # The window is closed while one types.
    page.fill(content, "Fermé aussitôt")
    page.fill("[name=private_note]", "Note gardée")
    page.close()
    page = context.new_page()
    page.goto(session)
    expect(page.locator(content)).to_have_value("Fermé aussitôt")
    expect(page.locator("[name=private_note]")).to_have_value("Note gardée")

    # No network: kept on the device, said so, sent when it is back, also by another window.
    context.set_offline(True)
    page.fill(content, "Sans réseau")
    expect(page.locator(state)).to_contain_text("gardé sur cet appareil")
    page.close()
    context.set_offline(False)
    page = context.new_page()
    page.goto(session)
    expect(page.locator(content)).to_have_value("Sans réseau")
    saved(page)

    # Two windows: the second one is asked, and loses nothing.
    other = context.new_page()
    other.goto(session)
    page.fill(content, "Première fenêtre")
    saved(page)
    page.wait_for_timeout(2_000)
    other.fill(content, "Seconde fenêtre")
    alert = other.locator("[role=alert]", has_text="entre-temps")
    expect(alert.locator("textarea")).to_have_value("Première fenêtre")
    expect(other.locator(content)).to_have_value("Seconde fenêtre")
    fits(other)
    alert.locator("button", has_text="Garder les deux").click()
    saved(other)
    page.reload()
    expect(page.locator(content)).to_have_value("Première fenêtre\n\nSeconde fenêtre")

    # Work being written is kept too, until it is given.
    page.fill("[name=work]", "Exercice gardé")
    page.close()
    page = context.new_page()
    page.goto(session)
    expect(page.locator("[name=work]")).to_have_value("Exercice gardé")


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_the_head_opens_a_log_and_the_inspector_endorses_it(windows, browser, academy, viewport):  # noqa: F811
    head = windows(HEAD, viewport=viewport)
    head.goto(home(academy, HEAD) + "log/readings/")
    head.fill("[name=reader]", "M. Roy, IA-IPR")
    head.select_option("[name=division]", index=1)
    head.click("button:has-text('Ouvrir la lecture')")
    fits(head)
    inspector = browser.new_context(locale="fr-FR", viewport=viewport).new_page()
    inspector.goto(head.inner_text("code.address"))
    fits(inspector)
    inspector.fill("[name=comment]", "Progression claire.")
    inspector.click("button:has-text('Viser ces semaines')")
    expect(inspector.locator("main")).to_contain_text("Vous avez visé")
    fits(inspector)
    inspector.context.close()


def test_a_plan_is_placed_and_all_of_it_taken_back(windows, academy):  # noqa: F811
    teacher = windows(TUTOR, viewport=PHONE)
    teacher.goto(home(academy, TUTOR) + "plans/")
    teacher.locator("main .todo a").first.click()
    teacher.locator("main a", has_text="Placer sur le calendrier").first.click()
    teacher.click('button:has-text("Voir où tombe")')
    teacher.click('button:has-text("Placer ces séances")')
    expect(teacher.locator("main")).to_contain_text("Placée sur le calendrier")
    fits(teacher)
    teacher.locator("main .todo button", has_text="Annuler").first.click()
    expect(teacher.locator("main")).to_contain_text("Le placement est annulé")
