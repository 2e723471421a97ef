"""Rights over announcements and requests for help."""

from django.db.models import Q, QuerySet

from ent.kernel.access import Acting, Role, Scope, relation, right
from platform_admin.officers.access import ACADEMY, ACTS, SEES, acted_schools, seen_schools
from tenants.liaison.models import Announcement, SupportRequest

# Guests read what is announced; what a school asks is between it and those who may help.
READS_REQUESTS = dict.fromkeys(ACADEMY, Scope.ACADEMY) | dict.fromkeys(
    (Role.MANAGER, Role.OFFICER), Scope.SEEN_AUTHORITIES
)

right("announcements.view", "Voir les annonces", SEES)
right("announcements.publish", "Publier une annonce", ACTS)
right("support.view", "Voir les demandes d'assistance", READS_REQUESTS)
right("support.answer", "Répondre aux demandes d'assistance", ACTS)


def seen_announcements(acting: Acting) -> QuerySet[Announcement]:
    """What an officer's collectivities announce, and what is announced to their schools."""
    if acting.sees is None:
        return Announcement.objects.all()
    theirs = Q(authority__in=acting.sees) | Q(pk__in=_announced_to(acting))
    return Announcement.objects.filter(theirs)


def _announced_to(acting: Acting) -> QuerySet:
    return Announcement.schools.through.objects.filter(school__in=seen_schools(acting)).values("announcement")


@relation(Announcement, Scope.SEEN_AUTHORITIES)
def concerns_them(acting: Acting, announcement: Announcement) -> bool:
    """It is theirs, or for one of their schools."""
    return seen_announcements(acting).filter(pk=announcement.pk).exists()


@relation(Announcement, Scope.GRANTED_AUTHORITIES)
def speaks_for_them(acting: Acting, announcement: Announcement) -> bool:
    """It is made in the name of a collectivity they act for: never the academy's."""
    return announcement.authority_id is not None and announcement.authority_id in (acting.acts or ())


def seen_requests(acting: Acting) -> QuerySet[SupportRequest]:
    """The requests of the schools an officer sees."""
    found = SupportRequest.objects.select_related("school__authority")
    return found if acting.sees is None else found.filter(school__in=seen_schools(acting))


def answerable_requests(acting: Acting) -> QuerySet[SupportRequest]:
    """The requests an officer may answer."""
    return SupportRequest.objects.filter(school__in=acted_schools(acting))


@relation(SupportRequest, Scope.SEEN_AUTHORITIES)
def is_of_a_seen_school(acting: Acting, asked: SupportRequest) -> bool:
    """It comes from a school they see."""
    return acting.sees is None or asked.school.authority_id in acting.sees


@relation(SupportRequest, Scope.GRANTED_AUTHORITIES)
def is_of_a_granted_school(acting: Acting, asked: SupportRequest) -> bool:
    """It comes from a school they act for."""
    return acting.acts is None or asked.school.authority_id in acting.acts
