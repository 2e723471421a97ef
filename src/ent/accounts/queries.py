"""Who an account is to which schools."""

import re
from typing import cast

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from ent.accounts.models import Account, ActivationCode, Membership
from ent.accounts.names import sign_in_base
from ent.kernel.text import folded
from tenants.context import platform
from tenants.models import School


def me(request: HttpRequest) -> Account:
    """The account signed in, in a view that only lets signed-in people pass."""
    return cast(Account, request.user)


def may_enter(account: Account, school: School | None) -> bool:
    """Whether an account has a place at a host: a person in that school; anyone on the platform's."""
    if account.closed_at or not account.activated_at or not account.has_usable_password():
        return False
    return is_member(account, school)


def is_member(account: Account, school: School | None) -> bool:
    """Whether the school knows the account's person today (the platform knows everyone)."""
    return school is None or account.memberships.filter(school=school, closed_at=None).exists()


def schools_of(account: Account) -> QuerySet[School]:
    """The open schools where the account has a person."""
    mine = Membership.objects.filter(account=account, school=OuterRef("pk"), closed_at=None)
    return School.objects.filter(Exists(mine), state=School.State.OPEN)


def school_to_enter(account: Account, subdomain: str) -> School | None:
    """One of the account's schools, by its subdomain."""
    return schools_of(account).filter(subdomain=subdomain).first()


def has_keys(account: Account) -> bool:
    """Whether any application has a key of the account, whatever the host: a school sees its own alone."""
    with platform():
        return account.api_tokens.exists()


def valid_code(digest: str, school: School | None) -> ActivationCode | None:
    """The unused, unexpired code of this digest, if its account has a place at this host."""
    code = (
        ActivationCode.objects.select_related("account")
        .filter(digest=digest, expires_at__gt=timezone.now(), account__closed_at=None)
        .first()
    )
    return code if code and is_member(code.account, school) else None


def accounts_to_remind(typed: str, school: School | None) -> QuerySet[Account]:
    """The accounts a forgotten-password request is about: by sign-in name or e-mail, of this host, with an e-mail."""
    typed = typed.strip()
    found = Account.objects.filter(
        Q(sign_in_name=typed.lower()) | Q(email__iexact=typed), closed_at=None, activated_at__isnull=False
    ).exclude(email="")
    if school:
        found = found.filter(Exists(Membership.objects.filter(account=OuterRef("pk"), school=school, closed_at=None)))
    return found


def free_sign_in_name(first: str, last: str) -> str:
    """The name for a new account: the base, or the base and the number after the highest taken."""
    base = sign_in_base(folded(first), folded(last))
    taken = Account.objects.filter(sign_in_name__regex=rf"^{re.escape(base)}[0-9]*$").values_list("sign_in_name")
    numbers = [int(name[len(base) :] or 1) for (name,) in taken]
    return f"{base}{max(numbers) + 1}" if numbers else base
