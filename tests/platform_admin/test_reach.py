"""Each officer sees their own schools, and nothing else."""

import pytest
from django.conf import settings

from ent.kernel.audit.models import AuditEvent
from platform_admin.officers.models import Officer
from tests import factories
from tests.conftest import SchoolClient

pytestmark = pytest.mark.usefixtures("platform_db")


@pytest.fixture
def cantal():
    return factories.authority("15", "Cantal")


@pytest.fixture
def theirs(cantal):
    return factories.registered(authority=cantal, name="Collège de la Vallée d'Essai")


@pytest.fixture
def elsewhere():
    return factories.registered(authority=factories.authority("03", "Allier"), name="Collège du Bocage d'Essai")


def browser(officer: Officer) -> SchoolClient:
    client = SchoolClient(settings.BASE_DOMAIN)
    client.force_login(officer.account)
    return client


@pytest.mark.parametrize("function", [Officer.Function.MANAGER, Officer.Function.OFFICER, Officer.Function.GUEST])
def test_an_officer_of_cantal_sees_cantals_schools_and_nothing_else(function, cantal, theirs, elsewhere):
    page = browser(factories.officer(function, cantal)).get("/console/").text
    assert theirs.uai in page
    assert elsewhere.uai not in page
    assert "Allier" not in page


def test_typing_another_departements_school_is_not_found_and_noted(cantal, theirs, elsewhere):
    officer = factories.officer(Officer.Function.OFFICER, cantal)
    client = browser(officer)
    assert client.get(f"/console/schools/{theirs.uai}/").status_code == 200
    assert client.get(f"/console/schools/{elsewhere.uai}/").status_code == 404
    assert client.get("/console/schools/0000000A/").status_code == 404
    [noted] = AuditEvent.objects.filter(action="console.refused", account_id=officer.account_id)
    assert noted.details["uai"] == elsewhere.uai


def test_who_was_not_granted_to_act_only_looks(cantal, theirs):
    client = browser(factories.officer(Officer.Function.OFFICER, cantal, acts=False))
    assert client.get(f"/console/schools/{theirs.uai}/").status_code == 200
    assert client.post(f"/console/schools/{theirs.uai}/provision/").status_code == 403


def test_an_officer_who_left_sees_nothing(cantal):
    officer = factories.officer(Officer.Function.OFFICER, cantal)
    Officer.objects.filter(pk=officer.pk).update(closed_at="2026-11-01T08:00Z")
    assert browser(officer).get("/console/").status_code == 403
