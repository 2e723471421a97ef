"""A school's way to its opening: steps in their order, documents, states, what the platform does by itself."""

import io
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from ent.exchange.models import ImportRun, SchoolImport
from ent.kernel.audit.models import AuditEvent
from platform_admin.officers.models import Officer
from platform_admin.rollout import actions, tasks
from platform_admin.rollout.actions import Author
from platform_admin.rollout.models import PLATFORM, Deployment, Job, Launch, Move, Step, StepRecord
from platform_admin.rollout.moves import Refused
from tenants import states
from tenants.liaison.models import SchoolActivity
from tenants.models import School
from tests import factories
from tests.platform_admin.test_reach import browser

pytestmark = pytest.mark.usefixtures("platform_db")
BY = Author("Agent Essai")
A, N, S, D, T, L, O = Step.values  # noqa: E741
BEFORE_OPENING = (A, N, S, D, T, L)
PROVISIONED, OPEN = School.State.PROVISIONED, School.State.OPEN
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def today():
    return timezone.localdate()


def png() -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (4, 4)).save(made, "PNG")
    return made.getvalue()


def download(client, address: str):
    """The answer, its file read and closed."""
    answer = client.get(address)
    answer.body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    for close in answer._resource_closers:
        close()
    return answer


def page_of(deployment: Deployment) -> str:
    return f"/console/schools/{deployment.school.uai}/rollout/"


def note(client, deployment, step=A, content: bytes | None = None, **values):
    data = {"step": step, "done_on": f"{today()}", "note": ""} | values
    if content is not None:
        data["attachment"] = SimpleUploadedFile("Convention <signée>.pdf", content)
    return client.post(f"{page_of(deployment)}note/", data)


# --- steps ---


def test_a_step_is_noted_with_its_date_person_note_and_document(officer_client):
    deployment = factories.deployed()
    day = today() - timedelta(days=4)
    assert note(officer_client, deployment, A, PDF, done_on=f"{day}", note="Reçue par courrier.").status_code == 302
    [noted] = deployment.records.all()
    assert (noted.done_on, noted.note) == (day, "Reçue par courrier.")
    assert noted.account_id
    answer = download(officer_client, f"/console/step-documents/{noted.pk}/")
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Content-Type"] == "application/pdf"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer.body == PDF
    assert "signée" not in noted.attachment.name
    assert AuditEvent.objects.filter(action="rollout.step_done", details__uai=deployment.school.uai).exists()


@pytest.mark.parametrize(
    "content",
    [b"<script>alert(1)</script>", b"GIF89a....", b"%PDF-1.7 cut in the middle", png()[:30], b"\xff\xd8\xffnot a jpeg"],
)
def test_what_is_neither_a_pdf_nor_an_image_is_refused_and_the_rest_stays(officer_client, content):
    deployment = factories.deployed()
    answer = note(officer_client, deployment, A, content, note="Reçue hier.")
    assert answer.status_code == 400
    assert "ni un PDF ni une image" in answer.text
    assert 'value="Reçue hier."' in answer.text
    assert not deployment.records.exists()


def test_a_photograph_of_the_signed_page_is_accepted(officer_client):
    deployment = factories.deployed()
    assert note(officer_client, deployment, A, png()).status_code == 302


def test_too_heavy_a_document_is_refused(officer_client):
    answer = note(officer_client, factories.deployed(), A, b"%PDF-" + b"0" * 10 * 1024**2 + b"%%EOF")
    assert "dépasse 10 Mo" in answer.text


def test_a_step_waits_for_what_it_needs(officer_client):
    deployment = factories.deployed(steps=(A,))
    answer = note(officer_client, deployment, T)
    assert answer.status_code == 400
    assert "Il manque d’abord : annuaire importé" in answer.text
    assert "Il manque d’abord : réseau prêt" in answer.text


def test_a_step_is_not_noted_before_it_is_done_nor_twice(officer_client):
    deployment = factories.deployed(steps=(A,))
    tomorrow = today() + timedelta(days=1)
    assert "pas encore venu" in note(officer_client, deployment, N, done_on=f"{tomorrow}").text
    assert "déjà notée" in note(officer_client, deployment, A).text


