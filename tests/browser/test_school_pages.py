"""Every page of a school, for a role that sees it: no accessibility fault, light and dark; all fits a phone."""

import re
from contextlib import suppress

import pytest
from playwright.sync_api import Browser, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.browser.conftest import DESK, PASSWORD, PHONE, Academy
from tests.browser.test_sign_in import faults

ADMIN, PARENT, PUPIL = "Administrateur de l'ENT", "Responsable légal", "Élève"
TUTOR, CPE, HEAD = "Professeur principal", "CPE", "Chef d'établissement"
# (role, page, what to click from there to reach the page meant)
PAGES = [
    ("", "/sign-in/", []), ("", "/activate/", []), ("", "/password/forgotten/", []), ("", "/nulle-part/", []),
    (PUPIL, "/", []), (PUPIL, "/", ["main .card a"]), (PUPIL, "/account/", []), (PUPIL, "/people/", []),
    (PARENT, "/", []), (PARENT, "/", ["main .card a"]),
    ("Parent d'enfants dans deux établissements", "/", []),
    ("Parent d'enfants dans deux établissements", "/", ["main .card a"]),
    (TUTOR, "/", []), (TUTOR, "/", ["main .card a"]), (TUTOR, "/", ["text=Trombinoscope"]),
    (PUPIL, "/timetable/", []), (PUPIL, "/homework/", []), (PUPIL, "/absences/", []), (PUPIL, "/notifications/", []),
    (PARENT, "/timetable/", []), (PARENT, "/homework/", []), (PARENT, "/absences/", []),
    (PARENT, "/notifications/choices/", []), (TUTOR, "/timetable/", []), (TUTOR, "/timetable/bookings/", []),
    (TUTOR, "/timetable/subscribe/", []), (TUTOR, "/", ["text=Cahier de textes"]),
    (CPE, "/student-life/", []), (CPE, "/student-life/passages/", []), (CPE, "/student-life/exemptions/", []),
    (CPE, "/student-life/outings/", []), (CPE, "/absences/to-treat/", []), (CPE, "/absences/statistics/", []),
    (CPE, "/absences/alerts/", []), (CPE, "/absences/letters/", []), (CPE, "/timetable/", ["main .cards a"]),
    (TUTOR, "/log/mine/", ["text=Ouvrir cette séance"]), (TUTOR, "/log/archives/", []),
    (TUTOR, "/log/mine/", ["text=Ouvrir cette séance", "text=Depuis une progression"]),
    (TUTOR, "/log/mine/", ["text=Ouvrir cette séance", "text=Décaler d'une séance"]),
    (TUTOR, "/notes/write/", []), (HEAD, "/log/readings/", []), (HEAD, "/log/archives/", ["main .todo a"]),
    (PUPIL, "/homework/missed/", []), (CPE, "/notifications/failures/", []),
    (CPE, "/classes/", ["main a[href^='/classes/']:not([href$='photos/'])", "text=Semaine à imprimer"]),
    (ADMIN, "/timetable/imports/", []), (ADMIN, "/timetable/set-up/", []),
    (TUTOR, "/classes/", []), (TUTOR, "/classes/photos/", []), (TUTOR, "/", ["main .card a", "main .people a"]),
    (CPE, "/", []), (CPE, "/people/?q=e", []), (CPE, "/people/?profile=pupil", ["main .people a"]),
    (CPE, "/people/?profile=relative", ["main .people a"]), (CPE, "/people/?profile=staff", ["main .people a"]),
    (CPE, "/people/?q=zzzz", []), (CPE, "/administration/accounts/", []),
    (ADMIN, "/", []), (ADMIN, "/people/?profile=pupil", ["main .people a", "summary:has-text('photo')"]),
    (ADMIN, "/administration/accounts/", []), (ADMIN, "/administration/accounts/?audience=pupils", []),
    (ADMIN, "/administration/accounts/?audience=pupils", ["text=Nouveau code"]),
    (ADMIN, "/administration/letters/", []), (ADMIN, "/administration/letters/?audience=staff", []),
    (ADMIN, "/administration/functions/", []), (ADMIN, "/administration/photos/", []),
    (ADMIN, "/administration/imports/", []), (ADMIN, "/rights/", []), (ADMIN, "/rights/why/", []),
    (ADMIN, "/rights/why/?who_q=a&whom_q=e", []),
]  # fmt: skip


def signed_in(browser: Browser, academy: Academy, role: str, **options) -> Page:
    """A window of its own, as a role ("": a visitor), at their school."""
    context = browser.new_context(locale="fr-FR", **options)
    context.set_default_timeout(15_000)
    page = context.new_page()
    uai, name = academy.who(role or ADMIN)
    page.goto(academy.url(uai, "/sign-in/"))
    if role:
        page.fill("[name=username]", name)
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_url(lambda url: "sign-in" not in url)
    return page


