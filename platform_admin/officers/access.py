"""Rights in the console, and which schools each officer sees and acts on."""

from django.db.models import QuerySet

from ent.kernel.access import Acting, Role, Scope, relation, right
from tenants.models import Authority, School

ACADEMY = (Role.ACADEMY_ADMIN, Role.ACADEMY_PILOT)
SEES = dict.fromkeys(ACADEMY, Scope.ACADEMY) | dict.fromkeys(
    (Role.MANAGER, Role.OFFICER, Role.GUEST), Scope.SEEN_AUTHORITIES
)
ACTS = dict.fromkeys(ACADEMY, Scope.ACADEMY) | dict.fromkeys(
    (Role.MANAGER, Role.OFFICER), Scope.GRANTED_AUTHORITIES
)  # fmt: skip

right("console.view", "Consulter la console", SEES)
right(
    "console.manage_officers",
    "Gérer les agents",
    {Role.ACADEMY_ADMIN: Scope.ACADEMY, Role.MANAGER: Scope.GRANTED_AUTHORITIES},
)


def seen_schools(acting: Acting) -> QuerySet[School]:
    """The schools an officer sees: what every list, count and page of the console starts from."""
    if acting.sees is None:
        return School.objects.all()
    return School.objects.filter(authority__in=acting.sees)


def acted_schools(acting: Acting) -> QuerySet[School]:
    """The schools an officer may act for."""
    return School.objects.all() if acting.acts is None else School.objects.filter(authority__in=acting.acts)


def seen_authorities(acting: Acting) -> QuerySet[Authority]:
    """The collectivities an officer sees."""
    if acting.sees is None:
        return Authority.objects.all()
    return Authority.objects.filter(pk__in=acting.sees)


def _authority_of(obj: School | Authority) -> int | None:
    return obj.pk if isinstance(obj, Authority) else obj.authority_id


for _model in (School, Authority):

    @relation(_model, Scope.SEEN_AUTHORITIES)
    def is_seen(acting: Acting, obj: School | Authority) -> bool:
        """It is, or belongs to, a collectivity the officer sees."""
        return acting.sees is None or _authority_of(obj) in acting.sees

    @relation(_model, Scope.GRANTED_AUTHORITIES)
    def is_granted(acting: Acting, obj: School | Authority) -> bool:
        """It is, or belongs to, a collectivity for which acting was granted."""
        return acting.acts is None or _authority_of(obj) in acting.acts