def test_what_the_platform_sees_is_not_noted_by_hand(officer_client):
    deployment = factories.deployed(steps=(A, N))
    assert "La plateforme note elle-même" in note(officer_client, deployment, S).text


def test_a_withdrawn_step_stays_in_the_history_and_is_to_be_done_again(officer_client):
    deployment = factories.deployed(steps=(A, N))
    address = f"{page_of(deployment)}withdraw/"
    assert "Dites pourquoi" in officer_client.post(address, {"step": A, "reason": ""}, follow=True).text
    officer_client.post(address, {"step": A, "reason": "Signée par la mauvaise personne"})
    assert deployment.records.get(step=A).withdrawn_at
    text = officer_client.get(page_of(deployment)).text
    assert "Signée par la mauvaise personne" in text
    assert "Étapes annulées" in text
    assert not actions.ready_to_launch(deployment.wave).exists()
    note(officer_client, deployment, A)
    assert deployment.records.filter(step=A).count() == 2


def test_a_fact_is_not_withdrawn_by_hand(officer_client):
    deployment = factories.deployed(steps=(A, N, S), revision=1)
    page = officer_client.post(f"{page_of(deployment)}withdraw/", {"step": S, "reason": "Erreur"}, follow=True)
    assert "ne s’annule pas à la main" in page.text


def test_ready_to_launch_are_the_schools_with_agreement_and_network_and_no_directory():
    wave = factories.wave()
    ready = [factories.deployed(wave, steps=steps) for steps in ((A, N), (A, N, S))]
    for steps in ((), (A,), (N,), (A, N, S, D)):
        factories.deployed(wave, steps=steps)
    factories.deployed(wave, steps=(A, N), state=School.State.CLOSED)
    assert set(actions.ready_to_launch(wave)) == set(ready)


def test_a_step_recorded_twice_by_the_platform_is_recorded_once():
    deployment = factories.deployed()
    assert actions.record_step(deployment, S) == actions.record_step(deployment, S)
    assert deployment.school.moves.count() == 1


def test_an_officer_of_cantal_notes_steps_of_cantals_schools_only():
    cantal = factories.authority()
    theirs = factories.deployed(authority=cantal)
    other = factories.deployed(authority=factories.authority("03", "Allier"))
    acts = browser(factories.officer(Officer.Function.OFFICER, cantal))
    looks = browser(factories.officer(Officer.Function.GUEST, cantal, acts=False))
    assert note(acts, theirs, A, PDF).status_code == 302
    assert note(acts, other).status_code == 404
    assert note(looks, theirs, N).status_code == 403
    record = theirs.records.get()
    assert download(looks, f"/console/step-documents/{record.pk}/").status_code == 200
    theirs.school.authority = other.school.authority
    theirs.school.save()
    assert acts.get(f"/console/step-documents/{record.pk}/").status_code == 404
    assert acts.post(f"{page_of(other)}state/", {"what": "open"}).status_code == 404


# --- opening and the other states ---


def test_a_school_opens_once_every_step_is_done(officer_client):
    deployment = factories.deployed(steps=BEFORE_OPENING[:-1], state=PROVISIONED)
    address = f"{page_of(deployment)}state/"
    refused = officer_client.post(address, {"what": "open"}, follow=True)
    assert "Il manque : lettres imprimées" in refused.text
    note(officer_client, deployment, L)
    officer_client.post(address, {"what": "open"})
    deployment.school.refresh_from_db()
    assert deployment.school.state == OPEN
    assert deployment.records.filter(step=O).exists()
    assert deployment.school.moves.filter(kind=Move.Kind.OPENED).exists()


def test_a_school_is_suspended_with_a_reason_then_opened_again(officer_client):
    deployment = factories.deployed(steps=Step.values, state=OPEN)
    address, school = f"{page_of(deployment)}state/", deployment.school
    silent = officer_client.post(address, {"what": "suspend", "suspend-reason": ""})
    assert silent.status_code == 400
    assert "Dites pourquoi" in silent.text
    officer_client.post(address, {"what": "suspend", "suspend-reason": "Inondation"})
    school.refresh_from_db()
    assert school.state == School.State.SUSPENDED
    assert "Inondation" in officer_client.get(page_of(deployment)).text
    officer_client.post(address, {"what": "open"})
    school.refresh_from_db()
    assert school.state == OPEN
    assert [move.kind for move in school.moves.all()[:2]] == [Move.Kind.REOPENED, Move.Kind.SUSPENDED]


