"""Who an account is on the platform's host: an officer, or someone passing through to a school."""

from django.urls import reverse

from ent.kernel.access import Acting
from ent.kernel.grants.models import AccountGrant
from platform_admin.officers import second_factor
from platform_admin.officers.models import Officer


def resolve(account, school, chosen: str | None) -> Acting:
    """The officer behind an account and what was granted to them; nobody where there is none. Two queries.

    The one place where the second factor is asked for: an officer without it holds no role, hence no right, whether
    on a page, in the API or after passing from a school.
    """
    officer = Officer.objects.filter(account=account, closed_at=None).first()
    if officer is None:
        return Acting()
    if not second_factor.is_proven(account):
        return Acting(profile="officer", must_prove=reverse("officers:prove"))
    of_academy = officer.authority_id is None and officer.function != Officer.Function.GUEST
    grants = [] if of_academy else list(
        AccountGrant.objects.filter(
            user=account, content_type__app_label="tenants", content_type__model="authority"
        ).values_list("permission__codename", "object_pk")
    )  # fmt: skip
    acts = frozenset(int(pk) for codename, pk in grants if codename == "act_for_authority")
    sees = frozenset(int(pk) for codename, pk in grants if codename == "see_authority") | acts
    return Acting(
        name=officer.name,
        initials="".join(part[0] for part in officer.name.split()[:2]).upper(),
        profile="officer",
        roles=frozenset({officer.function}),
        sees=None if of_academy else sees,
        acts=None if of_academy else acts,
        authority=officer.authority_id,
    )
