"""From one of my schools to another without a new password; and no other way in."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.utils import timezone

from ent.accounts.models import Membership, PassageTicket
from tenants.context import inside_as_owner
from tests import factories
from tests.conftest import SchoolClient


@pytest.fixture
def parent(school, other_school):
    """A parent with a child in each school."""
    person = factories.guardian(of=factories.pupil())
    with inside_as_owner(other_school):
        factories.guardian(of=factories.pupil(), account=factories.account_of(person))
    return person


@pytest.fixture
def there(other_school) -> SchoolClient:
    """The same browser at the other school's host."""
    return SchoolClient(f"{other_school.subdomain}.ent.localhost")


def ticket_to(browser, school, destination: str = "/") -> str:
    response = browser.get(f"/passage/{school.subdomain}/", {"next": destination})
    address = urlsplit(response["Location"])
    assert address.hostname.startswith(f"{school.subdomain}.")
    return f"{address.path}?{address.query}"


def signed_in(browser) -> bool:
    return "_auth_user_id" in browser.session


def test_a_parent_of_two_schools_passes_without_password(sign_in, parent, there, other_school):
    arrival = there.get(ticket_to(sign_in(parent), other_school, "/account/"))
    assert arrival["Location"] == "/account/"
    assert factories.account_of(parent).sign_in_name in there.get("/account/").text


def test_a_ticket_serves_once(sign_in, parent, there, other_school):
    path = ticket_to(sign_in(parent), other_school)
    there.get(path)
    there.post("/sign-out/")
    assert there.get(path)["Location"] == "/sign-in/"


def test_a_ticket_is_good_for_half_a_minute(sign_in, parent, there, other_school):
    path = ticket_to(sign_in(parent), other_school)
    left = PassageTicket.objects.get().expires_at - timezone.now()
    assert left <= timedelta(seconds=30)
    PassageTicket.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert there.get(path)["Location"] == "/sign-in/"


def test_a_ticket_for_one_school_opens_no_other(sign_in, parent, visitor, platform_client, other_school, there):
    path = ticket_to(sign_in(parent), other_school)
    assert visitor.get(path)["Location"] == "/sign-in/"
    assert platform_client.get(path)["Location"] == "/sign-in/"
    # Tried elsewhere, it still is good where it leads.
    assert there.get(path)["Location"] == "/"


def test_another_site_cannot_bring_someone_in(sign_in, parent, there, other_school):
    path = ticket_to(sign_in(parent), other_school)
    assert there.get(path, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert there.get(path, headers={"sec-fetch-site": "same-site"})["Location"] == "/"


def test_only_ones_own_schools_are_reached(sign_in, other_school):
    assert sign_in(factories.pupil()).get(f"/passage/{other_school.subdomain}/").status_code == 404


def test_who_left_while_passing_stays_outside(sign_in, parent, there, other_school):
    path = ticket_to(sign_in(parent), other_school)
    Membership.objects.filter(school=other_school).update(closed_at=timezone.now())
    assert there.get(path)["Location"] == "/sign-in/"
    assert not signed_in(there)


def test_whoever_was_signed_in_there_leaves_first(sign_in, parent, other_school):
    with inside_as_owner(other_school):
        somebody = factories.pupil()
    browser = sign_in(somebody, at=other_school)
    before = browser.cookies["ent_session"].value
    browser.get(ticket_to(sign_in(parent), other_school))
    assert browser.cookies["ent_session"].value != before
    assert factories.account_of(parent).sign_in_name in browser.get("/account/").text


def test_the_portal_leads_straight_to_an_only_school(platform_client, school):
    name = factories.account_of(factories.pupil()).sign_in_name
    platform_client.post("/sign-in/", {"username": name, "password": factories.PASSWORD})
    assert platform_client.get("/my-schools/")["Location"] == f"/passage/{school.subdomain}/"


def test_the_portal_lists_the_schools_of_a_parent_of_two(platform_client, parent, school, other_school):
    name = factories.account_of(parent).sign_in_name
    platform_client.post("/sign-in/", {"username": name, "password": factories.PASSWORD})
    page = platform_client.get("/my-schools/").text
    assert school.name in page
    assert other_school.name in page


def test_an_officer_goes_to_the_console(officer_client):
    assert officer_client.get("/my-schools/")["Location"] == "/console/"