def test_only_a_closed_school_is_archived():
    school = factories.deployed(state=OPEN).school
    with pytest.raises(Refused, match="Fermez-le d’abord"):
        actions.archive(school, school.uai, BY)
    actions.close(school, "Fusion", BY)
    with pytest.raises(Refused, match="déjà fermé"):
        actions.close(school, "Fusion", BY)
    with pytest.raises(Refused, match="rien à suspendre"):
        actions.suspend(school, "Fusion", BY)


def test_archiving_asks_for_the_name_again_and_writes_the_export_first(other_school, tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "DATA_DIR", tmp_path)
    actions.close(other_school, "Fusion", BY)
    with pytest.raises(Refused, match="seconde fois"):
        actions.archive(other_school, "0000000A", BY)
    assert not list(tmp_path.rglob("*.gz"))
    actions.archive(other_school, other_school.uai, BY)
    assert list(tmp_path.rglob(f"{other_school.uai}.sql.gz"))
    assert School.objects.get(pk=other_school.pk).state == School.State.ARCHIVED
    with pytest.raises(Refused, match="archivé"):
        actions.open_school(other_school, BY)


@pytest.mark.parametrize("state", School.State.values)
def test_a_refused_change_of_state_says_why_and_changes_nothing(state):
    school = factories.registered(state=state)
    for wanted in School.State.values:
        if wanted in states.TRANSITIONS[state]:
            assert not states.why_not(school, wanted)
            continue
        assert all(reason.endswith(".") for reason in states.why_not(school, wanted))
        with pytest.raises(states.StateError):
            states.change(school, wanted)
        assert School.objects.get(pk=school.pk).state == state


def test_a_pilot_follows_but_does_not_open():
    deployment = factories.deployed(steps=BEFORE_OPENING, state=PROVISIONED)
    client = browser(factories.officer(Officer.Function.PILOT))
    assert client.get(page_of(deployment)).status_code == 200
    assert client.post(f"{page_of(deployment)}state/", {"what": "open"}).status_code == 403


# --- postponing ---


def test_a_postponed_school_has_its_own_day_and_the_reason_is_kept(officer_client):
    wave = factories.wave(opens_on=today() + timedelta(days=10))
    deployment = factories.deployed(wave, steps=BEFORE_OPENING, state=PROVISIONED)
    address, later = f"{page_of(deployment)}postpone/", today() + timedelta(days=60)
    for day, said in (
        (today() - timedelta(days=1), "est passé : choisissez un jour à venir"),
        (today() + timedelta(days=5), "un report est une date plus lointaine"),
    ):
        answer = officer_client.post(address, {"day": f"{day}", "reason": "Travaux"})
        assert answer.status_code == 400
        assert said in answer.text
        assert 'value="Travaux"' in answer.text
    officer_client.post(address, {"day": f"{later}", "reason": "Travaux"})
    deployment.refresh_from_db()
    assert deployment.planned_on == later
    assert deployment.school.moves.get(kind=Move.Kind.POSTPONED).note == "Travaux"
    officer_client.post(f"{page_of(deployment)}rejoin/")
    deployment.refresh_from_db()
    assert deployment.planned_on == wave.opens_on


# --- by itself ---


