"""Every table of the console goes to a spreadsheet, cut to what the officer sees."""

import csv
import io
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from platform_admin.officers.models import Officer
from platform_admin.rollout.models import Agreement
from tests import factories
from tests.conftest import SchoolClient

pytestmark = pytest.mark.usefixtures("platform_db")

PAGES = {
    "/console/waves/": "Vague d'essai",
    "/console/plan/schools/": "Lycée du Plomb",
    "/console/plan/agreements/": "Lycée du Plomb",
    "/console/plan/agreements/?table=frameworks": "Cantal",
    "/console/plan/training/": "Prendre en main",
    "/console/officers/": "Agent Essai",
    "/console/network/": "Lycée du Plomb",
    "/console/network/?table=authorities": "Cantal",
    "/console/exchanges/support/": "Lycée du Plomb",
    "/console/exchanges/announcements/": "Des nouvelles",
}


@pytest.fixture
def cantal():
    authority = factories.authority("15", "Cantal")
    today = timezone.localdate()
    for number, (owner, name) in enumerate({authority: "Lycée du Plomb", factories.authority("03", "Allier"):
                                            "Lycée d'ailleurs"}.items()):  # fmt: skip
        school = factories.deployed(factories.wave(name=f"Vague d'essai {number}"), authority=owner, name=name).school
        for whose in (school, None):
            Agreement.objects.create(
                authority=owner, school=whose, signed_on=today, expires_on=today + timedelta(days=90), author="Essai"
            )
        factories.support_request(school)
        factories.announcement([school])
    factories.training(title="Prendre en main")
    return authority


@pytest.fixture
def manager(cantal):
    client = SchoolClient(settings.BASE_DOMAIN)
    client.force_login(factories.officer(Officer.Function.MANAGER, cantal).account)
    return client


@pytest.mark.parametrize("path", PAGES)
def test_as_csv_and_as_xlsx_with_what_one_sees(manager, path):
    link = f"{path}{'&' if '?' in path else '?'}export"
    answer = manager.get(f"{link}=csv")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    header, *rows = csv.reader(io.StringIO(text), delimiter=";")
    assert PAGES[path] in text
    assert "ailleurs" not in text
    assert {len(row) for row in rows} == {len(header)}
    assert b"".join(manager.get(f"{link}=xlsx").streaming_content).startswith(b"PK")
    assert "export=xlsx" in manager.get(path).text


def test_the_schools_of_a_wave_too(officer_client):
    deployment = factories.deployed()
    answer = officer_client.get(f"/console/waves/{deployment.wave.pk}/?export=csv")
    assert deployment.school.name in b"".join(answer.streaming_content).decode()
