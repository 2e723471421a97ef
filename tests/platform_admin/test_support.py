"""A school asks for help, the academy answers; both see where it stands, and nobody else."""

import pytest
import redis
from django.conf import settings
from django.core.cache import cache

from ent.kernel.audit.models import AuditEvent
from ent.kernel.live import channel
from ent.school.people.models import Function
from platform_admin.officers.models import Officer
from tenants.context import platform
from tenants.liaison.models import SupportMessage, SupportRequest
from tenants.liaison.notices import KEY
from tests import factories
from tests.conftest import SchoolClient

State = SupportRequest.State
ASKED = {"subject": "sign_in", "title": "Codes perdus", "text": "Les lettres de la 6e B n'ont pas été imprimées."}
LIST = "/console/exchanges/support/"


@pytest.fixture(autouse=True)
def _nothing_remembered(school):
    cache.delete(KEY)
    yield
    cache.delete(KEY)


@pytest.fixture
def desk(school, sign_in):
    """The school administrator's browser."""
    return sign_in(factories.staff(Function.SCHOOL_ADMIN))


@pytest.fixture
def academy(school):
    """The academy's browser."""
    with platform():
        return browser(factories.officer())


def browser(officer: Officer) -> SchoolClient:
    client = SchoolClient(settings.BASE_DOMAIN)
    client.force_login(officer.account)
    return client


def test_a_request_is_opened_answered_and_closed(desk, academy, school, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        sent = desk.post("/administration/support/", ASKED, follow=True)
    asked = SupportRequest.objects.get()
    assert f"n° {asked.number}" in sent.text
    assert "À traiter" in sent.text
    assert "Codes perdus" in academy.get(LIST).text
    with django_capture_on_commit_callbacks(execute=True):
        academy.post(f"{LIST}{asked.number}/answer/", {"text": "Réimprimez-les depuis l'onglet « Lettres »."})
    page = desk.get(f"/administration/support/{asked.number}/").text
    assert "Réimprimez-les" in page
    assert "Répondue" in page
    assert '<span class="waiting">1' in desk.get("/").text
    with django_capture_on_commit_callbacks(execute=True):
        desk.post(f"/administration/support/{asked.number}/close/")
    assert '<span class="waiting">' not in desk.get("/").text
    asked.refresh_from_db()
    assert asked.state == State.CLOSED
    assert "Codes perdus" not in academy.get(LIST).text
    assert "Codes perdus" in academy.get(LIST, {"state": "closed"}).text


def test_the_persons_function_speaks_never_their_name(desk):
    desk.post("/administration/support/", ASKED)
    assert SupportMessage.objects.get().author == "Administrateur de l'ENT"


def test_a_closed_request_is_opened_again_by_either_side(desk, academy):
    asked = factories.support_request(state=State.CLOSED)
    desk.post(f"/administration/support/{asked.number}/reopen/")
    asked.refresh_from_db()
    assert asked.state == State.OPEN
    academy.post(f"{LIST}{asked.number}/close/")
    academy.post(f"{LIST}{asked.number}/close/")
    desk.post(f"/administration/support/{asked.number}/", {"text": "Cela recommence."})
    asked.refresh_from_db()
    assert asked.state == State.OPEN
    assert list(asked.messages.values_list("event", flat=True)) == ["", "reopened", "closed", "reopened"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Écrivez à jeanne@exemple.fr", "une adresse électronique"),
        ("Rappelez au 06 12 34 56 78", "un numéro de téléphone"),
        ("Rappelez au +33 6.12.34.56.78", "un numéro de téléphone"),
        ("Mme Durand ne peut pas entrer", "le nom d’une personne"),
        ("L'élève ESSAI-NOM éloïse n'a pas de compte", "le nom d’une personne"),
    ],
)
def test_a_text_that_seems_to_name_someone_is_asked_about_once_and_sent_if_one_insists(desk, text, found):
    factories.pupil(first_name="Éloïse", last_name="Essai-Nom")
    told = ASKED | {"text": text}
    page = desk.post("/administration/support/", told).text
    assert found in page
    assert not SupportRequest.objects.exists()
    desk.post("/administration/support/", told | {"sent_as_is": "1"})
    assert SupportRequest.objects.count() == 1


