"""The console shows where the service will be slow, and why; each officer for their own schools."""

import re

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from ent.kernel.audit.models import AuditEvent
from platform_admin.officers.models import Officer
from tenants.liaison.models import Connectivity, Declaration, SpeedTest
from tests import factories
from tests.conftest import SchoolClient

pytestmark = pytest.mark.usefixtures("platform_db")


@pytest.fixture
def cantal():
    return factories.authority("15", "Cantal")


@pytest.fixture
def hamlet(cantal):
    """A school of the mountains, in a white zone."""
    school = factories.registered(authority=cantal, name="Collège du Hameau", headcount=150)
    Connectivity.objects.create(school=school, technology="radio", down_mbps=20, is_white_zone=True)
    return school


@pytest.fixture
def town():
    """A school of a town, on fibre."""
    school = factories.registered(authority=factories.authority("03", "Allier"), name="Collège du Bourg", headcount=500)
    Connectivity.objects.create(school=school, technology="fibre", down_mbps=300)
    return school


def browser(officer: Officer) -> SchoolClient:
    client = SchoolClient(settings.BASE_DOMAIN)
    client.force_login(officer.account)
    return client


def listed(text: str) -> list[str]:
    return re.findall(r"/console/schools/(\w+)/network/", text)


def test_the_slowest_come_first_with_the_reason(officer_client, hamlet, town):
    page = officer_client.get("/console/network/").text
    assert listed(page).index(hamlet.uai) < listed(page).index(town.uai)
    assert "commune en zone blanche" in page


def test_a_measure_speaks_louder_than_what_is_declared(officer_client, town):
    for day, down in ((1, 300), (2, 1)):
        SpeedTest.objects.create(school=town, at=f"2026-11-0{day}T08:00Z", down_mbps=down, up_mbps=1, latency_ms=30)
    page = officer_client.get("/console/network/", {"level": "4"}).text
    assert listed(page) == [town.uai]
    assert "mesuré" in page


@pytest.mark.parametrize(
    ("asked", "found"),
    [({"level": "3"}, ["hamlet"]), ({"technology": "fibre"}, ["town"]), ({"authority": "15"}, ["hamlet"]),
     ({"q": "bourg"}, ["town"]), ({"q": "personne"}, [])],
)  # fmt: skip
def test_filters_cut_the_list(officer_client, hamlet, town, asked, found):
    schools = {"hamlet": hamlet.uai, "town": town.uai}
    assert listed(officer_client.get("/console/network/", asked).text) == [schools[one] for one in found]


def test_an_officer_sees_and_counts_their_own_schools_only(cantal, hamlet, town):
    page = browser(factories.officer(Officer.Function.OFFICER, cantal)).get("/console/network/").text
    assert listed(page) == [hamlet.uai]
    assert "Allier" not in page


def test_what_is_declared_by_hand_is_kept_with_its_history(cantal, hamlet):
    client = browser(factories.officer(Officer.Function.OFFICER, cantal))
    url = f"/console/schools/{hamlet.uai}/network/"
    told = {"technology": "fibre", "down_mbps": "99,5", "up_mbps": "50"}
    page = client.post(url, told, follow=True).text
    assert "99,5 Mbit/s" in page
    kept = Connectivity.objects.get(school=hamlet)
    assert (kept.technology, kept.down_mbps, kept.is_white_zone) == ("fibre", 99.5, False)
    assert Declaration.objects.get().author.startswith("Agent Essai")
    assert AuditEvent.objects.get(action="network.declare").details["uai"] == hamlet.uai
    client.post(url, told)
    assert Declaration.objects.count() == 1
    assert client.post(url, told | {"down_mbps": "-1"}).status_code == 400


def test_who_was_not_granted_to_act_declares_nothing(cantal, hamlet):
    client = browser(factories.officer(Officer.Function.OFFICER, cantal, acts=False))
    url = f"/console/schools/{hamlet.uai}/network/"
    assert client.get(url).status_code == 200
    assert client.post(url, {"technology": "fibre"}).status_code == 403
    assert Connectivity.objects.get(school=hamlet).technology == "radio"


def sent(client: SchoolClient, content: str):
    file = SimpleUploadedFile("liste.csv", content.encode("latin-1"), content_type="text/csv")
    return client.post("/console/network/import/", {"file": file})


def test_a_list_is_sent_and_what_was_left_out_is_told(cantal, hamlet, town):
    client = browser(factories.officer(Officer.Function.OFFICER, cantal))
    page = sent(client, f"UAI;technologie;débit descendant\n{hamlet.uai};fibre;100\n{town.uai};adsl;2\nx;y;z\n").text
    assert "Modifiés : 1" in page
    assert "2 lignes laissées de côté" in page
    assert "hors de votre ressort" in page
    assert Connectivity.objects.get(school=town).technology == "fibre"
    assert Connectivity.objects.get(school=hamlet).technology == "fibre"


def test_another_file_is_refused_beside_the_field(officer_client):
    answer = sent(officer_client, "nom;prénom\n")
    assert answer.status_code == 400
    assert "Colonnes attendues" in answer.text
