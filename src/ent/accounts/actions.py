"""What people do with accounts."""

import secrets
from collections.abc import Iterable
from datetime import timedelta
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.auth.tokens import default_token_generator
from django.core.mail import EmailMessage
from django.db import connection, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext

from ent.accounts.codes import code_digest, digest, new_code
from ent.accounts.models import Account, ActivationCode, ApiToken, PassageTicket
from ent.accounts.queries import accounts_to_remind
from tenants.context import platform
from tenants.hosts import url_of
from tenants.models import School

CODE_LIFE = timedelta(days=60)
TICKET_LIFE = timedelta(seconds=30)
TOKEN_LIFE = timedelta(days=365)


@transaction.atomic
def new_codes(account_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Give each account a new activation code; the one it had stops working."""
    codes = {account_id: new_code() for account_id in account_ids}
    now = timezone.now()
    ActivationCode.objects.bulk_create(
        [
            ActivationCode(account_id=pk, digest=code_digest(code), created_at=now, expires_at=now + CODE_LIFE)
            for pk, code in codes.items()
        ],
        update_conflicts=True,
        unique_fields=["account"],
        update_fields=["digest", "created_at", "expires_at"],
    )
    return codes


@transaction.atomic
def activate(code: ActivationCode, password: str, email: str, language: str) -> Account | None:
    """Let the holder of a code choose a password; None where the code was used meanwhile."""
    used, _ = ActivationCode.objects.filter(pk=code.pk, digest=code.digest, expires_at__gt=timezone.now()).delete()
    if not used:
        return None
    account = Account.objects.select_for_update().get(pk=code.account_id)
    account.set_password(password)
    account.activated_at = account.activated_at or timezone.now()
    account.email = email or account.email
    account.language = language
    # What a school may change of an account, and no more.
    account.save(update_fields=["password", "activated_at", "email", "language"])
    # A code is also how a stolen account is taken back: nothing opens it any more but the new password.
    withdraw_keys(account)
    return account


def withdraw_keys(account: Account) -> None:
    """End the keys of a person's applications on all hosts: a school sees its own alone."""
    with platform():
        account.api_tokens.all().delete()


def remind(typed: str, school: School | None) -> None:
    """Write to the accounts of this name or e-mail how to choose a new password; nobody learns if there are any."""
    for account in accounts_to_remind(typed, school):
        uid = urlsafe_base64_encode(force_bytes(account.pk))
        path = reverse("accounts:password_reset", args=[uid, default_token_generator.make_token(account)])
        body = render_to_string(
            "accounts/reset_mail.txt", {"account": account, "link": url_of(school, path), "place": school}
        )
        EmailMessage(gettext("Choisir un nouveau mot de passe"), body, to=[account.email]).send(fail_silently=True)


def new_ticket(account: Account, school: School | None) -> str:
    """A ticket to another host, valid once and for half a minute."""
    ticket = secrets.token_urlsafe(32)
    PassageTicket.objects.create(
        digest=digest(ticket), account=account, school=school, expires_at=timezone.now() + TICKET_LIFE
    )
    return ticket


def passage_url(account: Account, school: School | None, destination: str) -> str:
    """Where to send a person who passes to another host."""
    query = urlencode({"ticket": new_ticket(account, school), "next": destination})
    return url_of(school, f"{reverse('accounts:arrive')}?{query}")


def use_ticket(ticket: str, school: School | None) -> Account | None:
    """Whose ticket this is, if it leads here and is still good; nobody can use it again."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM accounts_passageticket WHERE digest = %s AND school_id IS NOT DISTINCT FROM %s "
            "RETURNING account_id, expires_at > %s",
            [digest(ticket), school.pk if school else None, timezone.now()],
        )
        row = cursor.fetchone()
        # Whoever passes sweeps: tickets that were never used go.
        cursor.execute("DELETE FROM accounts_passageticket WHERE expires_at < %s", [timezone.now() - TICKET_LIFE])
    return Account.objects.filter(pk=row[0]).first() if row and row[1] else None


def new_token(account: Account, school: School | None, name: str, scopes: Iterable[str] = ()) -> str:
    """A key for an application, shown this once; cut to some scopes, or with all its owner's reads."""
    token = f"ent_{secrets.token_urlsafe(32)}"
    ApiToken.objects.create(
        account=account, school=school, name=name, digest=digest(token), scopes=list(scopes),
        expires_at=timezone.now() + TOKEN_LIFE,
    )  # fmt: skip
    return token