def overflow(page: Page) -> int:
    """Pixels that a page is wider than its window."""
    return page.locator("html:has(body)").evaluate("root => root.scrollWidth - root.clientWidth")


@pytest.mark.parametrize("role", sorted({role for role, _, _ in PAGES}))
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_an_accessibility_fault_or_overflows_a_phone(browser, academy, role, scheme):
    page = signed_in(browser, academy, role, color_scheme=scheme, viewport=PHONE)
    home = academy.url(academy.who(role or ADMIN)[0], "")
    found: list[str] = []
    for _, path, clicks in [row for row in PAGES if row[0] == role]:
        page.set_viewport_size(PHONE)
        page.goto(home + path)
        for selector in clicks:
            page.locator(selector).first.click()
        where = f"{path} {' > '.join(clicks)}"
        if overflow(page) > 0:
            found.append(f"{where}: overflows by {overflow(page)}")
        found += [f"{where} (390): {fault}" for fault in faults(page)]
        page.set_viewport_size(DESK)
        if overflow(page) > 0:
            found.append(f"{where}: overflows by {overflow(page)} at 1280")
        found += [f"{where} (1280): {fault}" for fault in faults(page)]
        if page.locator("h1").count() != 1:
            found.append(f"{where}: {page.locator('h1').count()} h1")
    page.context.close()
    assert not found, "\n".join(found)


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_what_is_too_large_is_said_in_a_page_of_its_own(browser, academy, viewport):
    page = signed_in(browser, academy, "", viewport=viewport)
    field = page.locator("input[name=username]")
    field.evaluate("one => { one.removeAttribute('maxlength'); one.value = 'x'.repeat(1_300_000); one.form.submit() }")
    expect(page.locator("h1")).to_have_text("Envoi trop lourd")
    assert overflow(page) == 0
    assert faults(page) == []
    page.context.close()


def test_slash_five_keys_and_enter_open_a_pupils_page(browser, academy):
    page = signed_in(browser, academy, CPE, viewport=DESK)
    page.goto(academy.url(academy.who(CPE)[0], "/people/?profile=pupil"))
    name = page.locator("main .people .person > span:last-child").last.inner_text()
    first, last = name.split(" ", 1)
    page.goto(academy.url(academy.who(CPE)[0], "/classes/"))
    page.keyboard.press("/")
    expect(page.locator("#top-q")).to_be_focused()
    options = page.locator("#suggestions [role=option]")
    wanted = page.get_by_role("option", name=re.compile(f"^{re.escape(name)}"))
    # What one may think of typing, five keys each; namesakes may hide the pupil from one of them, not from all.
    for keys in (f"{last[:3]} {first[:1]}", f"{last[:2]} {first[:2]}", last[:5]):
        page.locator("#top-q").fill("")
        page.keyboard.type(keys)
        with suppress(PlaywrightTimeout):
            wanted.first.wait_for(timeout=4_000)
            break
    expect(wanted.first).to_be_visible()
    assert faults(page) == []
    for _ in range(options.count()):
        if wanted.first.get_attribute("aria-selected") == "true":
            break
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text(name)
    page.context.close()


def test_escape_closes_what_is_open(browser, academy):
    page = signed_in(browser, academy, CPE, viewport=DESK)
    page.locator("#top-q").fill("a")
    expect(page.locator("#suggestions [role=option]").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#suggestions [role=option]")).to_have_count(0)
    page.locator("details.me summary").click()
    page.keyboard.press("Escape")
    expect(page.locator("details.me .menu")).to_be_hidden()
    page.context.close()


def test_searching_from_the_top_bar_works_without_javascript(browser, academy):
    page = signed_in(browser, academy, CPE, java_script_enabled=False)
    page.fill("#top-q", "zzzz")
    page.press("#top-q", "Enter")
    expect(page.locator("main")).to_contain_text("Personne ne correspond")
    page.context.close()


def test_the_administrator_puts_a_photo_and_sees_it(browser, academy):
    from tests.factories import image

    page = signed_in(browser, academy, ADMIN, viewport=DESK)
    page.goto(academy.url(academy.who(ADMIN)[0], "/people/?profile=pupil"))
    page.locator("main .people a").first.click()
    page.locator("summary:has-text('photo')").click()
    page.set_input_files("[name=photo]", {"name": "a.svg", "mimeType": "image/svg+xml", "buffer": b"<svg/>"})
    page.get_by_role("button", name="Enregistrer la photo").click()
    expect(page.locator(".field .error")).to_contain_text("JPEG, PNG ou WebP")
    page.set_input_files("[name=photo]", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": image()})
    page.get_by_role("button", name="Enregistrer la photo").click()
    shown = page.locator(".who img")
    expect(shown).to_be_visible()
    assert shown.evaluate("image => image.decode().then(() => image.naturalWidth)") == 320
    page.locator("summary:has-text('photo')").click()
    page.get_by_role("button", name="Retirer la photo").click()
    expect(page.locator(".who img")).to_have_count(0)
    page.context.close()
