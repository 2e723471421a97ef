"""The platform's API: a key reads what it was cut to, of the schools its owner sees, and nothing else."""

import pytest
from django.conf import settings
from django.utils import timezone

from ent.accounts.actions import new_token
from ent.accounts.models import ApiToken
from platform_admin.dashboards.models import Adoption
from platform_admin.officers.models import Officer
from platform_admin.rollout.models import Step
from tests import factories
from tests.conftest import SchoolClient

pytestmark = pytest.mark.usefixtures("platform_db")
ALL = ("waves", "schools", "deployments", "aggregates")


def key(officer: Officer, *scopes: str) -> SchoolClient:
    """An application with one of the officer's keys."""
    token = new_token(officer.account, None, "Tableur", scopes)
    client = SchoolClient(settings.BASE_DOMAIN)
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return client


@pytest.fixture
def cantal():
    return factories.authority("15", "Cantal")


@pytest.fixture
def theirs(cantal):
    return factories.deployed(steps=(Step.AGREEMENT,), authority=cantal).school


@pytest.fixture
def elsewhere():
    return factories.deployed(authority=factories.authority("03", "Allier")).school


def test_a_key_of_the_academy_reads_every_school_and_how_far_it_is(theirs, elsewhere):
    client = key(factories.officer(), *ALL)
    uais = {school["uai"] for school in client.get("/api/schools/?limit=500").json()["results"]}
    assert {theirs.uai, elsewhere.uai} <= uais
    found = client.get(f"/api/deployments/{theirs.uai}/").json()
    assert [step["step"] for step in found["steps"]] == ["agreement"]
    assert found["wave"] == theirs.deployment.wave.number


def test_a_key_of_a_collectivity_reads_its_own_schools_only(cantal, theirs, elsewhere):
    client = key(factories.officer(Officer.Function.OFFICER, cantal), *ALL)
    assert [school["uai"] for school in client.get("/api/schools/").json()["results"]] == [theirs.uai]
    assert client.get(f"/api/deployments/{elsewhere.uai}/").status_code == 404
    [wave] = [one for one in client.get("/api/waves/?limit=500").json()["results"] if one["schools"]]
    assert (wave["number"], wave["schools"]) == (theirs.deployment.wave.number, 1)


@pytest.mark.parametrize("scope", ALL)
def test_a_key_opens_what_it_was_cut_to_and_nothing_else(scope, theirs):
    client = key(factories.officer(), scope)
    answers = {name: client.get(f"/api/{name}/").status_code for name in ALL}
    assert answers == {name: 200 if name == scope else 403 for name in ALL}


def test_a_key_is_made_with_what_it_may_read(officer_client):
    officer_client.post("/account/tokens/", {"name": "Tableur", "scopes": ["waves", "schools"]})
    assert ApiToken.objects.get(name="Tableur").scopes == ["waves", "schools"]
    refused = officer_client.post("/account/tokens/", {"name": "Sans rien"})
    assert "Choisissez au moins une chose à lire" in refused.text


def test_aggregates_hide_small_numbers_from_a_collectivity(cantal):
    day = timezone.localdate()
    for role, accounts in (("pupil", 400), ("guardian", 600), ("teacher", 40), ("staff", 3)):
        Adoption.objects.create(
            day=day,
            authority=cantal,
            role=role,
            accounts=accounts,
            activated=accounts,
            came_this_week=accounts,
            schools=1,
        )

    def read(officer: Officer) -> dict[str, int | None]:
        rows = key(officer, "aggregates").get("/api/aggregates/").json()["results"]
        return {row["role"]: row["accounts"] for row in rows}

    seen = read(factories.officer(Officer.Function.OFFICER, cantal))
    assert seen["staff"] is None
    assert seen["pupil"] == 400
    assert read(factories.officer())["staff"] == 3


def test_the_description_names_every_operation_and_its_key(platform_client):
    text = platform_client.get("/api/schema/").text
    assert all(f"/api/{name}/" in text for name in ALL)


def test_lists_cost_the_same_for_many_schools(theirs, django_assert_max_num_queries):
    client = key(factories.officer(), *ALL)
    client.get("/api/deployments/")
    for _ in range(5):
        factories.deployed(steps=(Step.AGREEMENT, Step.NETWORK))
    for name in ALL:
        with django_assert_max_num_queries(12):
            client.get(f"/api/{name}/")
