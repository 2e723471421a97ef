"""Things people are told, each in one line."""

from ent.school.notifications.models import Delivery, Kind, Notification
from ent.school.people.models import Person


def notification(person: Person, title: str = "La séance est déplacée", **values) -> Notification:
    """Something a person was told, not read yet."""
    return Notification.objects.create(person=person, title=title, **{"kind": Kind.TIMETABLE} | values)


def failure(person: Person, problem: str = "Adresse refusée.", **values) -> Delivery:
    """An e-mail that could not leave."""
    told = notification(person)
    return Delivery.objects.create(
        notification=told, deliver_after=told.created_at, problem=problem,
        **{"way": Delivery.Way.EMAIL, "state": Delivery.State.FAILED} | values,
    )  # fmt: skip
