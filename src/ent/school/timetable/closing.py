"""Rooms, equipment, lines of the grid used no more: removed, or closed from a day on where they were used."""

from dataclasses import dataclass
from datetime import date, time
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from ent.kernel.refused import Refused
from ent.school.timetable import weekly
from ent.school.timetable.generating import at
from ent.school.timetable.models import NameMatch, RecurringLesson, Room, RoomUse, Session, TimeSlot
from ent.school.timetable.week import current_year

SHOWN = 30


@dataclass(frozen=True)
class Uses:
    """What still uses a room or a line of the grid."""

    is_used: bool
    lessons: list[RecurringLesson]
    # Sessions besides the weekly lessons, and bookings, to come.
    sessions: list[Session]
    bookings: list[RoomUse]

    @property
    def is_empty(self) -> bool:
        return not (self.lessons or self.sessions or self.bookings)


def _still(lessons):
    return lessons.exclude(ends_on__lt=timezone.localdate())


def uses_of_room(room: Room) -> Uses:
    """What uses a room from today on, and whether anything ever did. Few queries, whatever uses it."""
    lessons = list(_still(weekly.narrowed(weekly.listed(current_year()), room=room.pk)))
    ahead = room.uses.filter(day__gte=timezone.localdate())
    apart = Session.objects.filter(
        Q(lesson=None) | Q(is_changed=True), pk__in=ahead.values("session"), state=Session.State.PLANNED
    )
    bookings = ahead.filter(session=None).select_related("booked_by").order_by("during")
    sessions = list(apart.select_related("subject").order_by("starts_at")[:SHOWN])
    return Uses(_is_referred_to(room), lessons, sessions, list(bookings[:SHOWN]))


def _is_referred_to(room: Room) -> bool:
    """Something points to it, in whatever module."""
    fields: Any = Room._meta.get_fields(include_hidden=True)
    return any(
        one.related_model.objects.filter(**{one.field.name: room}).exists()
        for one in fields
        if one.auto_created and one.one_to_many
    )


def uses_of_slot(slot: TimeSlot) -> Uses:
    """The weekly lessons held at the hours of a line of the grid. Two queries."""
    lessons = weekly.listed(current_year()).filter(starts_at__lt=slot.ends_at, ends_at__gt=slot.starts_at)
    found = list(_still(lessons))
    return Uses(bool(found), found, [], [])


@transaction.atomic
def remove(thing: Room | TimeSlot) -> None:
    """Remove what nothing uses; `Refused` otherwise."""
    uses = uses_of_room(thing) if isinstance(thing, Room) else uses_of_slot(thing)
    if uses.is_used:
        raise Refused("Des cours s'en servent, ou s'en sont servis : fermez plutôt à partir d'une date.")
    if isinstance(thing, Room):
        NameMatch.objects.filter(kind=NameMatch.Kind.ROOM, object_id=thing.pk).delete()
    thing.delete()


def close(thing: Room | TimeSlot, day: date) -> None:
    """From a day on it is offered no more; what was stays readable."""
    thing.closed_at = at(day, time.min)
    thing.save(update_fields=["closed_at"])


def reopen(thing: Room | TimeSlot) -> None:
    """It is offered again; `Refused` where another line of the grid took its place."""
    if isinstance(thing, TimeSlot):
        others = TimeSlot.objects.filter(closed_at=None).exclude(pk=thing.pk)
        met = others.filter(Q(label=thing.label) | Q(starts_at__lt=thing.ends_at, ends_at__gt=thing.starts_at)).first()
        if met:
            raise Refused(f"Le créneau « {met.label} » a pris sa place : fermez-le d'abord.")
    thing.closed_at = None
    thing.save(update_fields=["closed_at"])
