"""Who sees what: agents are managed by the academy, and by their own collectivity's manager."""

import pytest
from django.conf import settings

from ent.accounts.models import Account, ActivationCode
from ent.kernel.audit.models import AuditEvent
from platform_admin.officers.models import Officer
from platform_admin.officers.queries import reaches
from tests import factories
from tests.conftest import SchoolClient

pytestmark = pytest.mark.usefixtures("platform_db")

MANAGER, OFFICER, GUEST = Officer.Function.MANAGER, Officer.Function.OFFICER, Officer.Function.GUEST
ADMINISTRATOR = Officer.Function.ADMINISTRATOR


@pytest.fixture
def cantal():
    return factories.authority("15", "Cantal")


@pytest.fixture
def allier():
    return factories.authority("03", "Allier")


@pytest.fixture
def manager(cantal):
    return factories.officer(MANAGER, cantal)


def browser(officer: Officer) -> SchoolClient:
    client = SchoolClient(settings.BASE_DOMAIN)
    client.force_login(officer.account)
    return client


def page(officer: Officer, action: str = "") -> str:
    return f"/console/officers/{officer.pk}/{action}"


def level(officer: Officer, authority) -> str:
    return reaches([officer])[officer.pk].level(authority)


def test_an_added_agent_has_a_numbered_sign_in_name_and_sees_their_collectivity(officer_client, cantal):
    new = {"first": "Éloïse", "last": "D'Aubigné", "function": OFFICER, "authority": cantal.pk, "acts": "on"}
    names = []
    for _ in range(2):
        answer = officer_client.post("/console/officers/add/", new)
        officer = Officer.objects.get(pk=answer["Location"].split("/")[-2])
        names.append(officer.account.sign_in_name)
    assert names == ["eloise.d-aubigne", "eloise.d-aubigne2"]
    assert level(officer, cantal) == "act_for_authority"
    assert AuditEvent.objects.filter(action="officers.add", object_id=officer.account_id).exists()


def test_the_letter_activates_the_account_on_the_platforms_host(officer_client, cantal, monkeypatch):
    officer_client.post(
        "/console/officers/add/", {"first": "Aude", "last": "Essai", "function": GUEST, "authority": cantal.pk}
    )
    officer = Officer.objects.get(name="Aude Essai")
    drawn = []
    monkeypatch.setattr(
        "platform_admin.officers.actions.draw", lambda school, letters: drawn.extend(letters) or b"%PDF"
    )
    assert officer_client.post(page(officer, "letter/"))["Content-Type"] == "application/pdf"
    visitor = SchoolClient(settings.BASE_DOMAIN)
    visitor.post("/activate/", {"code": drawn[0].code})
    secret = "neige sur le plomb"
    answer = visitor.post("/activate/", {"new_password1": secret, "new_password2": secret}, follow=True)
    assert answer.request["PATH_INFO"] == "/second-factor/enrol/"
    assert "Voit les établissements" not in answer.text


def test_the_letter_is_a_pdf(officer_client, manager):
    answer = officer_client.post(page(manager, "letter/"))
    assert answer.content.startswith(b"%PDF")
    assert ActivationCode.objects.filter(account=manager.account).exists()


def test_a_manager_adds_agents_and_guests_of_their_own_collectivity_only(manager, cantal, allier):
    client = browser(manager)
    new = {"first": "Rémi", "last": "Essai", "authority": cantal.pk}
    assert client.post("/console/officers/add/", new | {"function": OFFICER}).status_code == 302
    assert client.post("/console/officers/add/", new | {"function": GUEST}).status_code == 302
    for refused in ({"function": MANAGER}, {"function": ADMINISTRATOR}, {"function": OFFICER, "authority": allier.pk}):
        assert client.post("/console/officers/add/", new | refused).status_code == 400
    assert Officer.objects.filter(name="Rémi Essai").count() == 2


def test_a_manager_does_not_touch_managers_nor_agents_of_others(manager, cantal, allier):
    client = browser(manager)
    colleague = factories.officer(MANAGER, cantal)
    theirs = factories.officer(OFFICER, allier)
    for action in ("close/", "grants/", "letter/", "second-factor/", "reopen/"):
        assert client.post(page(colleague, action)).status_code == 403
        assert client.post(page(manager, action)).status_code == 403
        assert client.post(page(theirs, action)).status_code == 404
    assert AuditEvent.objects.filter(action="console.refused", account_id=manager.account_id).count() == 5
    listed = client.get("/console/officers/").text
    assert colleague.name in listed
    assert theirs.name not in listed


def test_a_manager_hands_over_no_access_that_opens_more_than_their_own(manager, officer_client, cantal, allier):
    officer = factories.officer(OFFICER, cantal)
    client = browser(manager)
    assert client.post(page(officer, "letter/"))["Content-Type"] == "application/pdf"
    officer_client.post(page(officer, "grants/"), {f"on_{allier.pk}": "act_for_authority"})
    assert level(officer, allier) == "act_for_authority"
    for action in ("letter/", "second-factor/"):
        assert client.post(page(officer, action))["Location"] == page(officer)
        assert "demandez-le à l&#x27;académie" in client.get(page(officer)).text