@pytest.mark.parametrize("text", ["Depuis le 12 novembre 2026, 30 élèves de 6e B", "Erreur 404 à 10 h 42, 3 classes"])
def test_a_text_without_anyone_is_sent_at_once(desk, text):
    factories.pupil(first_name="Éloïse", last_name="Essai-Nom")
    desk.post("/administration/support/", ASKED | {"text": text})
    assert SupportRequest.objects.count() == 1


@pytest.mark.parametrize("lacks", ["subject", "title", "text"])
def test_an_incomplete_request_keeps_what_was_typed(desk, lacks):
    answer = desk.post("/administration/support/", ASKED | {lacks: ""})
    assert answer.status_code == 400
    kept = "Codes perdus" if lacks != "title" else "6e B"
    assert kept in answer.text


def test_another_schools_request_is_not_found(desk, other_school):
    with platform():
        theirs = factories.support_request(other_school, "Chez les autres")
    assert desk.get(f"/administration/support/{theirs.number}/").status_code == 404
    assert desk.post(f"/administration/support/{theirs.number}/close/").status_code == 404
    assert "Chez les autres" not in desk.get("/administration/support/").text


def test_a_teacher_and_the_secretary_do_not_ask(sign_in):
    for person in (factories.staff(), factories.staff(Function.OFFICE)):
        assert sign_in(person).get("/administration/support/").status_code == 403


@pytest.fixture
def cantal(school):
    return factories.authority("15", "Cantal")


def test_a_collectivitys_officers_see_their_schools_requests_and_answer_where_granted(cantal):
    with platform():
        mine, elsewhere = factories.registered(authority=cantal), factories.registered()
        own, theirs = factories.support_request(mine, "Du Cantal"), factories.support_request(elsewhere, "D'ailleurs")
        clients = [browser(factories.officer(Officer.Function.OFFICER, cantal, acts=acts)) for acts in (True, False)]
    for client, expected in zip(clients, (302, 403), strict=True):
        page = client.get(LIST).text
        assert "Du Cantal" in page
        assert "ailleurs" not in page
        assert client.post(f"{LIST}{own.number}/answer/", {"text": "Oui."}).status_code == expected
        assert client.get(f"{LIST}{theirs.number}/").status_code == 404
        assert client.get(f"/console/schools/{mine.uai}/support/").status_code == 200
    with platform():
        assert SupportMessage.objects.filter(request=own, from_school=False).get().author == "Cantal"
        assert AuditEvent.objects.filter(action="console.refused", details__request=theirs.number).count() == 2


def test_a_guest_reads_no_request(cantal):
    with platform():
        guest = browser(factories.officer(Officer.Function.GUEST, cantal))
    assert guest.get(LIST).status_code == 403
    assert guest.get("/console/exchanges/", follow=True).redirect_chain[-1][0].endswith("/announcements/")


def test_the_oldest_waits_first_and_filters_cut_the_list(academy, cantal):
    with platform():
        mine = factories.registered(authority=cantal)
        factories.support_request(mine, "La seconde", created_at="2026-11-02T08:00Z")
        factories.support_request(mine, "La première", created_at="2026-11-01T08:00Z", subject="network")
        factories.support_request(mine, "La close", state=State.CLOSED)
    page = academy.get(LIST).text
    assert page.index("La première") < page.index("La seconde")
    assert "La close" not in page
    cut = academy.get(LIST, {"subject": "network", "authority": "15", "state": "open"}).text
    assert "La première" in cut
    assert "La seconde" not in cut
    assert "La close" in academy.get(LIST, {"state": "all"}).text
    assert '<span class="waiting">2' in page


def test_both_sides_are_told_at_once(academy, django_capture_on_commit_callbacks):
    asked = factories.support_request()
    channels = {channel(schema, asked.topic) for schema in ("public", asked.school.schema_name)}
    with redis.Redis.from_url(settings.REDIS_URL) as server, server.pubsub(ignore_subscribe_messages=True) as heard:
        heard.subscribe(*channels)
        while heard.get_message(timeout=0.2):
            pass
        with django_capture_on_commit_callbacks(execute=True):
            academy.post(f"{LIST}{asked.number}/answer/", {"text": "C'est fait."})
        told = {message["channel"].decode() for _ in range(4) if (message := heard.get_message(timeout=1))}
    assert told == channels
