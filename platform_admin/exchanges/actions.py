"""Announcements: whom they are for, published, changed, withdrawn."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from ent.kernel.audit.models import record
from tenants.liaison.models import Announcement
from tenants.liaison.notices import forget_notices
from tenants.models import Authority, School

# What narrows an audience, and where a school has it.
NARROWS = {"authorities": "authority__code", "kinds": "kind", "waves": "deployment__wave__number"}
# Nobody reads there any more.
LEFT = (School.State.CLOSED, School.State.ARCHIVED)


def reached(authority: Authority | None, audience: dict) -> QuerySet[School]:
    """The schools of an audience: collectivities, kinds and waves narrow each other, named schools are added.

    An empty audience is everyone its author speaks to; a collectivity speaks to its own schools only.
    """
    schools = School.objects.exclude(state__in=LEFT)
    if authority is not None:
        schools = schools.filter(authority=authority)
    narrowed = Q()
    for choice, lookup in NARROWS.items():
        if audience.get(choice):
            narrowed &= Q(**{f"{lookup}__in": audience[choice]})
    if audience.get("schools"):
        named = Q(uai__in=audience["schools"])
        narrowed = narrowed | named if narrowed else named
    return schools.filter(narrowed).order_by("name", "uai")


@transaction.atomic
def publish(announcement: Announcement, *, account_id: UUID) -> None:
    """Keep an announcement, new or changed, and address it to the schools of its audience as of now."""
    is_new = announcement._state.adding
    before = set() if is_new else set(announcement.schools.values_list("pk", flat=True))
    announcement.save()
    schools = set(reached(announcement.authority, announcement.audience).values_list("pk", flat=True))
    announcement.schools.set(schools)
    action = "announcements.publish" if is_new else "announcements.change"
    record(action, account_id=account_id, object_id=announcement.pk, title=announcement.title, schools=len(schools))
    forget_notices(*before | schools)


@transaction.atomic
def withdraw(announcement: Announcement, *, account_id: UUID) -> None:
    """Take it off schools' pages; withdrawn twice it is withdrawn once."""
    done = Announcement.objects.filter(pk=announcement.pk, withdrawn_at=None).update(withdrawn_at=timezone.now())
    if done:
        record("announcements.withdraw", account_id=account_id, object_id=announcement.pk, title=announcement.title)
        forget_notices(*announcement.schools.values_list("pk", flat=True))


@transaction.atomic
def readdress(schools: Iterable[int]) -> None:
    """Address to schools (by primary key) whose wave changed what is announced to waves, and no longer what is not."""
    schools = set(schools)
    alive = Announcement.objects.filter(withdrawn_at=None, shown_until__gt=timezone.now())
    for announcement in alive.filter(audience__has_key="waves").exclude(audience__waves=[]).select_related("authority"):
        addressed = set(
            reached(announcement.authority, announcement.audience).filter(pk__in=schools).values_list("pk", flat=True)
        )
        announcement.schools.remove(*schools - addressed)
        announcement.schools.add(*addressed)
    forget_notices(*schools)
