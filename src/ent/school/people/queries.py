"""Reads of people, cut to what the asker may see."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils import timezone

from ent.kernel.access import Scope, acting_as, reach
from ent.kernel.text import folded
from ent.school.people.access import with_authority
from ent.school.people.models import Guardianship, Person, Profile
from ent.school.structure.access import taught_pupils, tutored_pupils


def visible_people(user) -> QuerySet[Person]:
    """The people a user may open the page of: the list form of `people.view_person`."""
    acting, scopes = acting_as(user), reach(user, "people.view_person")
    people = Person.objects.filter(closed_at=None)
    if Scope.SCHOOL in scopes:
        return people
    seen = Q(pk=acting.person_id) if scopes else Q(pk=None)
    if Scope.OWN in scopes and acting.profile == Profile.RELATIVE:
        seen |= Q(pk__in=with_authority(acting).values("pupil"))
    for scope, pupils in ((Scope.TAUGHT, taught_pupils), (Scope.CLASS, tutored_pupils)):
        if scope in scopes:
            near = list(pupils(acting).values_list("pupil", flat=True))
            relatives = Guardianship.objects.filter(pupil__in=near, closed_at=None).values("relative")
            seen |= Q(pk__in=near) | Q(pk__in=relatives)
    if Scope.TAUGHT in scopes:
        seen |= Q(profile=Profile.STAFF)
    return people.filter(seen)


def search(people: QuerySet[Person], words: str, profile: str = "") -> QuerySet[Person]:
    """People whose name holds every word typed, whatever accents and capitals."""
    for word in folded(words).split():
        people = people.filter(sort_key__contains=word)
    if profile in Profile.values:
        people = people.filter(profile=profile)
    return people.order_by("sort_key").prefetch_related("enrolments__division", "functions")


@dataclass(frozen=True)
class Relative:
    """A relative as one asker may see them: the address and phones are None where they are not for them."""

    person: Person
    link: Guardianship
    sees_contact: bool


def relatives_of(pupil: Person, user) -> list[Relative]:
    """Who is tied to a pupil. Two homes never see each other's address unless the directory says it may be shown."""
    acting = acting_as(user)
    links = Guardianship.objects.filter(pupil=pupil, closed_at=None).select_related("relative")
    staff = acting.profile == Profile.STAFF and user.has_perm("people.view_contact", pupil)

    def sees_contact(link: Guardianship) -> bool:
        return staff or link.relative_id == acting.person_id or (
            acting.profile == Profile.RELATIVE and link.relative.address_is_shared
        )  # fmt: skip

    return [
        Relative(link.relative, link, sees_contact(link))
        for link in links
        if staff or acting.profile == Profile.STAFF or link.legal_rank > 0 or link.relative_id == acting.person_id
    ]


def age(person: Person) -> int | None:
    """Whole years today."""
    if person.birth_date is None:
        return None
    today, born = timezone.localdate(), person.birth_date
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def photo_bytes() -> int:
    """What the photos of the school take on disk."""
    photos = [person.photo for person in Person.objects.exclude(photo="").only("photo").iterator()]
    return sum(photo.size for photo in photos if photo.storage.exists(photo.name))
