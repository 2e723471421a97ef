"""Telling people: one call, in the transaction of what happened; delivered within the hours set."""

from collections.abc import Iterable
from uuid import UUID

from django.core.cache import cache
from django.db import connection, transaction
from django.utils import timezone

from ent.kernel.live import announce
from ent.school.notifications.models import Choice, Delivery, Kind, Notification
from ent.school.notifications.queries import unread_key
from ent.school.notifications.quiet import deliver_after
from ent.school.people.models import Guardianship, Person, Profile
from tenants.configuration.queries import effective

Way = Delivery.Way
# What is sent out of the ENT where a person has not chosen: only what families must know at once.
BY_EMAIL = {Kind.ABSENCE, Kind.ANSWER, Kind.CONDUCT, Kind.NOTE}
BY_SMS = {Kind.ABSENCE}


def tell(
    people: Iterable[Person | UUID],
    kind: Kind,
    title: str,
    *,
    text: str = "",
    path: str = "",
    pupil: Person | UUID | None = None,
    is_urgent: bool = False,
) -> list[Notification]:
    """Tell people of something (`path`: the page where it stands), each once, outside quiet hours unless urgent.

    Four queries, however many people.
    """
    ids: set[UUID] = {getattr(person, "pk", person) for person in people}  # type: ignore[misc]
    if not ids:
        return []
    now = timezone.now()
    after = now if is_urgent else deliver_after(now, effective(connection.tenant)["quiet_hours"].value)
    told = Notification.objects.bulk_create(
        Notification(
            person_id=person, kind=kind, title=title[:160], text=text[:400], path=path,
            pupil_id=getattr(pupil, "pk", pupil), is_urgent=is_urgent, deliver_after=after,
        )
        for person in sorted(ids)
    )  # fmt: skip
    _send_out(told, kind)
    for person in ids:
        announce(f"person.{person}")
    transaction.on_commit(lambda: cache.delete_many([unread_key(person) for person in ids]))
    return told


def _send_out(told: list[Notification], kind: Kind) -> None:
    """Put each on its ways out, as the person chose or as families need."""
    ids = [one.person_id for one in told]
    chosen = {one.person_id: one for one in Choice.objects.filter(person__in=ids, kind=kind)}
    families = set(Person.objects.filter(pk__in=ids, profile=Profile.RELATIVE).values_list("pk", flat=True))
    made = []
    for one in told:
        choice = chosen.get(one.person_id)
        by_default = one.person_id in families
        if choice.by_email if choice else by_default and kind in BY_EMAIL:
            made.append(Delivery(notification=one, way=Way.EMAIL, deliver_after=one.deliver_after))
        if choice.by_sms if choice else by_default and kind in BY_SMS:
            made.append(Delivery(notification=one, way=Way.SMS, deliver_after=one.deliver_after))
    Delivery.objects.bulk_create(made)


def guardians_of(pupils: Iterable[Person | UUID]):
    """(guardian, pupil) ids of those with legal authority, not kept away, of pupils who are here."""
    ids = [getattr(pupil, "pk", pupil) for pupil in pupils]
    return Guardianship.objects.filter(
        pupil__in=ids, legal_rank__gt=0, is_restricted=False, closed_at=None, pupil__closed_at=None,
        relative__closed_at=None,
    ).values_list("relative", "pupil")  # fmt: skip


def read(person: UUID, notification: Notification | None = None) -> None:
    """One, or all of a person's, are read."""
    mine = Notification.objects.filter(person=person, read_at=None)
    if notification:
        mine = mine.filter(pk=notification.pk)
    mine.update(read_at=timezone.now())
    cache.delete(unread_key(person))
    announce(f"person.{person}")


def choose(person: UUID, kind: str, *, by_email: bool, by_sms: bool) -> None:
    """How a person wants to be told of a kind of thing."""
    Choice.objects.update_or_create(person_id=person, kind=kind, defaults={"by_email": by_email, "by_sms": by_sms})
