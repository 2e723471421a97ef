"""A parent is told: the bell rises while they look, opens on the page; they choose how to be told."""

from playwright.sync_api import expect

from tests.browser.conftest import PHONE, Academy
from tests.browser.test_school_pages import overflow
from tests.browser.test_sign_in import faults

PARENT, CPE = "Responsable légal", "CPE"
TELL = """
from ent.accounts.models import Account
from ent.school.notifications.actions import tell
from ent.school.notifications.models import Kind
from ent.school.people.models import Person, Profile
from tenants.context import inside
from tenants.models import School
with inside(School.objects.get(uai={uai!r})):
    account = Account.objects.get(sign_in_name={name!r})
    parent = Person.objects.get(account_id=account.pk, profile=Profile.RELATIVE, closed_at=None)
    tell([parent], Kind.ABSENCE, "Une absence est à expliquer", path="/account/", is_urgent=True)
"""


def tell(academy: Academy, role: str) -> None:
    """What a module does when something happens; urgent, so that the hour of the test does not matter."""
    uai, name = academy.who(role)
    academy.manage("shell", "-c", TELL.format(uai=uai, name=name))


def test_a_parents_bell_rises_while_they_look_and_opens_what_happened(enter, academy):
    page = enter(PARENT)
    page.set_viewport_size(PHONE)
    page.goto(academy.url(academy.who(PARENT)[0], "/notifications/"))
    if page.get_by_text("Tout marquer comme lu").count():
        page.click("text=Tout marquer comme lu")
    page.goto(academy.url(academy.who(PARENT)[0], "/"))
    bell = page.locator(".bell")
    expect(bell.locator(".waiting")).to_have_count(0)
    tell(academy, PARENT)
    expect(bell.locator(".waiting")).to_contain_text("1", timeout=5_000)
    assert faults(page) == []
    assert overflow(page) <= 0
    bell.locator("a").click()
    page.wait_for_url("**/notifications/")
    assert faults(page) == []
    assert overflow(page) <= 0
    page.click("text=Une absence est à expliquer")
    page.wait_for_url("**/account/")
    expect(page.locator(".bell .waiting")).to_have_count(0)


def test_a_parent_chooses_how_to_be_told(enter, academy):
    page = enter(PARENT)
    page.set_viewport_size(PHONE)
    page.goto(academy.url(academy.who(PARENT)[0], "/notifications/choices/"))
    assert faults(page) == []
    assert overflow(page) <= 0
    page.select_option("[name=rhythm-homework]", "daily")
    page.uncheck("[name=sms-absence]")
    page.fill("[name=quiet_from]", "18:30")
    page.fill("[name=quiet_to]", "08:00")
    page.click("text=Enregistrer mes choix")
    page.wait_for_selector("text=Vos choix sont enregistrés")
    assert page.input_value("[name=rhythm-homework]") == "daily"
    assert not page.is_checked("[name=sms-absence]")
    assert page.input_value("[name=quiet_from]") == "18:30"


def test_the_cpe_finds_what_could_not_leave(enter, academy):
    page = enter(CPE)
    page.goto(academy.url(academy.who(CPE)[0], "/notifications/"))
    page.click("text=Envois en échec")
    page.wait_for_selector("h1:has-text('Envois en échec')")
    assert faults(page) == []
    page.set_viewport_size(PHONE)
    assert overflow(page) <= 0


def test_a_parent_prints_the_week_to_come(enter, academy):
    page = enter(PARENT)
    page.set_viewport_size(PHONE)
    page.goto(academy.url(academy.who(PARENT)[0], "/notifications/week/"))
    page.wait_for_selector("h1:has-text('La semaine à venir')")
    expect(page.get_by_role("button", name="Imprimer")).to_be_visible()
    assert faults(page) == []
    assert overflow(page) <= 0


def test_an_announcement_is_a_line_on_a_phone_and_opens_whole(enter, academy):
    page = enter(PARENT)
    page.set_viewport_size(PHONE)
    page.goto(academy.url(academy.who(PARENT)[0], "/"))
    announcement = page.locator(".notice").first
    assert announcement.bounding_box()["height"] < 60
    announcement.locator("summary").click()
    assert announcement.bounding_box()["height"] > 60
    assert overflow(page) <= 0
