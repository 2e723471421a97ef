"""The roll without network in a real browser: kept over a reload, sent once, told apart, and nobody else's."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE, Academy
from tests.browser.test_day import home, sitting, windows  # noqa: F401
from tests.browser.test_school_pages import CPE, PARENT, TUTOR

pytestmark = pytest.mark.xdist_group("day")
KEPT = {"name": "data-kept", "value": "yes", "timeout": 15_000}


def kept_at_home(page: Page, academy: Academy) -> None:
    """The day's registers are on this device."""
    for _ in range(2):
        page.goto(home(academy, TUTOR))
        expect(page.locator("html")).to_have_attribute(**KEPT)


def taken_offline(page: Page, address: str, number: int = 3, state: str = "absent") -> str:
    """Takes the roll without network: the name of who is marked."""
    page.context.set_offline(True)
    page.goto(address)
    expect(page.locator(".notice.warn").first).to_contain_text(re.compile(r"gardée à \d+ h \d\d"))
    line = page.locator(".register-line").nth(number)
    line.locator(f".is-{state} span").click()
    page.locator(".register-bar [type=submit]").click()
    expect(page.locator(".sent-state")).to_contain_text("En attente du réseau : 1 appel")
    return line.locator("strong").inner_text()


def back(page: Page) -> None:
    page.context.set_offline(False)
    page.evaluate("dispatchEvent(new Event('online'))")


def waiting(page: Page) -> int:
    return page.evaluate("JSON.parse(localStorage.getItem('registers-to-send') ?? '[]').length")


def kept_pages(page: Page) -> list[str]:
    return page.evaluate(
        "caches.open('registers-1').then(c => c.keys()).then(k => k.map(r => new URL(r.url).pathname))"
    )


def test_a_roll_taken_offline_survives_a_reload_and_leaves_once(windows, academy, sitting):  # noqa: F811
    teacher = windows(TUTOR, viewport=PHONE)
    address = home(academy, TUTOR)[:-1] + sitting
    kept_at_home(teacher, academy)
    name = taken_offline(teacher, address)
    teacher.reload()
    expect(teacher.locator(".sent-state")).to_contain_text("En attente du réseau : 1 appel")
    expect(teacher.locator(".register-line").nth(3).locator("[value=absent]")).to_be_checked()
    back(teacher)
    expect(teacher.locator(".saved")).to_contain_text("Appel fait à", timeout=15_000)
    assert waiting(teacher) == 0
    teacher.goto(address + "history/")
    assert teacher.locator("tr", has_text=name).count() == 1


def test_the_kept_page_follows_what_was_said_elsewhere(windows, academy, sitting):  # noqa: F811
    teacher, cpe = windows(TUTOR, viewport=PHONE), windows(CPE, viewport=DESK)
    address = home(academy, TUTOR)[:-1] + sitting
    kept_at_home(teacher, academy)
    cpe.goto(address)
    cpe.locator(".register-line").nth(5).locator(".is-absent span").click()
    cpe.locator(".register-bar [type=submit]").click()
    expect(cpe.locator(".saved")).to_contain_text("Appel fait à")
    teacher.goto(address)
    expect(teacher.locator(".saved")).to_contain_text("Appel fait à")
    teacher.wait_for_timeout(1500)
    teacher.context.set_offline(True)
    teacher.goto(address)
    expect(teacher.locator(".saved")).to_contain_text("Appel fait à")
    expect(teacher.locator(".register-line").nth(5).locator("[value=absent]")).to_be_checked()


def test_a_colleagues_roll_is_shown_against_mine_and_settled(windows, academy, sitting):  # noqa: F811
    teacher, cpe = windows(TUTOR, viewport=PHONE), windows(CPE, viewport=DESK)
    address = home(academy, TUTOR)[:-1] + sitting
    kept_at_home(teacher, academy)
    name = taken_offline(teacher, address, number=2)
    cpe.goto(address)
    cpe.locator(".register-line").nth(2).locator(".is-late span").click()
    cpe.locator(".register-bar [type=submit]").click()
    expect(cpe.locator(".saved")).to_contain_text("Appel fait à")
    back(teacher)
    expect(teacher.locator(".conflict")).to_contain_text("En retard", timeout=15_000)
    expect(teacher.locator(".in-conflict")).to_contain_text(name)
    assert waiting(teacher) == 0
    teacher.locator(".in-conflict .is-absent span").click()
    teacher.locator(".register-bar [type=submit]").click()
    expect(teacher.locator(".saved")).to_contain_text("Appel fait à", timeout=15_000)
    expect(teacher.locator(".conflict")).to_have_count(0)
    teacher.goto(address + "history/")
    rows = teacher.locator("tr", has_text=name)
    assert [rows.nth(at).locator("td").first.inner_text().split(" (")[0] for at in range(rows.count())] == [
        "En retard", "Absent",
    ]  # fmt: skip


def test_who_leaves_is_told_and_the_next_person_neither_sees_nor_sends_it(windows, academy, sitting):  # noqa: F811
    teacher = windows(TUTOR, viewport=DESK)
    address, (uai, name) = home(academy, TUTOR)[:-1] + sitting, academy.who(TUTOR)
    kept_at_home(teacher, academy)
    taken_offline(teacher, address)
    # The network is back, but the school's server does not take it yet.
    teacher.route("**/register/", refused)
    teacher.context.set_offline(False)
    teacher.goto(home(academy, TUTOR))
    teacher.locator("details.me summary").click()
    teacher.get_by_role("button", name="Se déconnecter").click()
    expect(teacher.locator(".sent-state").first).to_contain_text("il reste gardé sur cet appareil")
    teacher.locator("details.me summary").click()
    teacher.get_by_role("button", name="Se déconnecter").click()
    expect(teacher.locator("main")).to_contain_text("Un appel fait sur cet appareil n'est pas encore envoyé")
    teacher.unroute("**/register/")
    assert not any(path.startswith("/sessions/") for path in kept_pages(teacher))
    parent = next(who for label, who in academy.sign_ins[uai] if label == PARENT)
    sign_in(teacher, academy, uai, parent)
    expect(teacher.locator("main")).not_to_contain_text("En attente du réseau")
    assert waiting(teacher) == 1
    teacher.locator("details.me summary").click()
    teacher.get_by_role("button", name="Se déconnecter").click()
    sign_in(teacher, academy, uai, name)
    expect(teacher.locator(".sent-state").first).to_contain_text("Appel envoyé", timeout=15_000)
    assert waiting(teacher) == 0
    teacher.goto(address)
    expect(teacher.locator(".saved")).to_contain_text("Appel fait à")


def refused(route) -> None:
    """A server that is there and takes nothing."""
    route.fulfill(status=503) if route.request.method == "POST" else route.continue_()


def sign_in(page: Page, academy: Academy, uai: str, name: str) -> None:
    page.goto(academy.url(uai, "/sign-in/"))
    page.fill("[name=username]", name)
    page.fill("[name=password]:visible", "demonstration")
    page.locator("main form").first.locator("[type=submit]").click()
    page.wait_for_url(academy.url(uai, "/"))
