"""What the console shows: counts only, never a name of a person."""

from django.db.models import Count, Q, QuerySet

from ent.accounts.models import Membership
from tenants.models import Authority, School


def authorities() -> QuerySet[Authority]:
    """Authorities with how many of their schools are in each state."""
    return Authority.objects.annotate(
        total=Count("schools"),
        with_space=Count("schools", filter=Q(schools__revision__isnull=False)),
        opened=Count("schools", filter=Q(schools__state=School.State.OPEN)),
    )


def schools(words: str = "", authority: str = "", state: str = "") -> QuerySet[School]:
    """Schools by name, filtered."""
    found = School.objects.select_related("authority")
    if words:
        found = found.filter(Q(name__icontains=words) | Q(town__icontains=words) | Q(uai__iexact=words))
    if authority:
        found = found.filter(authority__code=authority)
    if state in School.State.values:
        found = found.filter(state=state)
    return found


def accounts_of(school: School) -> dict[str, int]:
    """Accounts of a school: all, and activated."""
    return Membership.objects.filter(school=school, closed_at=None).aggregate(
        total=Count("pk"), active=Count("pk", filter=Q(account__activated_at__isnull=False))
    )
