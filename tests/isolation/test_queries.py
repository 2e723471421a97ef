"""Every page makes few queries, and as many for a large school as for a small one.

The addresses come from the URL map, so that a page added later is counted without a line being added here.
"""

import re

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.http import urlsafe_base64_encode

from ent.accounts import actions
from ent.exchange.models import ImportRun, SchoolImport
from ent.school.people.models import Function, Guardianship, Profile
from ent.school.structure.models import Subject, Teaching
from platform_admin.officers.models import Officer
from tenants.models import Authority, School
from tests import factories
from tests.conftest import SchoolClient
from tests.isolation.cast import Member, Sample, cast_around, sample
from tests.isolation.platform import World, deployment
from tests.isolation.test_isolation import NOT_OBJECTS, PLATFORM_URLS, SCHOOL_URLS, arguments
from tests.isolation.urls import Address
from tests.school.notifications_factories import failure

MOST = 10
# The home page tells of every module at once.
MOST_AT_HOME = 12
# The console's pages tell of hundreds of schools at once.
MOST_IN_THE_CONSOLE = 15
# What more a page shows when asked, by the URL's name.
ASKED = {
    "people:search": ["?q=essai"],
    "structure:division": ["?view=photos"],
    "structure:group": ["?view=photos"],
    "administration:accounts": ["?audience=pupils", "?audience=families", "?audience=staff"],
    "administration:letters": ["?audience=staff"],
    "rights:why": ["?who_q=essai&whom_q=essai", "?who={pupil}&whom={guardian}"],
    "api:people-list": ["?q=essai"],
}
READS = ("get", "list", "retrieve")


def kwargs_of(address: Address, objects: Sample, school: School) -> dict[str, object]:
    """The URL's arguments: the sample's objects, or a ticket, a token, a school to go to."""
    if not set(address.kwargs) & NOT_OBJECTS:
        return arguments(address, objects) or {}
    known = {"subdomain": school.subdomain, "uidb64": urlsafe_base64_encode(b"?"), "token": "jeton", "key": "accent",
             "digest": "0" * 64, "service": "canteen"}  # fmt: skip
    return {name: known[name] for name in address.kwargs}


def pages(address: Address, objects: Sample, school: School) -> list[str]:
    """The page's address, alone and with what it can be asked."""
    url = reverse(address.name, kwargs=kwargs_of(address, objects, school), urlconf=settings.ROOT_URLCONF)
    asked = [one.format(pupil=objects.pupil.pk, guardian=objects.guardian.pk) for one in ASKED.get(address.name, [])]
    return [url, *(url + one for one in asked)]


def counted(client, url: str, most: int = MOST) -> int | None:
    """Queries of a page that opens, what is cached being there; None where it does not open for this person."""
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            response = client.get(url)
        asks_to_sign_in = response.status_code == 302 and "next=" in response["Location"]
        if response.status_code >= 400 or asks_to_sign_in:
            return None
    made = [re.sub(r"\s+", " ", query["sql"])[:160] for query in queries]
    assert len(made) <= most, f"{url}: {len(made)} queries\n" + "\n".join(made)
    return len(made)


def grow(objects: Sample, cast: list[Member], school: School, numbers: range) -> None:
    """The same school with more of everything that pages list."""
    subject, _ = Subject.objects.get_or_create(code="020700", defaults={"label": "Lettres modernes"})
    teachers = [one.person for one in cast if one.person.teachings.exists()]
    ties = [one.person.wards.first() for one in cast if one.person.profile == Profile.RELATIVE]
    for number in numbers:
        classmate = factories.pupil(division=objects.division, group=objects.group)
        factories.guardian(of=classmate)
        factories.guardian(of=objects.pupil)
        factories.contact(of=objects.pupil)
        factories.staff(teaches=objects.division)
        factories.staff(teaches=objects.group)
        factories.staff(Function.CPE, tutors=objects.division)
        division, group = factories.division(f"5{number}"), factories.group(f"5GR{number}")
        factories.pupil(division=division, group=group)
        for teacher in teachers:
            Teaching.objects.create(teacher=teacher, subject=subject, division=division)
            Teaching.objects.create(teacher=teacher, subject=subject, group=group)
        for tie in ties:
            Guardianship.objects.create(
                pupil=factories.pupil(division=division), relative=tie.relative, kinship=tie.kinship,
                legal_rank=tie.legal_rank, is_restricted=tie.is_restricted,
            )  # fmt: skip
        for member in cast:
            failure(member.person)
            actions.new_token(factories.account_of(member.person), school, "Agenda")
        imported(school)


