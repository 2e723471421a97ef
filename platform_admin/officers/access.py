"""Rights in the console, and which schools each officer sees and acts on."""

from django.db.models import QuerySet

from ent.kernel.access import Acting, Role, Scope, relation, right
from platform_admin.officers.models import Officer
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
right("console.read_journal", "Lire le journal de la plateforme", {Role.ACADEMY_ADMIN: Scope.ACADEMY})

# What is granted on a collectivity: to see its schools, to act for them.
SEE, ACT = "see_authority", "act_for_authority"
LEVELS = {"": "Rien", SEE: "Voir", ACT: "Voir et agir"}
ACADEMY_FUNCTIONS = (Officer.Function.ADMINISTRATOR, Officer.Function.PILOT)
# What a collectivity's manager answers for: those who work with them, not other managers nor themselves.
MANAGED = (Officer.Function.OFFICER, Officer.Function.GUEST)


def seen_schools(acting: Acting) -> QuerySet[School]:
    """The schools an officer sees: what every list, count and page of the console starts from."""
    if acting.sees is None:
        return School.objects.all()
    return School.objects.filter(authority__in=acting.sees)


def seen_authorities(acting: Acting) -> QuerySet[Authority]:
    """The collectivities an officer sees."""
    if acting.sees is None:
        return Authority.objects.all()
    return Authority.objects.filter(pk__in=acting.sees)


def seen_officers(acting: Acting) -> QuerySet[Officer]:
    """The agents of one's own collectivity; all of them for the academy's."""
    if acting.sees is None:
        return Officer.objects.all()
    # A guest of no collectivity has no colleagues.
    return Officer.objects.filter(authority=acting.authority) if acting.authority else Officer.objects.none()


@relation(Officer, Scope.GRANTED_AUTHORITIES)
def is_managed(acting: Acting, officer: Officer) -> bool:
    """An agent or a guest of the manager's own collectivity."""
    return officer.authority_id is not None and officer.authority_id == acting.authority and officer.function in MANAGED


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