def test_nobody_gives_more_than_they_hold(manager, cantal, allier):
    officer = factories.officer(OFFICER, cantal, acts=False)
    client = browser(manager)
    client.post(page(officer, "grants/"), {f"on_{cantal.pk}": "act_for_authority", f"on_{allier.pk}": "see_authority"})
    assert (level(officer, cantal), level(officer, allier)) == ("act_for_authority", "")

    only_sees = factories.officer(MANAGER, cantal, acts=False)
    other = factories.officer(OFFICER, cantal, acts=False)
    refused = browser(only_sees).post(page(other, "grants/"), {f"on_{cantal.pk}": "act_for_authority"})
    assert refused.status_code == 400
    assert level(other, cantal) == "see_authority"


def test_what_the_academy_granted_elsewhere_is_not_the_managers_to_withdraw(officer_client, manager, cantal, allier):
    officer = factories.officer(OFFICER, cantal)
    officer_client.post(page(officer, "grants/"), {f"on_{allier.pk}": "see_authority"})
    assert level(officer, cantal) == "act_for_authority"  # what is not sent stays
    shown = browser(manager).get(page(officer)).text
    assert "accordé par l’académie" in shown
    browser(manager).post(page(officer, "grants/"), {f"on_{cantal.pk}": "", f"on_{allier.pk}": ""})
    assert (level(officer, cantal), level(officer, allier)) == ("", "see_authority")


def test_a_guest_only_reads(officer_client, cantal):
    school = factories.registered(authority=cantal)
    guest = factories.officer(GUEST, cantal, acts=False)
    refused = officer_client.post(page(guest, "grants/"), {f"on_{cantal.pk}": "act_for_authority"})
    assert refused.status_code == 400
    client = browser(guest)
    assert client.get(f"/console/schools/{school.uai}/").status_code == 200
    assert client.post(f"/console/schools/{school.uai}/provision/").status_code == 403


def test_who_becomes_a_guest_no_longer_acts_and_who_moves_sees_their_new_collectivity(officer_client, cantal, allier):
    officer = factories.officer(OFFICER, cantal)
    officer_client.post(page(officer), {"name": officer.name, "function": GUEST, "authority": cantal.pk})
    assert level(officer, cantal) == "see_authority"
    officer_client.post(page(officer), {"name": officer.name, "function": OFFICER, "authority": allier.pk})
    assert (level(officer, cantal), level(officer, allier)) == ("", "see_authority")
    officer_client.post(page(officer), {"name": officer.name, "function": "pilot", "authority": allier.pk})
    officer.refresh_from_db()
    assert (officer.function, officer.authority) == ("pilot", None)


def test_an_agent_of_a_collectivity_needs_one(officer_client, cantal):
    answer = officer_client.post("/console/officers/add/", {"first": "Ida", "last": "Essai", "function": OFFICER})
    assert answer.status_code == 400
    assert "Choisissez la collectivité" in answer.text


def test_the_last_administrator_stays(platform_db):
    last = factories.officer(ADMINISTRATOR)
    waiting = factories.officer(ADMINISTRATOR)
    Account.objects.filter(pk=waiting.account_id).update(activated_at=None)
    client = browser(last)
    closed = client.post(page(last, "close/"), follow=True)
    assert "dernier administrateur" in closed.text
    demoted = client.post(page(last), {"name": last.name, "function": "pilot"})
    assert demoted.status_code == 400
    assert "dernier administrateur" in demoted.text
    last.refresh_from_db()
    assert (last.closed_at, last.function) == (None, ADMINISTRATOR)


def test_one_of_two_administrators_closes_the_other_but_not_themselves(platform_db):
    one, two = factories.officer(ADMINISTRATOR), factories.officer(ADMINISTRATOR)
    assert "votre propre accès" in browser(one).post(page(one, "close/"), follow=True).text
    browser(one).post(page(two, "close/"))
    two.refresh_from_db()
    assert two.closed_at


def test_who_left_cannot_enter_and_stays_on_record_until_reopened(officer_client, cantal):
    officer = factories.officer(OFFICER, cantal)
    client = browser(officer)
    officer_client.post(page(officer, "close/"))
    assert client.get("/console/").status_code == 302  # signed out
    answer = SchoolClient(settings.BASE_DOMAIN).post(
        "/sign-in/", {"username": officer.account.sign_in_name, "password": factories.PASSWORD}
    )
    assert "incorrect" in answer.text
    assert officer.name in officer_client.get("/console/officers/?state=closed").text
    officer_client.post(page(officer, "reopen/"))
    assert level(officer, cantal) == "see_authority"
    again = SchoolClient(settings.BASE_DOMAIN).post(
        "/sign-in/", {"username": officer.account.sign_in_name, "password": factories.PASSWORD}, follow=True
    )
    assert again.request["PATH_INFO"] == "/second-factor/enrol/"


def test_a_teacher_who_leaves_the_console_keeps_their_school(officer_client, cantal, school):
    account = factories.account_of_school(school)
    officer = Officer.objects.create(account=account, name="Professeur Essai", function=OFFICER, authority=cantal)
    officer_client.post(page(officer, "close/"))
    account.refresh_from_db()
    assert account.closed_at is None
