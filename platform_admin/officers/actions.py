"""What is done with agents of the academy and of its collectivities; each line of it stands in the trail."""

from collections.abc import Mapping

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from guardian.shortcuts import assign_perm, remove_perm

from ent.accounts.actions import new_codes
from ent.accounts.letters import Letter, draw
from ent.accounts.models import Account, ActivationCode
from ent.accounts.queries import free_sign_in_name
from ent.kernel.access import Acting
from ent.kernel.audit.models import record
from ent.kernel.grants.models import AccountGrant
from platform_admin.officers import second_factor
from platform_admin.officers.access import ACADEMY_FUNCTIONS, ACT, LEVELS, SEE
from platform_admin.officers.models import Officer
from platform_admin.officers.queries import authorities_to_staff, functions_to_give, levels_to_give, reaches
from tenants.models import Authority


class OfficerRefused(ValueError):
    """Why something cannot be done with an officer, in words for who asked."""


@transaction.atomic
def add(
    by: Account, acting: Acting, *, first: str, last: str, function: str, authority: Authority | None, acts: bool
) -> Officer:
    """A new agent with an account of their own, who sees their collectivity and, if asked, acts for it."""
    authority = _fitting(acting, function, authority)
    account = Account.objects.create(sign_in_name=free_sign_in_name(first, last), password=make_password(None))
    officer = Officer.objects.create(account=account, name=f"{first} {last}", function=function, authority=authority)
    record("officers.add", account_id=by.pk, object_id=account.pk, **_named(officer))
    _welcome(by, officer, acts)
    return officer


@transaction.atomic
def change(
    by: Account, acting: Acting, officer: Officer, *, name: str, function: str, authority: Authority | None
) -> Officer:
    """Another name, function or collectivity; what no longer fits of what was granted is withdrawn."""
    officer = _locked(officer)
    authority = _fitting(acting, function, authority)
    if function != officer.function:
        _keep_an_administrator(officer)
        _not_oneself(by, officer, "Vous ne pouvez pas changer votre propre fonction : demandez-le à un autre.")
    before = _named(officer)
    moved = authority != officer.authority
    officer.name, officer.function, officer.authority = name, function, authority
    officer.save()
    if _named(officer) != before:
        record("officers.change", account_id=by.pk, object_id=officer.account_id, before=before, **_named(officer))
    if function in ACADEMY_FUNCTIONS or moved:
        _withdraw_all(by, officer)
    elif function == Officer.Function.GUEST:
        for one in reaches([officer])[officer.pk].acts:
            _set_level(by, officer, one, ACT, SEE)
    if moved:
        _welcome(by, officer, acts=False)
    return officer


@transaction.atomic
def grant(by: Account, acting: Acting, officer: Officer, levels: Mapping[int, str]) -> bool:
    """Give and withdraw « voir » and « agir », by the collectivity's key; says whether anything changed."""
    officer = _locked(officer)
    held, changed = reaches([officer])[officer.pk], False
    for authority, possible in levels_to_give(acting, officer, held):
        wanted = levels.get(authority.pk)
        if wanted is None or wanted == held.level(authority):
            continue
        if wanted not in possible:
            raise OfficerRefused(f"Vous ne pouvez pas accorder cela pour {authority.name}.")
        _set_level(by, officer, authority, held.level(authority), wanted)
        changed = True
    return changed


@transaction.atomic
def close(by: Account, officer: Officer) -> None:
    """The agent left: nothing opens any more, and what they did stays on record."""
    officer = _locked(officer)
    if officer.closed_at:
        return
    _keep_an_administrator(officer)
    _not_oneself(by, officer, "Vous ne pouvez pas fermer votre propre accès : demandez-le à un autre.")
    _withdraw_all(by, officer)
    officer.closed_at = timezone.now()
    officer.save(update_fields=["closed_at"])
    account = officer.account
    second_factor.forget(account)
    ActivationCode.objects.filter(account=account).delete()
    if not account.memberships.filter(closed_at=None).exists():
        Account.objects.filter(pk=account.pk).update(closed_at=officer.closed_at)
    record("officers.close", account_id=by.pk, object_id=account.pk, **_named(officer))


@transaction.atomic
def reopen(by: Account, acting: Acting, officer: Officer) -> None:
    """The agent is back: they see their own collectivity, and enrol a device anew."""
    officer = _locked(officer)
    if not officer.closed_at:
        return
    _fitting(acting, officer.function, officer.authority)
    officer.closed_at = None
    officer.save(update_fields=["closed_at"])
    Account.objects.filter(pk=officer.account_id).update(closed_at=None)
    record("officers.reopen", account_id=by.pk, object_id=officer.account_id, **_named(officer))
    _welcome(by, officer, acts=False)


@transaction.atomic
def reset_second_factor(by: Account, acting: Acting, officer: Officer) -> None:
    """The device is lost: it opens nothing any more, and the next sign-in enrols another."""
    _within_reach(acting, officer)
    second_factor.forget(officer.account)
    record("officers.reset_second_factor", account_id=by.pk, object_id=officer.account_id, **_named(officer))


