"""Every URL of the platform × every role × own collectivity, another's, no session, no second factor.

The addresses come from the URL map and the expected answers from the rights matrix, as for the schools' pages; the
things that addresses name are declared in tests/isolation/platform.py.
"""

import pytest
from django.conf import settings
from django.db import transaction
from django.urls import reverse

from tenants.context import inside_as_owner
from tests import factories
from tests.conftest import SchoolClient
from tests.isolation.platform import PlatformMember, World, platform_cast, sample_for
from tests.isolation.test_isolation import PLATFORM_URLS
from tests.isolation.urls import Address

pytestmark = pytest.mark.usefixtures("platform_db")

GUARDED = [address for address in PLATFORM_URLS if address.permission]
ANSWERS = (400, 405, 409)


@pytest.fixture
def own() -> World:
    cantal = factories.authority("15", "Cantal")
    return World(cantal, factories.deployed(authority=cantal, departement="15").school)


@pytest.fixture
def other() -> World:
    allier = factories.authority("03", "Allier")
    return World(allier, factories.deployed(authority=allier, departement="03").school)


@pytest.fixture
def cast(own) -> list[PlatformMember]:
    return platform_cast(own.authority)


def browser(account=None, **how) -> SchoolClient:
    client = SchoolClient(settings.BASE_DOMAIN)
    if account:
        client.force_login(account, **how)
    return client


def ask(client: SchoolClient, address: Address, world: World):
    """The response, by POST where the page takes nothing else; what it did is taken back."""
    url = reverse(address.name, kwargs=world.arguments(address), urlconf=settings.PUBLIC_SCHEMA_URLCONF)
    with transaction.atomic():
        response = getattr(client, address.method)(url)
        if response.status_code == 405:
            response = client.post(url)
        transaction.set_rollback(True)
    return response


def leads_to(response, name: str) -> bool:
    """Sent to the page of this name."""
    if response.status_code == 302:
        return response["Location"].split("?")[0] == reverse(name, urlconf=settings.PUBLIC_SCHEMA_URLCONF)
    return False


def fault(member: PlatformMember, address: Address, world: World, response) -> str:
    """What is wrong with an answer; empty where it is the declared one."""
    status = response.status_code
    turned_away = leads_to(response, settings.LOGIN_URL) or leads_to(response, "officers:prove")
    opened = (status < 400 and not turned_away) or status in ANSWERS
    if member.may(address, world):
        expected = opened
    elif member.knows_of(address, world):
        expected = status in (403, 404)
    else:
        expected = status == 404 or (status == 403 and not member.role)
    return "" if expected else f"{member.label}: {address} → {status}"


@pytest.mark.parametrize("address", [one for one in GUARDED if one.kwargs], ids=str)
def test_a_sample_is_declared_for_every_argument(address: Address):
    assert all(sample_for(address, name) for name in address.kwargs)


@pytest.mark.parametrize("where", ["own", "other"])
def test_every_officer_gets_what_the_matrix_declares_and_only_that(where, cast, request):
    world = request.getfixturevalue(where)
    faults = []
    for member in cast:
        client = browser(member.account)
        faults += [fault(member, address, world, ask(client, address, world)) for address in GUARDED]
    assert not any(faults), "\n".join(filter(None, faults))


def test_without_a_session_one_is_asked_to_sign_in(own):
    for address in (one for one in PLATFORM_URLS if one.needs_session and one.permission):
        response = ask(browser(), address, own)
        assert leads_to(response, settings.LOGIN_URL) or response.status_code in (401, 403), str(address)


def test_without_the_second_factor_no_page_that_needs_a_right_answers(cast, own):
    for member in cast:
        if member.role:
            client = browser(member.account, second_factor=False)
            for address in GUARDED:
                response = ask(client, address, own)
                expected = (
                    response.status_code in (401, 403) if address.is_api else leads_to(response, "officers:prove")
                )
                assert expected, f"{member.label}: {address} → {response.status_code}"


def test_a_session_of_a_school_is_worth_nothing_on_the_platform(cast, own, other_school):
    """The cookie of a school's host names no session here, whoever the account is."""
    for member in cast:
        at_school = SchoolClient(f"{other_school.subdomain}.{settings.BASE_DOMAIN}")
        with inside_as_owner(other_school):  # the school itself signs in its own people alone
            at_school.force_login(member.account)
        client = browser()
        client.cookies[settings.SESSION_COOKIE_NAME] = at_school.cookies[settings.SESSION_COOKIE_NAME].value
        for address in GUARDED:
            response = ask(client, address, own)
            assert leads_to(response, settings.LOGIN_URL) or response.status_code in (401, 403), str(address)
