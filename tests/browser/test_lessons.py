"""Homework from the teacher to the pupil and back, a seating plan and a teaching plan, in a real browser."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE
from tests.browser.test_day import home, windows  # noqa: F401 - the fixture
from tests.browser.test_school_pages import PUPIL, TUTOR, overflow
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