def imported(school: School) -> ImportRun:
    """A directory import of the school."""
    run = ImportRun.objects.create(digest="", folder="export", kind="Complet")
    SchoolImport.objects.create(run=run, school=school, report={"pupils": {"created": 1}})
    return run


def assert_takes_no_get(address: Address, responses: list) -> None:
    """A page that opens for nobody takes nothing but a POST, or a subject of its own (a school one belongs to)."""
    expected = 404 if set(address.kwargs) & NOT_OBJECTS else 405
    assert expected in {response.status_code for response in responses}, f"{address}: nobody of the cast may open it"


@pytest.fixture(autouse=True)
def _kept_for_long(monkeypatch) -> None:
    """What is kept for half a minute would be asked again between two visits of a slow machine."""
    monkeypatch.setattr("ent.school.notifications.queries.KEPT_SECONDS", 3600)


@pytest.fixture
def objects(school) -> Sample:
    imported(school)
    return sample()


@pytest.mark.parametrize("address", [one for one in SCHOOL_URLS if one.method in READS], ids=str)
def test_a_page_of_a_school_makes_few_queries_however_many_people(address, objects, school, sign_in, visitor):
    cast = cast_around(objects)
    grow(objects, cast, school, range(1))  # one of each: a list of nothing costs less than a list
    if address.permission or address.needs_session:
        clients = {one.label: sign_in(one.person) for one in cast}
    else:
        clients = {"a visitor": visitor, "the pupil": sign_in(objects.pupil)}
    urls = pages(address, objects, school)
    most = MOST_AT_HOME if address.name == "home" else MOST
    few = {(who, url): counted(client, url, most) for who, client in clients.items() for url in urls}
    opened = {key: count for key, count in few.items() if count is not None}
    if not opened:
        assert_takes_no_get(address, [client.get(urls[0]) for client in clients.values()])
        return
    grow(objects, cast, school, range(1, 5))
    many = {(who, url): counted(clients[who], url, most) for who, url in opened}
    assert many == opened


@pytest.mark.parametrize("address", PLATFORM_URLS, ids=str)
def test_a_page_of_the_platform_makes_few_queries_however_many_schools(address, officer_client):
    school = School.objects.get(uai=factories.uai(1))
    imported(school)
    deployment(world_of(school))
    factories.officer(Officer.Function.OFFICER, school.authority)
    known = {"subdomain": school.subdomain, "uidb64": urlsafe_base64_encode(b"?"), "token": "jeton",
             "digest": "0" * 64}  # fmt: skip
    of_account = set(address.kwargs) <= set(known)
    kwargs = {name: known[name] for name in address.kwargs} if of_account else world_of(school).arguments(address)
    url = reverse(address.name, kwargs=kwargs, urlconf=settings.PUBLIC_SCHEMA_URLCONF)
    for_everyone = not address.permission and not address.needs_session
    client = SchoolClient(settings.BASE_DOMAIN) if for_everyone else officer_client
    few = counted(client, url, MOST_IN_THE_CONSOLE)
    if few is None:
        assert_takes_no_get(address, [client.get(url)])
        return
    for number in range(4):
        authority = Authority.objects.create(code=f"9{number}", kind=Authority.Kind.DEPARTEMENT, name=f"Essai {number}")
        factories.registered(authority=authority, state=School.State.OPEN)
        factories.officer(Officer.Function.OFFICER, authority)
        imported(school)
    assert counted(client, url, MOST_IN_THE_CONSOLE) == few


def world_of(school: School) -> World:
    """A school and its collectivity."""
    assert school.authority
    return World(school.authority, school)