def test_ready_schools_open_by_themselves_on_their_day_and_no_other():
    opened_yesterday = factories.wave(opens_on=today() - timedelta(days=1))
    ready = factories.deployed(opened_yesterday, steps=BEFORE_OPENING, state=PROVISIONED, revision=1)
    postponed = factories.deployed(
        opened_yesterday, BEFORE_OPENING, today() + timedelta(days=9), state=PROVISIONED, revision=1
    )
    unfinished = factories.deployed(opened_yesterday, steps=BEFORE_OPENING[:-1], state=PROVISIONED, revision=1)
    suspended = factories.deployed(opened_yesterday, steps=Step.values, state=School.State.SUSPENDED, revision=1)
    coming = factories.deployed(
        factories.wave(opens_on=today() + timedelta(days=1)), steps=BEFORE_OPENING, state=PROVISIONED, revision=1
    )
    tasks.open_due()
    found = {one.pk: School.objects.get(pk=one.pk).state for one in (ready, postponed, unfinished, suspended, coming)}
    assert found == {
        ready.pk: OPEN, postponed.pk: PROVISIONED, unfinished.pk: PROVISIONED,
        suspended.pk: School.State.SUSPENDED, coming.pk: PROVISIONED,
    }  # fmt: skip
    move = ready.school.moves.get(kind=Move.Kind.OPENED)
    assert (move.author, move.account_id) == (PLATFORM, None)
    tasks.open_due()
    assert ready.school.moves.filter(kind=Move.Kind.OPENED).count() == 1


def test_a_school_that_missed_its_day_is_late_with_the_reason(officer_client):
    wave = factories.wave(starts_on=today() - timedelta(days=90), opens_on=today() - timedelta(days=1))
    deployment = factories.deployed(wave, steps=(A,))
    factories.deployed(wave, steps=Step.values, state=OPEN)
    tasks.open_due()
    page = officer_client.get(f"/console/waves/{wave.pk}/?late=1").text
    assert deployment.school.uai in page
    assert "Réseau prêt : attendu depuis 90 jours" in page
    assert "Devait ouvrir le" in page
    assert page.count("En retard</span>") == 1


def test_a_failed_launch_is_a_reason(officer_client):
    deployment = factories.deployed(steps=(A, N, S), state=PROVISIONED)
    launch = Launch.objects.create(wave=deployment.wave, folder="x", author="Essai")
    Job.objects.create(
        launch=launch, school=deployment.school, state=Job.State.FAILED, message="Le fichier est coupé.\nLigne 12"
    )
    assert "Son dernier lancement a échoué : Le fichier est coupé." in officer_client.get(page_of(deployment)).text


def import_into(school: School, **values) -> ImportRun:
    run = ImportRun.objects.create(folder="x", **{"state": ImportRun.State.DONE} | values)
    SchoolImport.objects.create(run=run, school=school)
    return run


def standing(deployment: Deployment) -> set[str]:
    return set(deployment.records.filter(withdrawn_at=None).values_list("step", flat=True))


def test_the_platform_records_what_it_can_see():
    deployment = factories.deployed(steps=(A, N), state=PROVISIONED, revision=1)
    import_into(deployment.school, is_dry_run=True)
    actions.observe()
    assert standing(deployment) == {A, N, S}
    import_into(deployment.school)
    SchoolActivity.objects.create(school=deployment.school, day=today(), letters_printed=3)
    actions.observe()
    assert standing(deployment) == {A, N, S, D, L}
    assert set(
        StepRecord.objects.filter(deployment=deployment, step__in=(S, D, L)).values_list("author", flat=True)
    ) == {PLATFORM}


def test_an_import_taken_back_is_to_be_done_again():
    deployment = factories.deployed(steps=(A, N, S), state=PROVISIONED, revision=1)
    run = import_into(deployment.school)
    actions.observe()
    assert D in standing(deployment)
    run.state = ImportRun.State.UNDONE
    run.save()
    actions.observe()
    assert D not in standing(deployment)


def test_a_school_with_a_space_placed_in_a_wave_has_that_step_at_once():
    school, wave = factories.registered(revision=1, state=OPEN), factories.wave()
    actions.place(wave, [school.pk], BY)
    assert standing(school.deployment) == {S, O}


def test_a_checklist_costs_the_same_whatever_its_history(officer_client, django_assert_max_num_queries):
    deployment = factories.deployed(steps=BEFORE_OPENING, state=PROVISIONED)
    for _ in range(20):
        actions.record_move(deployment.school, Move.Kind.POSTPONED)
    officer_client.get(page_of(deployment))
    with django_assert_max_num_queries(15):
        officer_client.get(page_of(deployment))
