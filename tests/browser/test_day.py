"""The school day in a real browser: the roll with and without network, seen live; an absence announced."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE, Academy
from tests.browser.test_school_pages import CPE, PARENT, TUTOR, signed_in
from tests.browser.test_sign_in import faults

pytestmark = pytest.mark.xdist_group("day")


@pytest.fixture
def windows(browser, academy):
    """Windows of several people, closed together."""
    opened: list[Page] = []

    def window(role: str, **options) -> Page:
        opened.append(signed_in(browser, academy, role, **options))
        return opened[-1]

    yield window
    for page in opened:
        page.context.close()


def home(academy: Academy, role: str) -> str:
    return academy.url(academy.who(role)[0], "/")


def test_the_roll_takes_three_taps_and_student_life_sees_it_live(windows, academy):
    teacher, cpe = windows(TUTOR, viewport=PHONE), windows(CPE, viewport=DESK)
    cpe.goto(home(academy, CPE) + "student-life/")
    assert faults(cpe) == []
    teacher.goto(home(academy, TUTOR))
    teacher.locator('a.button:has-text("Faire l\'appel")').first.click()
    assert faults(teacher) == []
    line = teacher.locator(".register-line").nth(2)
    name = line.locator("strong").inner_text()
    line.locator(".is-absent span").click()
    teacher.click('button:has-text("Terminer l\'appel")')
    expect(teacher.locator(".saved")).to_contain_text("Appel fait à")
    # Whether their session is under way or was taken by hand of the demonstration, the board says who is away now.
    expect(cpe.locator("main")).to_contain_text(name, timeout=5_000)


def test_a_roll_taken_without_network_is_sent_once_when_it_is_back(windows, academy):
    teacher = windows(TUTOR, viewport=PHONE)
    context = teacher.context
    teacher.goto(home(academy, TUTOR))
    expect(teacher.locator("html")).to_have_attribute("data-kept", "yes", timeout=15_000)
    path = teacher.locator("a[data-keep]").first.get_attribute("href")
    teacher.reload()
    expect(teacher.locator("html")).to_have_attribute("data-kept", "yes", timeout=15_000)
    context.set_offline(True)
    teacher.goto(academy.url(academy.who(TUTOR)[0], path))
    line = teacher.locator(".register-line").nth(4)
    name = line.locator("strong").inner_text()
    line.locator(".is-late span").click()
    teacher.locator(".register-bar [type=submit]").click()
    expect(teacher.locator(".sent-state")).to_contain_text("En attente du réseau : 1 appel")
    context.set_offline(False)
    teacher.evaluate("dispatchEvent(new Event('online'))")
    expect(teacher.locator(".sent-state")).not_to_contain_text("En attente", timeout=10_000)
    teacher.goto(academy.url(academy.who(TUTOR)[0], f"{path}history/"))
    late = teacher.locator("tr", has_text=name).filter(has_text="En retard")
    assert late.count() == 1


def test_the_roll_is_taken_without_any_script(windows, academy):
    teacher = windows(TUTOR, viewport=PHONE, java_script_enabled=False)
    teacher.goto(home(academy, TUTOR))
    teacher.locator("a[data-keep]").first.click()
    teacher.locator(".register-line").nth(6).locator(".is-absent span").click()
    teacher.locator(".register-bar [type=submit]").click()
    assert re.search(r"Appel fait à|deux fois", teacher.inner_text("main"))


def test_a_parent_announces_an_absence_in_three_taps(windows, academy):
    parent = windows(PARENT, viewport=PHONE)
    parent.goto(home(academy, PARENT))
    parent.locator("text=Signaler une absence").first.click()
    assert faults(parent) == []
    parent.locator("[name=reason]").first.check()
    parent.click('button:has-text("Envoyer à l\'établissement")')
    expect(parent.locator("main")).to_contain_text("Reçu à")
    assert faults(parent) == []
