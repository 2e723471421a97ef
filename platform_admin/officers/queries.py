"""What the pages about agents show."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Exists, OuterRef, Q, QuerySet
from django_otp.plugins.otp_totp.models import TOTPDevice

from ent.kernel.access import Acting
from ent.kernel.grants.models import AccountGrant
from platform_admin.officers.access import ACADEMY_FUNCTIONS, ACT, MANAGED, SEE, seen_authorities, seen_officers
from platform_admin.officers.models import Officer
from tenants.models import Authority


@dataclass
class Reach:
    """The collectivities granted to an officer."""

    sees: set[Authority] = field(default_factory=set)
    acts: set[Authority] = field(default_factory=set)

    def level(self, authority: Authority) -> str:
        """`act`, `see` or nothing."""
        return ACT if authority in self.acts else SEE if authority in self.sees else ""


def officers(acting: Acting, words: str = "", authority: str = "", state: str = "") -> QuerySet[Officer]:
    """The agents one sees, with whether they have a second factor; those who left only when asked for."""
    device = TOTPDevice.objects.filter(user=OuterRef("account"), confirmed=True)
    found = seen_officers(acting).select_related("account", "authority").annotate(is_enrolled=Exists(device))
    if words:
        found = found.filter(Q(name__icontains=words) | Q(account__sign_in_name__icontains=words))
    if authority:
        found = found.filter(authority__code=authority) if authority != "academy" else found.filter(authority=None)
    return found.filter(closed_at__isnull=state != "closed")


def reaches(officers: Iterable[Officer]) -> dict[int, Reach]:
    """What each officer was granted, by their primary key, in two queries."""
    of_account = {officer.account_id: officer.pk for officer in officers}
    found = {pk: Reach() for pk in of_account.values()}
    grants = AccountGrant.objects.filter(
        user__in=of_account, content_type__app_label="tenants", content_type__model="authority"
    ).values_list("user_id", "permission__codename", "object_pk")
    rows = [(of_account[user], codename, int(pk)) for user, codename, pk in grants]
    known = Authority.objects.in_bulk({pk for _, _, pk in rows})
    for officer, codename, pk in rows:
        if pk in known:
            found[officer].sees.add(known[pk])
            if codename == ACT:
                found[officer].acts.add(known[pk])
    return found


OPEN, CLOSED = "ouvert", "fermé"


def state_of(officer: Officer, *, is_enrolled: bool) -> str:
    """How far an agent's access is, in words."""
    if officer.closed_at:
        return CLOSED
    if not officer.account.activated_at:
        return "attend sa lettre"
    return OPEN if is_enrolled else "sans appareil"


def names_seen(officer: Officer, reach: Reach) -> str:
    """« Cantal, Allier », or all of the academy."""
    return _names(officer, reach.sees)


def names_acted(officer: Officer, reach: Reach) -> str:
    """The same of what an agent acts for."""
    return _names(officer, reach.acts)


def _names(officer: Officer, authorities: Iterable[Authority]) -> str:
    if officer.function in ACADEMY_FUNCTIONS:
        return "toute l’académie"
    return ", ".join(one.name for one in sorted(authorities, key=lambda one: one.code)) or "rien"


def functions_to_give(acting: Acting) -> list[tuple[str, str]]:
    """The functions one may give: all of them for the academy, those one answers for otherwise."""
    mine = Officer.Function.values if acting.sees is None else MANAGED
    return [(value, label) for value, label in Officer.Function.choices if value in mine]


def authorities_to_staff(acting: Acting) -> QuerySet[Authority]:
    """The collectivities one may place an agent in; the rectorat's belong to the academy itself."""
    found = Authority.objects.exclude(kind=Authority.Kind.ACADEMY)
    return found if acting.sees is None else found.filter(pk=acting.authority)


def levels_to_give(acting: Acting, officer: Officer, held: Reach) -> list[tuple[Authority, list[str]]]:
    """Per collectivity, what one may give an officer: never more than one holds, nothing to act with for a guest.

    Where the officer holds more than oneself, the collectivity is not one's to change.
    """
    if officer.function in ACADEMY_FUNCTIONS:
        return []
    found = []
    for authority in seen_authorities(acting).exclude(kind=Authority.Kind.ACADEMY):
        may_act = acting.acts is None or authority.pk in acting.acts
        if held.level(authority) == ACT and not may_act:
            continue
        levels = ["", SEE, ACT] if may_act and officer.function != Officer.Function.GUEST else ["", SEE]
        found.append((authority, levels))
    return found