@transaction.atomic
def print_letter(by: Account, acting: Acting, officer: Officer) -> bytes:
    """A letter with a new activation code; the code before stops working."""
    officer = _locked(officer)
    if officer.closed_at:
        raise OfficerRefused("Cet accès est fermé : rouvrez-le d'abord.")
    _within_reach(acting, officer)
    account = officer.account
    letter = Letter(
        name=officer.name,
        sign_in_name=account.sign_in_name,
        code=new_codes([account.pk])[account.pk],
        place=", ".join(filter(None, (officer.get_function_display(), str(officer.authority or "")))),
        is_reset=account.activated_at is not None,
    )
    drawn = draw(None, [letter])
    record("officers.print_letter", account_id=by.pk, object_id=account.pk, **_named(officer))
    return drawn


def _locked(officer: Officer) -> Officer:
    """The officer as of now, and every administrator with them, in one order: two who close each other wait."""
    rows = (
        Officer.objects.select_for_update(of=("self",))
        .select_related("account", "authority")
        .filter(Q(pk=officer.pk) | Q(function=Officer.Function.ADMINISTRATOR))
        .order_by("pk")
    )
    return next(row for row in rows if row.pk == officer.pk)


def _fitting(acting: Acting, function: str, authority: Authority | None) -> Authority | None:
    """The collectivity that goes with a function, where one may give both."""
    if function not in dict(functions_to_give(acting)):
        raise OfficerRefused("Cette fonction n'est pas de celles que vous pouvez donner.")
    if function in ACADEMY_FUNCTIONS:
        return None
    if authority is None:
        if function == Officer.Function.GUEST and acting.sees is None:
            return None
        raise OfficerRefused("Choisissez la collectivité de cette personne.")
    if not authorities_to_staff(acting).filter(pk=authority.pk).exists():
        raise OfficerRefused("Cette collectivité n'est pas la vôtre.")
    return authority


def _within_reach(acting: Acting, officer: Officer) -> None:
    """Refuse to hand over an access that opens more than one's own: whoever holds the code could use it."""
    if acting.sees is None:
        return
    reach = reaches([officer])[officer.pk]
    beyond = {one.pk for one in reach.sees} - set(acting.sees) | {one.pk for one in reach.acts} - set(acting.acts or ())
    if beyond:
        raise OfficerRefused(
            "Cet agent voit ou fait plus que vous, pour une autre collectivité : demandez-le à l'académie."
        )


def _not_oneself(by: Account, officer: Officer, reason: str) -> None:
    if officer.account_id == by.pk:
        raise OfficerRefused(reason)


def _keep_an_administrator(officer: Officer) -> None:
    """Refuse to take away the last administrator who can sign in."""
    if officer.function != Officer.Function.ADMINISTRATOR:
        return
    others = Officer.objects.filter(
        function=Officer.Function.ADMINISTRATOR, closed_at=None, account__activated_at__isnull=False
    ).exclude(pk=officer.pk)
    if not others.exists():
        raise OfficerRefused(
            "C'est le dernier administrateur de la plateforme : personne ne pourrait plus gérer les agents. "
            "Nommez-en d'abord un autre, et attendez qu'il ait activé son compte."
        )


def _welcome(by: Account, officer: Officer, acts: bool) -> None:
    """What a new agent of a collectivity begins with: to see it and, if asked, to act for it."""
    if officer.authority is not None:
        may_act = acts and officer.function != Officer.Function.GUEST
        _set_level(by, officer, officer.authority, "", ACT if may_act else SEE)


def _set_level(by: Account, officer: Officer, authority: Authority, held: str, wanted: str) -> None:
    """From one level to another; who acts also sees."""
    codenames = {"": frozenset(), SEE: frozenset({SEE}), ACT: frozenset({SEE, ACT})}
    for codename in codenames[wanted] - codenames[held]:
        assign_perm(f"tenants.{codename}", officer.account, authority)
    for codename in codenames[held] - codenames[wanted]:
        remove_perm(f"tenants.{codename}", officer.account, authority)
    record(
        "officers.grant", account_id=by.pk, object_id=officer.account_id,
        name=officer.name, of=authority.name, before=LEVELS[held], level=LEVELS[wanted],
    )  # fmt: skip


def _withdraw_all(by: Account, officer: Officer) -> None:
    reach = reaches([officer])[officer.pk]
    for authority in sorted(reach.sees, key=lambda one: one.code):
        _set_level(by, officer, authority, reach.level(authority), "")
    AccountGrant.objects.filter(
        user=officer.account, content_type__app_label="tenants", content_type__model="authority"
    ).delete()


def _named(officer: Officer) -> dict[str, str]:
    return {
        "name": officer.name,
        "function": officer.get_function_display(),
        "authority": officer.authority.name if officer.authority else "",
    }
