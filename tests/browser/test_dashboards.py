"""The academy's dashboard in a real browser: every page without fault, on a phone and on a desk, by keyboard."""

import pytest

from tests.browser.conftest import DESK, PHONE
from tests.browser.test_sign_in import faults

ADMINISTRATOR = "Administrateur de la plateforme"
PAGES = ["/console/dashboard/", "/console/dashboard/?by=use", "/console/dashboard/help/", "/console/dashboard/schools/",
         "/console/"]  # fmt: skip


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_pages_fit_and_have_no_fault(enter, page, academy, size):
    page.set_viewport_size(size)
    enter(ADMINISTRATOR)
    for path in PAGES:
        page.goto(academy.url(None, path))
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], path
        for details in page.locator("main summary").all():
            details.click()
        assert faults(page) == [], path


def test_a_point_of_the_map_and_the_list_beside_it_lead_to_the_same_school(enter, page, academy):
    enter(ADMINISTRATOR)
    page.goto(academy.url(None, "/console/dashboard/"))
    point = page.locator("svg.map a").first
    title = point.locator("title").text_content()
    listed = page.locator(f".map-list a[href='{point.get_attribute('href')}']")
    assert listed.text_content() == title.split(",")[0]
    # The map is passed over by the keyboard; the list is reached, opened and followed by it.
    page.locator(".map-list summary").first.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.map-list') !== null")
    page.keyboard.press("Enter")
    page.wait_for_url("**/console/schools/**")


def test_figures_of_a_curve_open_and_leave_as_a_file(enter, page, academy):
    enter(ADMINISTRATOR)
    page.goto(academy.url(None, "/console/dashboard/"))
    figure = page.locator("figure", has_text="Comptes activés, par profil").first
    figure.locator("summary").click()
    assert "%" in figure.locator("tbody").inner_text()
    with page.expect_download() as download:
        figure.locator("a", has_text="CSV").click()
    assert download.value.suggested_filename.startswith("comptes-actives-par-profil")


def test_the_report_of_last_month_is_a_pdf(enter, page, academy):
    enter(ADMINISTRATOR)
    page.goto(academy.url(None, "/console/dashboard/"))
    page.locator("section[aria-labelledby=report-title] a").first.click()
    month = page.locator("#month").input_value()
    action = page.locator("form:has(#month)").get_attribute("action")
    answer = page.evaluate(
        "url => fetch(url).then(answer => [answer.status, answer.headers.get('content-type')])",
        f"{action}?month={month}",
    )
    assert answer == [200, "application/pdf"]


def test_the_map_stays_within_the_content_policy(enter, page, academy):
    refused = []
    page.on("console", lambda message: refused.append(message.text) if "Content Security Policy" in message.text else 0)
    enter(ADMINISTRATOR)
    page.goto(academy.url(None, "/console/dashboard/?by=use"))
    assert refused == []
