"""Every URL × every role × own school, another school's session, another school's ids, no session.

The addresses come from the URL map and the expected answers from the rights matrix, so that a page added later is
tried without a line being added here; one that declares nothing, or takes an id no sample is known for, fails.
"""

import re

import pytest
from django.conf import settings
from django.db import transaction
from django.urls import reverse

from tenants.context import inside_as_owner
from tests.conftest import SchoolClient
from tests.isolation.cast import Member, Sample, cast_around, sample
from tests.isolation.urls import Address, addresses

SCHOOL_URLS = addresses("ent.config.urls_school")
PLATFORM_URLS = addresses("ent.config.urls_platform")
# What an id in a URL stands for: by the URL's name, then its argument.
SAMPLES = {
    r"^administration:support_.*": lambda objects: objects.request.pk,
    r"^people:restrict$": lambda objects: objects.link.pk,
    r"^administration:undo_setting$": lambda objects: objects.change.pk,
    r"^api:absence.*": lambda objects: objects.day["case"].pk,
    r"^api:homework.*": lambda objects: objects.day["homework"].pk,
    r"^api:note.*": lambda objects: objects.day["note"].pk,
    r"^api:session.*": lambda objects: objects.day["session"].pk,
    r"^api:attendance-register.*": lambda objects: objects.day["session"].pk,
    r"^api:attendance.*": lambda objects: objects.day["attendance"].pk,
    r"^(people|rights|administration|api:person|api:people).*": lambda objects: objects.pupil.pk,
    r".*division.*": lambda objects: objects.division.pk,
    r".*group.*": lambda objects: objects.group.pk,
}
# URLs whose argument names no object of a school: a code, a ticket, a format, a school to go to, a setting, a logo.
NOT_OBJECTS = {"subdomain", "uidb64", "token", "format", "language", "key", "digest", "service"}


def arguments(address: Address, objects: Sample) -> dict | None:
    """The URL's arguments for these objects; None where no object of the school is named."""
    found = {}
    for name in address.kwargs:
        if name in NOT_OBJECTS:
            return None
        if name in objects.day and not address.name.startswith("administration:"):
            found[name] = objects.day[name].pk
            continue
        for pattern, value in SAMPLES.items():
            if re.match(pattern, address.name):
                found[name] = value(objects)
                break
        else:
            pytest.fail(f"{address}: say in SAMPLES what « {name} » stands for")
    return found


def ask(client, address: Address, kwargs: dict):
    """The response; by POST where the page takes nothing else. What that changes is taken back: others ask after."""
    url = reverse(address.name, kwargs=kwargs, urlconf=settings.ROOT_URLCONF)
    with transaction.atomic():
        response = getattr(client, address.method)(url)
        if response.status_code == 405:
            response = client.post(url)
        transaction.set_rollback(True)
    return response


def asks_to_sign_in(response) -> bool:
    """Sent to the sign-in page, or told by the API that nobody is signed in."""
    if response.status_code == 302:
        return response["Location"].startswith(reverse(settings.LOGIN_URL, urlconf=settings.ROOT_URLCONF))
    return response.status_code in (401, 403)


@pytest.mark.parametrize("address", SCHOOL_URLS + PLATFORM_URLS, ids=str)
def test_every_url_names_its_right_or_says_why_it_is_open(address: Address):
    assert address.permission or address.open_reason, f"{address} ({address.route}) declares nothing"


PROTECTED = [address for address in SCHOOL_URLS if address.permission or address.needs_session]


@pytest.fixture
def objects(school) -> Sample:
    return sample()


@pytest.fixture
def cast(objects) -> list[Member]:
    return cast_around(objects)


def test_every_role_gets_what_the_matrix_declares_and_only_that(cast, objects, sign_in):
    wrong = []
    for member in cast:
        client = sign_in(member.person)
        for address in PROTECTED:
            kwargs = arguments(address, objects)
            if kwargs is None or not address.permission or "sign_out" in address.name:
                continue
            response = ask(client, address, kwargs)
            allowed = (response.status_code < 400 and not asks_to_sign_in(response)) or response.status_code in (
                400,
                405,
                422,
            )
            if allowed != member.may(address.permission, bool(kwargs)):
                wrong.append(f"{member.label}: {address} → {response.status_code}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("address", PROTECTED, ids=str)
def test_without_a_session_one_is_asked_to_sign_in(address, objects, visitor):
    kwargs = arguments(address, objects)
    if kwargs is not None:
        assert asks_to_sign_in(ask(visitor, address, kwargs))


def test_another_schools_session_is_worth_nothing_here(cast, objects, other_school, school, sign_in):
    for member in cast:
        cookie = sign_in(member.person).cookies[settings.SESSION_COOKIE_NAME].value
        intruder = SchoolClient(f"{other_school.subdomain}.{settings.BASE_DOMAIN}")
        intruder.cookies[settings.SESSION_COOKIE_NAME] = cookie
        for address in PROTECTED:
            kwargs = arguments(address, objects)
            if kwargs is not None:
                response = ask(intruder, address, kwargs)
                assert asks_to_sign_in(response), f"{member.label}: {address} → {response.status_code}"


def test_another_schools_objects_are_not_found(cast, other_school, sign_in):
    with inside_as_owner(other_school):
        theirs = sample("AUTRE")
    for member in cast:
        client = sign_in(member.person)
        for address in PROTECTED:
            kwargs = arguments(address, theirs)
            if kwargs:
                response = ask(client, address, kwargs)
                # Whoever may do the thing here learns nothing of objects elsewhere; others may not do it at all.
                learns_nothing = not address.permission or member.may(address.permission, False)
                expected = 404 if learns_nothing else 403
                assert response.status_code in (404, expected), f"{member.label}: {address} → {response.status_code}"
