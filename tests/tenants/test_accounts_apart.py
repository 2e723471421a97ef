"""A school's role reads and changes the accounts of its own people, and nothing by which the others are opened."""

import pytest
from django.db import connection
from django.utils import timezone

from ent.accounts.actions import new_codes, new_ticket, new_token, withdraw_keys
from ent.accounts.models import Account, ActivationCode, ApiToken, Membership, PassageTicket
from ent.accounts.queries import has_keys
from tenants.context import inside, inside_as_owner, platform
from tests import factories
from tests.tenants.apart import refused

ACCOUNTS = 5_000


@pytest.fixture
def ours(school) -> Account:
    return factories.account_of(factories.pupil())


@pytest.fixture
def theirs(school, other_school) -> Account:
    """Someone of the other school, with all that opens an account."""
    with inside_as_owner(other_school):
        account = factories.account_of(factories.pupil())
        new_codes([account.pk])
        new_ticket(account, other_school)
        new_token(account, other_school, "Agenda")
    return account


def test_a_school_sees_the_accounts_of_its_own_people_even_of_those_who_left(school, ours, theirs):
    left = factories.account_of(factories.pupil())
    Membership.objects.filter(account=left).update(closed_at=timezone.now())
    officer = factories.officer().account
    with inside(school):
        seen = set(Account.objects.values_list("pk", flat=True))
        assert {ours.pk, left.pk} <= seen
        assert not {theirs.pk, officer.pk} & seen


def test_a_school_changes_no_account_of_another(school, ours, theirs):
    with inside(school):
        assert Account.objects.filter(pk=theirs.pk).update(password="!") == 0
        assert Account.objects.filter(pk=ours.pk).update(email="un@exemple.fr") == 1
    theirs.refresh_from_db()
    assert theirs.password != "!"


@pytest.mark.parametrize(
    "change",
    ["is_superuser = true", "sign_in_name = 'x'", "closed_at = NULL", "id = gen_random_uuid()", "created_at = now()"],
)
def test_a_school_makes_nobody_more_than_they_are(school, ours, change):
    with inside(school):
        assert refused(f"UPDATE accounts_account SET {change}")  # noqa: S608


def test_a_school_sees_no_code_ticket_or_key_of_another(school, ours, theirs):
    new_codes([ours.pk])
    new_token(ours, school, "Agenda")
    with inside(school):
        assert list(ActivationCode.objects.values_list("account", flat=True)) == [ours.pk]
        assert list(ApiToken.objects.values_list("account", flat=True)) == [ours.pk]
        assert not PassageTicket.objects.exists()
        for model in (ActivationCode, ApiToken, PassageTicket):
            assert model.objects.filter(account=theirs).delete()[0] == 0
    for model in (ActivationCode, ApiToken, PassageTicket):
        assert model.objects.filter(account=theirs).exists()


def test_a_school_makes_no_code_ticket_or_key_for_anothers_people(school, other_school, ours, theirs):
    ticket = (
        "INSERT INTO accounts_passageticket (digest, account_id, school_id, expires_at) VALUES ('x', %s, %s, now())"
    )
    code = (
        "INSERT INTO accounts_activationcode (account_id, digest, created_at, expires_at) "
        "VALUES (%s, 'x', now(), now()) ON CONFLICT (account_id) DO UPDATE SET digest = 'x'"
    )
    key = (
        "INSERT INTO accounts_apitoken (account_id, school_id, name, digest, scopes, created_at, expires_at) "
        "VALUES (%s, %s, '', 'x', '[]', now(), now())"
    )
    with inside(school):
        assert refused(code, theirs.pk)
        assert refused(ticket, theirs.pk, school.pk)
        assert refused(ticket, theirs.pk, other_school.pk)
        assert refused(key, theirs.pk, school.pk)
        # Nor what opens the platform's host, or another school, to one of its own.
        assert refused(ticket, ours.pk, None)
        assert refused(key, ours.pk, None)
        assert refused(key, ours.pk, other_school.pk)


def test_a_ticket_is_read_where_it_leads_alone(school, other_school):
    parent = factories.account_of(factories.guardian(of=factories.pupil()))
    with inside_as_owner(other_school):
        factories.guardian(of=factories.pupil(), account=parent)
    with inside(school):
        new_ticket(parent, other_school)
        assert not PassageTicket.objects.exists()
    with inside(other_school):
        assert PassageTicket.objects.filter(account=parent).exists()


@pytest.mark.parametrize(
    "table",
    ["otp_totp_totpdevice", "otp_static_staticdevice", "otp_static_statictoken", "officers_officer",
     "officers_trustedbrowser", "accounts_accountkey"],
)  # fmt: skip
def test_a_school_has_nothing_of_the_second_factor_nor_of_the_directorys_keys(school, table):
    with inside(school):
        assert refused(f"SELECT count(*) FROM {table}")  # noqa: S608


def test_a_new_password_ends_the_keys_of_every_host(school, other_school, ours):
    for at in (school, other_school, None):
        new_token(ours, at, "Agenda")
    with inside(school):
        assert has_keys(ours)
        withdraw_keys(ours)
        assert not has_keys(ours)
    assert not ApiToken.objects.filter(account=ours).exists()


def test_the_platform_sees_every_account(school, ours, theirs):
    with platform():
        assert Account.objects.filter(pk__in=[ours.pk, theirs.pk]).count() == 2


def test_an_account_is_found_by_index_in_a_full_academy(school, ours):
    """The policy is asked of the rows found, not of every account or membership there is."""
    with platform(), connection.cursor() as cursor:
        cursor.execute(
            "WITH a AS (INSERT INTO accounts_account (id, password, is_superuser, sign_in_name, email, language, "
            "created_at) SELECT gen_random_uuid(), '', false, 'plan' || n, '', '', now() "
            "FROM generate_series(1, %s) n RETURNING id) INSERT INTO accounts_membership (account_id, school_id, "
            "profile, person_id) SELECT id, %s, 'pupil', gen_random_uuid() FROM a",
            [ACCOUNTS, school.pk],
        )
        cursor.execute("ANALYZE accounts_account, accounts_membership")
    with inside(school):
        for one in (
            Account.objects.filter(pk=ours.pk),
            Account.objects.filter(sign_in_name=ours.sign_in_name),
            Account.objects.filter(pk__in=[ours.pk] * 100),
            ActivationCode.objects.filter(digest="x"),
            ApiToken.objects.filter(digest="x", school=school).select_related("account"),
        ):
            plan = one.explain()
            assert "Seq Scan on accounts_account" not in plan
            assert "Seq Scan on accounts_membership" not in plan
