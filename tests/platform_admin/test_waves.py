"""Waves: which schools come into one, how, and what is refused."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from platform_admin.officers.models import Officer
from platform_admin.rollout import actions
from platform_admin.rollout.actions import Author
from platform_admin.rollout.models import Deployment, Job, Launch, Move, Step, Wave
from platform_admin.rollout.moves import Refused, why_not_delete
from tenants.models import School
from tests import factories
from tests.platform_admin.test_reach import browser

pytestmark = pytest.mark.usefixtures("platform_db")
BY = Author("Agent Essai")


def today():
    return timezone.localdate()


def test_the_five_waves_of_the_plan_are_there_from_the_start():
    names = list(Wave.objects.values_list("name", flat=True))
    assert names == ["Pilote", "Première vague", "Toute l’académie", "Lycées agricoles", "Centres d’apprentissage"]


def test_a_wave_is_added_and_changed(officer_client):
    day = today() + timedelta(days=40)
    answer = officer_client.post("/console/waves/new/", {"name": "Internats", "number": 9, "opens_on": f"{day}"})
    wave = Wave.objects.get(name="Internats")
    assert answer["Location"] == f"/console/waves/{wave.pk}/"
    officer_client.post(f"/console/waves/{wave.pk}/edit/", {"name": "Internats", "number": 9, "note": "Plus tard."})
    wave.refresh_from_db()
    assert (wave.opens_on, wave.note) == (None, "Plus tard.")


def test_a_date_in_the_past_is_refused_and_what_was_typed_stays(officer_client):
    day = today() - timedelta(days=1)
    answer = officer_client.post("/console/waves/new/", {"name": "Internats", "number": 9, "opens_on": f"{day}"})
    assert answer.status_code == 400
    assert "est passé : choisissez un jour à venir" in answer.text
    assert 'value="Internats"' in answer.text
    assert f'value="{day}"' in answer.text


def test_a_wave_that_has_begun_can_still_be_renamed(officer_client):
    wave = factories.wave(starts_on=today() - timedelta(days=9), opens_on=today() - timedelta(days=2))
    values = {"name": "Autre nom", "number": wave.number, "starts_on": wave.starts_on, "opens_on": wave.opens_on}
    assert officer_client.post(f"/console/waves/{wave.pk}/edit/", values).status_code == 302


def test_two_waves_do_not_share_a_place_in_the_order(officer_client):
    answer = officer_client.post("/console/waves/new/", {"name": "Encore", "number": 1})
    assert "Une autre vague a déjà cet ordre" in answer.text


def test_a_school_is_in_one_wave_by_the_databases_own_rule():
    deployment = factories.deployed()
    with pytest.raises(IntegrityError), transaction.atomic():
        Deployment.objects.create(school=deployment.school, wave=factories.wave())


def test_schools_are_picked_by_checkboxes_from_a_filtered_list(officer_client):
    wave, cantal = factories.wave(), factories.authority()
    wanted = factories.registered(name="Collège des Estives d'Essai", authority=cantal)
    other = factories.registered(name="Lycée du Bocage d'Essai", kind="lycee_gt")
    address = f"/console/waves/{wave.pk}/schools/"
    page = officer_client.get(address, {"authority": "15", "kind": "college", "q": "estives", "state": "registered"})
    assert wanted.uai in page.text
    assert other.uai not in page.text
    officer_client.post(address, {"school": [wanted.pk]})
    assert Deployment.objects.get(school=wanted).wave == wave
    [move] = wanted.moves.all()
    assert (move.kind, move.after) == (Move.Kind.PLACED, wave.name)


def test_a_whole_filtered_list_is_placed_at_once(officer_client):
    wave, cantal = factories.wave(), factories.authority()
    for _ in range(3):
        factories.registered(authority=cantal)
    officer_client.post(f"/console/waves/{wave.pk}/schools/?authority=15", {"all": "1"})
    assert wave.deployments.count() == 3


def test_pasted_uais_are_told_apart_and_what_was_typed_stays(officer_client):
    wave, elsewhere = factories.wave(), factories.deployed()
    free, closed = factories.registered(), factories.registered(state=School.State.CLOSED)
    typed = f"{free.uai.lower()}; 0630000A,\n{elsewhere.school.uai} {closed.uai} pas-un-uai {free.uai}"
    answer = officer_client.post(f"/console/waves/{wave.pk}/paste/", {"uais": typed})
    text = answer.text
    assert "1 établissement placé dans cette vague" in text
    assert f"{elsewhere.wave.name}".replace("'", "&#x27;") in text
    assert "Il est fermé" in text
    assert "<li>PAS-UN-UAI</li>" in text
    assert "pas-un-uai" in text.split("<textarea")[1]
    assert set(wave.deployments.values_list("school", flat=True)) == {free.pk}
    assert Deployment.objects.get(school=elsewhere.school).wave == elsewhere.wave


def test_a_uai_that_exists_nowhere_is_named(officer_client):
    unknown = factories.uai(998)
    answer = officer_client.post(f"/console/waves/{factories.wave().pk}/paste/", {"uais": unknown})
    assert "Aucun établissement enregistré n’a ces UAI" in answer.text
    assert f"<li>{unknown}</li>" in answer.text


def test_nothing_pasted_says_what_to_do(officer_client):
    answer = officer_client.post(f"/console/waves/{factories.wave().pk}/paste/", {"uais": " "})
    assert answer.status_code == 400
    assert "Collez au moins un UAI" in answer.text


def test_moving_to_another_wave_is_asked_for_and_keeps_the_steps(officer_client):
    deployment, wave = factories.deployed(steps=(Step.AGREEMENT,)), factories.wave()
    was = deployment.wave.name
    officer_client.post(f"/console/waves/{wave.pk}/paste/", {"uais": deployment.school.uai, "moving": "1"})
    deployment.refresh_from_db()
    assert deployment.wave == wave
    assert deployment.records.count() == 1
    assert deployment.school.moves.get().before == was


def move_refused(deployment: Deployment) -> str:
    _, [(_, reasons)] = actions.move(factories.wave(), [deployment.pk], BY)
    return " ".join(reasons)


def test_an_open_or_suspended_school_does_not_change_wave():
    assert "déjà ouvert" in move_refused(factories.deployed(state=School.State.OPEN))
    assert "suspendu" in move_refused(factories.deployed(state=School.State.SUSPENDED))
    assert "fermé" in move_refused(factories.deployed(state=School.State.CLOSED))


def test_a_school_being_launched_does_not_change_wave():
    deployment = factories.deployed()
    launch = Launch.objects.create(wave=deployment.wave, folder="x", author="Essai")
    Job.objects.create(launch=launch, school=deployment.school)
    assert "lancement est en cours" in move_refused(deployment)


def test_a_school_leaves_the_plan_only_while_nothing_was_done():
    fresh, begun = factories.deployed(), factories.deployed(steps=(Step.NETWORK,))
    school = fresh.school
    actions.remove(fresh, BY)
    assert not Deployment.objects.filter(school=school).exists()
    assert school.moves.get().kind == Move.Kind.REMOVED
    with pytest.raises(Refused, match="Des étapes ont été notées"):
        actions.remove(begun, BY)


def test_a_wave_with_schools_is_not_deleted(officer_client):
    deployment, empty = factories.deployed(), factories.wave()
    assert why_not_delete(deployment.wave)
    page = officer_client.post(f"/console/waves/{deployment.wave_id}/delete/", follow=True)
    assert "Elle contient des établissements" in page.text
    officer_client.post(f"/console/waves/{empty.pk}/delete/")
    assert not Wave.objects.filter(pk=empty.pk).exists()


def test_an_officer_of_cantal_sees_of_a_wave_cantals_schools_and_composes_none():
    wave, cantal = factories.wave(), factories.authority()
    theirs = factories.deployed(wave, authority=cantal).school
    other = factories.deployed(wave, authority=factories.authority("03", "Allier")).school
    client = browser(factories.officer(Officer.Function.OFFICER, cantal))
    page = client.get(f"/console/waves/{wave.pk}/").text
    assert theirs.uai in page
    assert other.uai not in page
    assert "<strong>1</strong> établissement<" in page
    assert client.get("/console/waves/new/").status_code == 403
    assert client.post(f"/console/waves/{wave.pk}/paste/", {"uais": theirs.uai}).status_code == 403


@pytest.mark.parametrize("number", [2, 12])
def test_a_waves_page_costs_the_same_whatever_its_schools(number, officer_client, django_assert_max_num_queries):
    wave = factories.wave(opens_on=today() - timedelta(days=3))
    for _ in range(number):
        factories.deployed(wave, steps=(Step.AGREEMENT,))
    for address in (f"/console/waves/{wave.pk}/", "/console/waves/", f"/console/waves/{wave.pk}/schools/"):
        with django_assert_max_num_queries(15):
            assert officer_client.get(address).status_code == 200
