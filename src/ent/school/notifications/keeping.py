"""What is kept of what people were told, and for how long; and the weekly summary that families are sent."""

from datetime import timedelta

from django.utils import timezone

from ent.kernel import locks
from ent.kernel.holidays import return_from
from ent.school.notifications.actions import holiday_zone, tell, with_legal_authority
from ent.school.notifications.models import Kind, Notification

# What was read is of no use for long; what nobody read may still be asked about within the school year.
READ_DAYS, UNREAD_DAYS = 90, 300
BATCH = 2000
PEOPLE = 500


def forget_old() -> int:
    """Delete what was kept long enough, with its deliveries; returns how many."""
    now, gone = timezone.now(), 0
    old = Notification.objects.filter(created_at__lt=now - timedelta(days=UNREAD_DAYS))
    old |= Notification.objects.filter(created_at__lt=now - timedelta(days=READ_DAYS), read_at__isnull=False)
    while ids := list(old.order_by().values_list("pk", flat=True)[:BATCH]):
        Notification.objects.filter(pk__in=ids).delete()
        gone += len(ids)
    return gone


def summarise() -> int:
    """Tell each parent of the week to come, once a week, signed in ever or never; returns how many.

    Done again within the week it tells those alone who were not told yet; before a week of holidays, nobody.
    """
    zone, today = holiday_zone(), timezone.localdate()
    week = [today + timedelta(days=more) for more in range(1, 8)]
    if all(return_from(day, zone)[1] for day in week if day.isoweekday() < 6):
        return 0
    with locks.held("notifications.summarising") as ours:
        if not ours:
            return 0
        since = timezone.now() - timedelta(days=5)
        told = Notification.objects.filter(kind=Kind.SUMMARY, created_at__gt=since).values("person")
        people = with_legal_authority().exclude(relative__in=told).order_by().values_list("relative", flat=True)
        found = sorted(set(people))
        for start in range(0, len(found), PEOPLE):
            tell(found[start : start + PEOPLE], Kind.SUMMARY, "La semaine à venir", path="/notifications/week/")
        return len(found)
