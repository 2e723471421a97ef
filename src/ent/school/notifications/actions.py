"""Telling people: one call, in the transaction of what happened."""

from collections.abc import Iterable
from uuid import UUID

from django.utils import timezone

from ent.kernel.live import announce
from ent.school.notifications.models import Kind, Notification
from ent.school.people.models import Guardianship, Person


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
    """Tell people of something (`path`: the page where it stands), each once, in their own time."""
    ids = {getattr(person, "pk", person) for person in people}
    now = timezone.now()
    told = Notification.objects.bulk_create(
        Notification(
            person_id=person, kind=kind, title=title[:160], text=text[:400], path=path,
            pupil_id=getattr(pupil, "pk", pupil), is_urgent=is_urgent, deliver_after=now,
        )
        for person in ids
    )  # fmt: skip
    for person in ids:
        announce(f"person.{person}")
    return told


def guardians_of(pupils: Iterable[Person | UUID]):
    """(guardian, pupil) ids of those with legal authority, not kept away, of pupils who are here."""
    ids = [getattr(pupil, "pk", pupil) for pupil in pupils]
    return Guardianship.objects.filter(
        pupil__in=ids, legal_rank__gt=0, is_restricted=False, closed_at=None, pupil__closed_at=None,
        relative__closed_at=None,
    ).values_list("relative", "pupil")  # fmt: skip
