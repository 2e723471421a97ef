"""What a person was told, and what could not leave."""

from datetime import timedelta
from uuid import UUID

from django.core.cache import cache
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from ent.school.notifications.models import Delivery, Notification
from ent.school.people.access import parental_ties
from ent.school.people.models import Profile

KEPT_SECONDS = 30
# What could not reach someone.
LOST = (Delivery.State.FAILED, Delivery.State.NO_ADDRESS)
URGENT_DAYS = 30


def told_to(person: UUID) -> QuerySet[Notification]:
    """What a person may read by now, the latest first: nothing more of a child they have no authority over any more."""
    tie = parental_ties().filter(relative=OuterRef("person"))
    concerns = (
        ~Q(person__profile=Profile.RELATIVE)
        | Exists(tie.filter(pupil=OuterRef("pupil")))
        # What is about several children, or about none: while there is a child here to hear of.
        | Q(Exists(tie), pupil=None)
    )
    shown = Notification.objects.filter(concerns, person=person, deliver_after__lte=timezone.now())
    return shown.order_by("-created_at")


def unread_key(person: UUID) -> str:
    """Where the count is kept."""
    return f"unread:{person}"


def unread(person: UUID) -> int:
    """How many are not read, as of the last half minute: no query on most pages."""
    key = unread_key(person)
    known = cache.get(key)
    if known is None:
        known = told_to(person).filter(read_at=None).count()
        cache.set(key, known, KEPT_SECONDS)
    return known


def failures() -> QuerySet[Delivery]:
    """What could not reach people, the latest first."""
    lost = Delivery.objects.filter(state__in=LOST)
    return lost.select_related("notification__person", "notification__pupil").order_by("-deliver_after", "pk")


def urgent() -> list[tuple[str, int]]:
    """(why, to how many people) of what was urgent these last days: one query."""
    since = timezone.now() - timedelta(days=URGENT_DAYS)
    found = Notification.objects.filter(is_urgent=True, created_at__gt=since).order_by()
    counted = found.values("urgent_because").annotate(n=Count("pk")).order_by("-n", "urgent_because")
    return list(counted.values_list("urgent_because", "n")[:20])
