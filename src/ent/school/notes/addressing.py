"""Whom a note goes to: the pupils of its classes and groups, and who answers for each."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet

from ent.school.notes.models import Note
from ent.school.notifications.actions import guardians_of
from ent.school.people.models import Person, Profile
from ent.school.people.queries import age
from ent.school.structure.models import Enrolment, GroupEnrolment

ADULT = 18


def pupils_addressed(note: Note) -> QuerySet[Person]:
    """The pupils of the note's classes and groups today, and those named, by name."""
    rows = note.audiences.all()
    enrolled = Enrolment.objects.filter(division__in=rows.values("division"), closed_at=None)
    grouped = GroupEnrolment.objects.filter(group__in=rows.values("group"), closed_at=None)
    addressed = Q(pk__in=enrolled.values("pupil")) | Q(pk__in=grouped.values("pupil")) | Q(pk__in=rows.values("pupil"))
    return Person.objects.filter(addressed, profile=Profile.PUPIL, closed_at=None).order_by("sort_key", "pk")


@dataclass(frozen=True)
class Addressed:
    """The pupils, and per pupil who answers."""

    pupils: list[Person]
    signers: dict[UUID, list[UUID]]

    @property
    def people(self) -> set[UUID]:
        """Everybody who is asked."""
        return {person for those in self.signers.values() for person in those}

    @property
    def without_anyone(self) -> list[Person]:
        """The pupils for whom nobody can answer."""
        return [one for one in self.pupils if not self.signers.get(one.pk)]

    @property
    def pairs(self) -> set[tuple[UUID, UUID | None]]:
        """(pupil, who answers); nobody where nobody can."""
        found: set[tuple[UUID, UUID | None]] = {(one.pk, None) for one in self.without_anyone}
        return found | {(pupil, person) for pupil, those in self.signers.items() for person in those}


def addressed(note: Note) -> Addressed:
    """The pupils and who answers for each today. Two queries."""
    pupils = list(pupils_addressed(note))
    signers: dict[UUID, list[UUID]] = {}
    if note.asks_adults:
        signers = {one.pk: [one.pk] for one in pupils if (age(one) or 0) >= ADULT}
    minors = [one.pk for one in pupils if one.pk not in signers]
    for guardian, pupil in guardians_of(minors):
        signers.setdefault(pupil, []).append(guardian)
    return Addressed(pupils, signers)
