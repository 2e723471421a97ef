"""The platform's trail, in sentences, for the academy's administrators."""

import csv
import io
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from ent.kernel.audit.models import AuditEvent, record
from platform_admin.officers.models import Officer
from tests import factories
from tests.conftest import SchoolClient

pytestmark = pytest.mark.usefixtures("platform_db")


def test_what_was_done_is_told_in_sentences(officer_client):
    cantal = factories.authority()
    officer = factories.officer(Officer.Function.OFFICER, cantal, acts=False)
    officer_client.post(f"/console/officers/{officer.pk}/grants/", {f"on_{cantal.pk}": "act_for_authority"})
    page = officer_client.get("/console/journal/").text
    assert f"a mis {officer.name} à « Voir et agir » pour Cantal ; avant : « Voir »" in page


def test_an_action_that_nobody_tells_is_still_listed_with_what_it_says(officer_client):
    school = factories.registered(name="Collège du Lac d'Essai")
    record("console.provision", account_id=None, uai=school.uai, weight=3)
    page = officer_client.get("/console/journal/").text
    assert "La plateforme" in page
    assert "Collège du Lac d&#x27;Essai" in page
    assert "weight : 3" in page


def test_days_and_actions_are_chosen(officer_client):
    record("officers.enrol", account_id=None)
    record("officers.wrong_code", account_id=None)
    AuditEvent.objects.filter(action="officers.wrong_code").update(at=timezone.now() - timedelta(days=40))
    day = f"{timezone.localdate():%Y-%m-%d}"
    assert "1 ligne" in officer_client.get(f"/console/journal/?since={day}&until={day}").text
    assert "1 ligne" in officer_client.get("/console/journal/?action=officers.wrong_code").text
    assert "2 lignes" in officer_client.get("/console/journal/").text
    wrong = officer_client.get(f"/console/journal/?since={day}&until=2026-01-01")
    assert wrong.status_code == 400
    assert "La fin vient avant le début" in wrong.text
    assert officer_client.get("/console/journal/?since=demain").status_code == 400


def test_the_journal_goes_to_a_spreadsheet_without_formulas(officer_client):
    record("officers.print_letter", account_id=factories.officer().account_id, name="=1+1")
    Officer.objects.update(name="=cmd|calc")
    answer = officer_client.get("/console/journal/?export=csv")
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig")), delimiter=";"))
    assert rows[0][1:] == ["Qui", "Action", "Ce qui a été fait"]
    assert rows[1][1] == "'=cmd|calc"


def test_only_administrators_read_the_journal(platform_db):
    for function in (Officer.Function.PILOT, Officer.Function.MANAGER):
        authority = factories.authority() if function == Officer.Function.MANAGER else None
        client = SchoolClient(settings.BASE_DOMAIN)
        client.force_login(factories.officer(function, authority).account)
        assert client.get("/console/journal/").status_code == 403
