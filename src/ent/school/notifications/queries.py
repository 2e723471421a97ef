"""What a person was told."""

from uuid import UUID

from django.core.cache import cache
from django.utils import timezone

from ent.school.notifications.models import Choice, Delivery, Kind, Notification

KEPT_SECONDS = 30


def told_to(person: UUID):
    """What a person was told and may see by now, the latest first."""
    return Notification.objects.filter(person=person, deliver_after__lte=timezone.now()).order_by("-created_at")


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


def choices_of(person: UUID, defaults) -> list[tuple[Kind, bool, bool]]:
    """(kind, by e-mail, by SMS) of each kind, as chosen or by default. One query."""
    chosen = {one.kind: one for one in Choice.objects.filter(person=person)}
    found = []
    for kind in Kind:
        one = chosen.get(kind)
        found.append((kind, one.by_email, one.by_sms) if one else (kind, *defaults(kind)))
    return found


def failures():
    """What could not reach people, the latest first."""
    lost = Delivery.objects.filter(state__in=(Delivery.State.FAILED, Delivery.State.NO_ADDRESS))
    return lost.select_related("notification__person", "notification__pupil").order_by("-notification__created_at")
