"""The plan: calendar, predicted openings, agreements, training."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from platform_admin.officers.models import Officer
from platform_admin.rollout import actions, agreements
from platform_admin.rollout.actions import Author
from platform_admin.rollout.models import Agreement, Step
from platform_admin.rollout.predictions import refresh
from tenants.liaison.models import Seats, Training
from tenants.liaison.training import SeatsRefused, give_back, take
from tests import factories
from tests.platform_admin.test_checklist import PDF, download, png
from tests.platform_admin.test_reach import browser

pytestmark = pytest.mark.usefixtures("platform_db")
BY = Author("Agent Essai")
AGREEMENTS = "/console/plan/agreements/"
TRAINING = "/console/plan/training/"


def today():
    return timezone.localdate()


def days(number: int):
    return today() + timedelta(days=number)


def framework(authority, ends: int = 400) -> Agreement:
    return Agreement.objects.create(
        authority=authority, signed_on=days(-300), expires_on=days(ends), author="Essai"
    )  # fmt: skip


# --- predictions ---


def test_late_schools_come_first_with_why(officer_client):
    wave = factories.wave(starts_on=days(-60), opens_on=days(5))
    fine = factories.deployed(wave, steps=[step for step in Step.values if step != Step.OPENING])
    late = factories.deployed(wave, steps=(Step.NETWORK,))
    refresh()
    page = officer_client.get(f"/console/plan/schools/?wave={wave.pk}").text
    assert page.index(late.school.uai) < page.index(fine.school.uai)
    assert "Convention signée : attendu depuis 60 jours" in page
    only = officer_client.get(f"/console/plan/schools/?wave={wave.pk}&late=1").text
    assert fine.school.uai not in only
    assert "1 établissement n’ouvrira pas à la date prévue" in officer_client.get("/console/plan/").text


def test_the_prediction_follows_each_step_and_the_waves_date(officer_client):
    wave = factories.wave(opens_on=days(200))
    deployment = factories.deployed(wave)
    refresh()
    deployment.refresh_from_db()
    assert deployment.predicted_on == days(200)
    wave.opens_on = days(3)
    actions.save_wave(wave, BY)
    deployment.refresh_from_db()
    before = deployment.predicted_on
    assert before > days(3)
    actions.record_step(deployment, Step.AGREEMENT)
    deployment.refresh_from_db()
    assert deployment.predicted_on < before


def test_the_calendar_shows_an_officer_their_schools_only():
    cantal = factories.authority()
    wave = factories.wave(opens_on=days(20))
    factories.deployed(wave, authority=cantal)
    for _ in range(2):
        factories.deployed(wave, authority=factories.authority("03", "Allier"))
    text = browser(factories.officer(Officer.Function.GUEST, cantal)).get("/console/plan/").text
    assert f"{wave.name} : 1 établissement prévu".replace("'", "&#x27;") in text


@pytest.mark.parametrize("number", [1, 9])
def test_the_plans_pages_cost_the_same_whatever_the_number_of_schools(
    number, officer_client, django_assert_max_num_queries
):
    wave = factories.wave(starts_on=days(-60), opens_on=days(5))
    for _ in range(number):
        deployment = factories.deployed(wave, steps=(Step.NETWORK,))
        school = deployment.school
        agreement = framework(factories.authority())
        Agreement.objects.create(
            authority=agreement.authority, school=school, signed_on=days(-9), expires_on=days(9), author="Essai"
        )
        take(factories.training(), school, 1)
    for address in ("/console/plan/", "/console/plan/schools/", AGREEMENTS, TRAINING):
        officer_client.get(address)
        with django_assert_max_num_queries(14):
            assert officer_client.get(address).status_code == 200


# --- agreements ---


def sign(client, authority, uai="", **values):
    data = {"authority": authority.pk, "uai": uai, "signed_on": f"{days(-5)}", "expires_on": f"{days(900)}"}
    return client.post(f"{AGREEMENTS}new/", data | values)


def test_a_schools_agreement_waits_for_its_collectivitys_framework(officer_client):
    cantal = factories.authority()
    deployment = factories.deployed(authority=cantal)
    refused = sign(officer_client, cantal, deployment.school.uai)
    assert refused.status_code == 400
    assert "Cantal n’a pas de convention cadre en cours" in refused.text
    assert f'value="{deployment.school.uai}"' in refused.text
    assert sign(officer_client, cantal, document=SimpleUploadedFile("c.pdf", PDF)).status_code == 302
    assert sign(officer_client, cantal, deployment.school.uai.lower()).status_code == 302
    assert deployment.records.get().step == Step.AGREEMENT
    assert deployment.records.get().done_on == days(-5)


def test_an_expired_framework_is_worth_nothing(officer_client):
    cantal = factories.authority()
    framework(cantal, ends=-1)
    assert (
        "n’a pas de convention cadre" in sign(officer_client, cantal, factories.registered(authority=cantal).uai).text
    )


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"signed_on": days(3)}, "n’est pas encore venu"),
        ({"expires_on": days(-3)}, "est passé : choisissez un jour à venir"),
        ({"document": SimpleUploadedFile("c.pdf", b"MZ...")}, "ni un PDF ni une image"),
        ({"uai": "0000000A"}, "Aucun établissement de Cantal n’a l’UAI 0000000A"),
    ],
)
def test_what_is_wrong_with_an_agreement_is_said(officer_client, values, said):
    answer = sign(officer_client, factories.authority(), **values)
    assert answer.status_code == 400
    assert said in answer.text


def test_an_agreement_that_ends_within_two_months_is_warned_of(officer_client):
    cantal, allier = factories.authority(), factories.authority("03", "Allier")
    framework(cantal, ends=60)
    framework(allier, ends=61)
    school = factories.deployed(authority=cantal).school
    assert "1 convention expire dans les soixante jours" in officer_client.get("/console/plan/").text
    assert officer_client.get(AGREEMENTS).text.count("bientôt") == 1
    assert (
        "La convention cadre de Cantal expire le" in officer_client.get(f"/console/schools/{school.uai}/rollout/").text
    )


def test_a_withdrawn_agreement_counts_for_nothing_and_its_step_is_to_be_done_again(officer_client):
    cantal = factories.authority()
    framework(cantal)
    deployment = factories.deployed(authority=cantal)
    sign(officer_client, cantal, deployment.school.uai)
    own = deployment.school.agreements.get()
    officer_client.post(f"{AGREEMENTS}{own.pk}/withdraw/")
    assert not deployment.records.filter(withdrawn_at=None).exists()
    assert sign(officer_client, cantal, deployment.school.uai).status_code == 302
    assert deployment.records.filter(withdrawn_at=None).count() == 1


def test_an_officer_signs_and_reads_agreements_of_their_collectivity_only():
    cantal, allier = factories.authority(), factories.authority("03", "Allier")
    client = browser(factories.officer(Officer.Function.OFFICER, cantal))
    assert sign(client, allier).status_code == 400
    theirs = framework(allier)
    theirs.document.save("x.png", SimpleUploadedFile("x.png", png()))
    assert client.get(f"{AGREEMENTS}{theirs.pk}/document/").status_code == 404
    assert client.post(f"{AGREEMENTS}{theirs.pk}/withdraw/").status_code == 404
    assert "Allier" not in client.get(AGREEMENTS).text
    assert sign(client, cantal, document=SimpleUploadedFile("c.png", png())).status_code == 302
    own = Agreement.objects.get(authority=cantal)
    assert download(client, f"{AGREEMENTS}{own.pk}/document/")["Content-Type"] == "image/png"
    assert agreements.warnings_of(factories.registered(authority=cantal)) == []


# --- training ---


def organise(client, **values):
    data = {"title": "Prise en main", "place": "Rectorat", "authority": "", "day": f"{days(5)}", "begins": "14:00",
            "ends": "16:00", "seats": 12}  # fmt: skip
    return client.post(f"{TRAINING}new/", data | values)


def test_a_session_is_organised_filled_attended(officer_client):
    assert organise(officer_client).status_code == 302
    training = Training.objects.get()
    school = factories.registered()
    address = f"{TRAINING}{training.pk}/"
    officer_client.post(f"{address}seats/", {"uai": school.uai, "taken": 3})
    assert "3 prises sur 12" in officer_client.get(address).text
    early = officer_client.post(f"{address}attendance/", {}, follow=True)
    assert "pas encore eu lieu" in early.text
    Training.objects.update(starts_at=timezone.now() - timedelta(hours=5), ends_at=timezone.now() - timedelta(hours=3))
    seats = Seats.objects.get()
    officer_client.post(f"{address}attendance/", {f"came-{seats.pk}": 2})
    seats.refresh_from_db()
    assert seats.came == 2
    assert "ne s’annule plus" in officer_client.post(f"{address}cancel/", follow=True).text


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"day": f"{days(-1)}"}, "est passé : choisissez un jour à venir"),
        ({"begins": "16:00", "ends": "14:00"}, "Une formation finit après son début"),
        ({"seats": 0}, "supérieure ou égale à 1"),
        ({"begins": "25:00"}, "Tapez une heure, comme 20:30"),
    ],
)
def test_what_is_wrong_with_a_session_is_said(officer_client, values, said):
    answer = organise(officer_client, **values)
    assert answer.status_code == 400
    assert said in answer.text
    assert 'value="Prise en main"' in answer.text


def test_a_full_session_refuses_and_says_what_is_left():
    training = factories.training(seats=5)
    first, second = factories.registered(), factories.registered()
    take(training, first, 3)
    with pytest.raises(SeatsRefused, match="Il reste 2 places"):
        take(training, second, 3)
    take(training, second, 2)
    with pytest.raises(SeatsRefused, match="Il ne reste plus de place"):
        take(training, factories.registered(), 1)
    take(training, first, 1)
    assert give_back(training, second)
    assert sum(Seats.objects.values_list("taken", flat=True)) == 1


def test_a_session_cancelled_begun_or_of_another_collectivity_refuses():
    school = factories.registered(authority=factories.authority())
    now = timezone.now()
    for training, said in (
        (factories.training(cancelled_at=now), "annulée"),
        (factories.training(starts_at=now - timedelta(minutes=5)), "déjà commencé"),
        (factories.training(authority=factories.authority("03", "Allier")), "réservée"),
    ):
        with pytest.raises(SeatsRefused, match=said):
            take(training, school, 1)


def test_an_officer_signs_up_their_schools_at_the_academys_session_and_cancels_none():
    cantal = factories.authority()
    training = factories.training()
    school, other = factories.registered(authority=cantal), factories.registered()
    take(training, other, 1)
    client = browser(factories.officer(Officer.Function.OFFICER, cantal))
    address = f"{TRAINING}{training.pk}/"
    assert client.post(f"{address}seats/", {"uai": school.uai, "taken": 2}).status_code == 302
    unknown = client.post(f"{address}seats/", {"uai": other.uai, "taken": 2})
    assert "Aucun de vos établissements" in unknown.text
    assert other.uai not in client.get(address).text
    assert client.post(f"{address}cancel/").status_code == 403
    theirs = factories.training(authority=factories.authority("03", "Allier"))
    assert client.get(f"{TRAINING}{theirs.pk}/").status_code == 404
    assert organise(client).status_code == 400
    assert organise(client, authority=cantal.pk).status_code == 302
