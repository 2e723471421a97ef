"""After the password, a code: without it nothing of the console opens."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone
from django_otp.oath import totp
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from ent.accounts.actions import new_ticket, new_token
from ent.accounts.models import ApiToken
from ent.kernel.audit.models import AuditEvent
from platform_admin.officers.models import Officer, TrustedBrowser
from platform_admin.officers.second_factor import browser_label, is_proven
from tests import factories
from tests.conftest import SchoolClient

pytestmark = pytest.mark.usefixtures("platform_db")
ENROL, PROVE, MANAGE = "/second-factor/enrol/", "/second-factor/", "/second-factor/manage/"


@pytest.fixture
def officer():
    return factories.officer()


@pytest.fixture
def new_officer(officer):
    """Without a device."""
    TOTPDevice.objects.filter(user=officer.account).delete()
    return officer


def with_password(officer: Officer) -> SchoolClient:
    client = SchoolClient(settings.BASE_DOMAIN)
    client.post("/sign-in/", {"username": officer.account.sign_in_name, "password": factories.PASSWORD})
    return client


def code(officer: Officer, later: int = 0) -> str:
    device = TOTPDevice.objects.get(user=officer.account)
    return f"{totp(device.bin_key, drift=later):06d}"


def enrolled(officer: Officer) -> tuple[SchoolClient, list[str]]:
    client = with_password(officer)
    client.get(ENROL)
    page = client.post(ENROL, {"code": code(officer)})
    return client, page.context["codes"]


def test_an_officer_without_a_device_is_led_to_enrol_one_and_comes_back(new_officer):
    client = with_password(new_officer)
    asked = client.get("/console/?state=open", follow=True)
    assert asked.request["PATH_INFO"] == ENROL
    secret = asked.context["secret"]
    assert secret in asked.text
    assert "<svg" in asked.text
    assert [len(group) for group in secret.split()] == [4] * 8
    assert client.get(ENROL).context["secret"] == secret  # asked again, the same
    page = client.post(ENROL, {"code": code(new_officer), "next": "/console/?state=open"})
    assert len(page.context["codes"]) == 10
    assert 'href="/console/?state=open"' in page.text
    assert client.get("/console/").status_code == 200
    assert client.get(ENROL).status_code == 302  # the secret is never shown again


def test_a_wrong_first_code_enrols_nothing(new_officer):
    client = with_password(new_officer)
    client.get(ENROL)
    answer = client.post(ENROL, {"code": "000000" if code(new_officer) != "000000" else "111111"})
    assert answer.status_code == 400
    assert "Ce code n&#x27;est pas le bon" in answer.text
    assert client.get("/console/").status_code == 302


def test_the_code_opens_the_console_and_serves_once(officer):
    client = with_password(officer)
    assert client.get("/console/")["Location"].startswith(PROVE)
    typed = code(officer)
    opened = client.post(PROVE, {"code": f"{typed[:3]} {typed[3:]}", "next": "/console/imports/"})
    assert opened["Location"] == "/console/imports/"
    assert client.get("/console/").status_code == 200
    again = with_password(officer).post(PROVE, {"code": typed})
    assert again.status_code == 400


def test_a_recovery_code_serves_once_and_is_noted(new_officer):
    _, codes = enrolled(new_officer)
    for expected in (302, 400):
        client = with_password(new_officer)
        assert client.post(PROVE, {"code": codes[0].upper()}).status_code == expected
    assert StaticToken.objects.filter(device__user=new_officer.account).count() == 9
    assert AuditEvent.objects.filter(action="officers.use_recovery_code").count() == 1


def test_too_many_codes_are_told_to_wait_and_the_right_one_waits_too(officer):
    client = with_password(officer)
    wrong = "000000" if code(officer) != "000000" else "111111"
    for _ in range(6):
        TOTPDevice.objects.filter(user=officer.account).update(throttling_failure_timestamp=None)
        client.post(PROVE, {"code": wrong})
    answer = client.post(PROVE, {"code": code(officer)})
    assert answer.status_code == 400
    assert re.search(r"Trop d&#x27;essais. Attendez \d+ secondes, puis recommencez.", answer.text)
    TOTPDevice.objects.filter(user=officer.account).update(
        throttling_failure_timestamp=timezone.now() - timedelta(minutes=2)
    )
    assert client.post(PROVE, {"code": code(officer)}).status_code == 302


def test_a_trusted_browser_is_not_asked_again_until_trust_is_withdrawn(officer):
    client = with_password(officer)
    client.post(PROVE, {"code": code(officer), "trust": "on"})
    client.post("/sign-out/")
    client.post("/sign-in/", {"username": officer.account.sign_in_name, "password": factories.PASSWORD})
    assert client.get("/console/", follow=True).request["PATH_INFO"] == "/console/"

    client.post("/second-factor/browsers/forget/")
    client.post("/sign-out/")
    client.post("/sign-in/", {"username": officer.account.sign_in_name, "password": factories.PASSWORD})
    assert client.get("/console/", follow=True).request["PATH_INFO"] == PROVE


def test_trust_is_worth_nothing_to_another_account_nor_after_a_month(officer):
    client = with_password(officer)
    client.post(PROVE, {"code": code(officer), "trust": "on"})
    other = factories.officer()
    client.post("/sign-out/")
    client.post("/sign-in/", {"username": other.account.sign_in_name, "password": factories.PASSWORD})
    assert client.get("/console/", follow=True).request["PATH_INFO"] == PROVE
    client.post("/sign-out/")
    TrustedBrowser.objects.update(expires_at=timezone.now())
    client.post("/sign-in/", {"username": officer.account.sign_in_name, "password": factories.PASSWORD})
    assert client.get("/console/", follow=True).request["PATH_INFO"] == PROVE


def test_passing_from_a_school_does_not_spare_the_code(officer):
    client = SchoolClient(settings.BASE_DOMAIN)
    client.get(f"/passage/arrive/?ticket={new_ticket(officer.account, None)}&next=/console/")
    assert client.get("/my-schools/", follow=True).request["PATH_INFO"] == PROVE


def test_an_account_that_is_no_officer_is_not_asked(platform_db):
    client = SchoolClient(settings.BASE_DOMAIN)
    client.force_login(factories.account_of_school())
    assert client.get("/account/").status_code == 200
    assert client.get(PROVE).status_code == 404
    assert client.get("/console/").status_code == 403


def test_an_officer_without_the_code_still_passes_to_their_school_but_makes_no_key(officer):
    client = with_password(officer)
    assert client.post("/account/tokens/", {"name": "Tableur"})["Location"].startswith(PROVE)
    assert not ApiToken.objects.exists()


def test_a_key_made_before_the_device_gives_no_right(officer):
    new_token(officer.account, None, "Tableur")
    token = ApiToken.objects.get()
    officer.account.by_token = token
    assert is_proven(officer.account)
    token.created_at = timezone.now() - timedelta(days=1)
    assert not is_proven(officer.account)


def test_an_administrator_resets_a_lost_device(officer_client):
    manager = factories.officer(Officer.Function.MANAGER, factories.authority())
    session = SchoolClient(settings.BASE_DOMAIN)
    session.force_login(manager.account)
    new_token(manager.account, None, "Tableur")
    assert session.get("/console/").status_code == 200
    officer_client.post(f"/console/officers/{manager.pk}/second-factor/")
    assert session.get("/console/", follow=True).request["PATH_INFO"] == ENROL
    assert not ApiToken.objects.exists()
    assert AuditEvent.objects.filter(action="officers.reset_second_factor", object_id=manager.account_id).exists()


def test_ones_own_codes_and_device_change_only_with_a_code(new_officer):
    client, codes = enrolled(new_officer)
    assert "Il vous en reste 10" in client.get(MANAGE).text
    assert client.post("/second-factor/codes/", {"codes-code": "faux"}).status_code == 400
    StaticDevice.objects.update(throttling_failure_timestamp=None)  # the second it asks for has passed
    others = client.post("/second-factor/codes/", {"codes-code": codes[0]}).context["codes"]
    assert not set(others) & set(codes)
    assert client.post("/second-factor/replace/", {"replace-code": codes[1]}).status_code == 400
    StaticDevice.objects.update(throttling_failure_timestamp=None)
    assert client.post("/second-factor/replace/", {"replace-code": others[0]})["Location"] == ENROL
    assert client.get("/console/", follow=True).request["PATH_INFO"] == ENROL


def test_the_code_is_shown_to_the_demonstrations_agents_alone(officer, monkeypatch):
    assert "Démonstration" not in with_password(officer).get(PROVE).text
    TOTPDevice.objects.filter(user=officer.account).update(name="démonstration")
    shown = with_password(officer).get(PROVE).context["shown_code"]
    for _ in range(2):  # two people in the same half minute
        client = with_password(officer)
        client.get(PROVE)
        assert client.post(PROVE, {"code": shown}).status_code == 302
    monkeypatch.setattr(settings, "DEMO", False)
    assert "Démonstration" not in with_password(officer).get(PROVE).text


def test_a_secret_page_makes_few_queries(new_officer, django_assert_max_num_queries):
    client = with_password(new_officer)
    with django_assert_max_num_queries(8):
        client.get(ENROL)


@pytest.mark.parametrize(
    ("agent", "label"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox sur Windows"),
        ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36", "Chrome sur Android"),
        ("", "Navigateur"),
    ],
)
def test_a_browser_is_named_as_one_knows_it(agent, label):
    assert browser_label(agent) == label
