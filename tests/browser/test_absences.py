"""From a parent's phone to school life's answer: justify with a document, accept, and the figures agree."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE, Academy
from tests.browser.test_school_pages import CPE, PARENT, overflow, signed_in
from tests.browser.test_sign_in import faults

pytestmark = pytest.mark.xdist_group("day")
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF"
KEY = r"[0-9a-f-]{36}"


def check(page: Page) -> None:
    """No accessibility fault, nothing wider than the screen, on a phone and at a desk."""
    for size in (PHONE, DESK):
        page.set_viewport_size(size)
        assert overflow(page) <= 0
        assert faults(page) == []


def keys_to_justify(page: Page) -> set[str]:
    return set(re.findall(rf"/absences/cases/({KEY})/justify/", page.content()))


def noted_absent(desk: Page, parent: Page, site: str) -> str:
    """The case of an hour of the last days of which the child is noted absent: whatever the hour and the day."""
    parent.goto(f"{site}/absences/")
    before = keys_to_justify(parent)
    child = re.search(rf"/absences/announce/({KEY})/", parent.content()).group(1)
    first, last = date.today() - timedelta(days=20), date.today() - timedelta(days=1)
    sessions = parent.evaluate("path => fetch(path).then(one => one.json())",
                               f"/api/sessions/?first={first}&last={last}")  # fmt: skip
    for session in sessions.get("results", sessions) if isinstance(sessions, dict) else sessions:
        desk.goto(f"{site}/sessions/{session['id']}/register/")
        there = desk.locator(f'[name="state-{child}"][value=present]')
        if not there.count() or not there.is_checked():
            continue
        desk.locator(f'.is-absent:has([name="state-{child}"]) span').click()
        desk.locator(".register-bar [type=submit]").click()
        # The page of the register as it was taken before says so too: wait for this sending.
        desk.wait_for_url(re.compile("saved=1"))
        parent.goto(f"{site}/absences/")
        if new := keys_to_justify(parent) - before:
            return new.pop()
    raise AssertionError("no session of the last weeks where the child was present")


def half_days(desk: Page, site: str) -> int:
    desk.goto(f"{site}/absences/statistics/?by=reason")
    row = desk.locator("tr", has=desk.get_by_role("rowheader", name="Raison familiale", exact=True))
    return int(row.locator("td").first.inner_text().strip()) if row.count() else 0


def test_a_parent_justifies_with_a_document_and_school_life_accepts(browser, academy: Academy, tmp_path: Path):
    parent = signed_in(browser, academy, PARENT, viewport=PHONE)
    desk = signed_in(browser, academy, CPE, viewport=DESK)
    site = academy.url(academy.who(PARENT)[0], "").rstrip("/")
    case, document = noted_absent(desk, parent, site), tmp_path / "mot.pdf"
    before = half_days(desk, site)
    document.write_bytes(PDF)
    # A tap on « Justifier », one on the reason, the file, one to send.
    parent.goto(f"{site}/absences/")
    parent.locator(f'a[href*="{case}/justify"]').click()
    check(parent)
    parent.set_viewport_size(PHONE)
    parent.get_by_label("Raison familiale", exact=True).check()
    parent.locator("[name=document]").set_input_files(document)
    parent.get_by_role("button", name="Envoyer").click()
    expect(parent.locator("main")).to_contain_text("Reçu à")
    desk.goto(f"{site}/absences/to-treat/")
    check(desk)
    waiting = desk.locator("li", has=desk.locator('[href$="/document/"]')).last
    answer = waiting.locator('[href$="/answer/"]').get_attribute("href")
    desk.goto(site + answer)
    check(desk)
    desk.get_by_role("button", name="Accepter").click()
    expect(desk.locator("body")).to_contain_text("est prévenue")
    assert half_days(desk, site) > before
    check(desk)
    parent.goto(f"{site}/absences/cases/{case}/")
    check(parent)
    expect(parent.locator("dl")).to_contain_text("Motif accepté")
    for path in ("calls/", "letters/", "letters/log/", "alerts/", "rules/"):
        desk.goto(f"{site}/absences/{path}")
        check(desk)
    for window in (parent, desk):
        window.context.close()
