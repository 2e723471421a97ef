"""Reads of people, cut to what the asker may see."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePath
from uuid import UUID

from django.db.models import Case, Exists, IntegerField, OuterRef, Prefetch, Q, QuerySet, When
from django.urls import reverse
from django.utils import timezone

from ent.kernel.access import Scope, acting_as, reach
from ent.kernel.text import folded
from ent.school.people.access import with_authority
from ent.school.people.models import Function, Guardianship, Person, Profile, StaffFunction
from ent.school.structure.access import taught_pupils, tutored_pupils
from ent.school.structure.queries import current_enrolments


def visible_people(user, right: str = "people.view_person") -> QuerySet[Person]:
    """The people a user holds a right over: its list form. Unless said otherwise, those whose page they may open."""
    acting, scopes = acting_as(user), reach(user, right)
    people = Person.objects.filter(closed_at=None)
    if Scope.SCHOOL in scopes:
        return people
    seen = Q(pk=acting.person_id) if scopes else Q(pk=None)
    if Scope.OWN in scopes and acting.profile == Profile.RELATIVE:
        seen |= Q(pk__in=with_authority(acting).values("pupil"))
    for scope, pupils in ((Scope.TAUGHT, taught_pupils), (Scope.CLASS, tutored_pupils)):
        if scope in scopes:
            near = pupils(acting)
            relatives = Guardianship.objects.filter(pupil__in=near, closed_at=None).values("relative")
            seen |= Q(pk__in=near) | Q(pk__in=relatives)
    if scopes & {Scope.TAUGHT, Scope.COLLEAGUES}:
        seen |= Q(profile=Profile.STAFF)
    return people.filter(seen)


def teachers() -> QuerySet[Person]:
    """Teachers of the school today, by name."""
    here = Person.objects.filter(profile=Profile.STAFF, closed_at=None)
    return here.filter(functions__function=Function.TEACHER, functions__closed_at=None).distinct()


def search(people: QuerySet[Person], words: str, profile: str = "") -> QuerySet[Person]:
    """People whose name holds every word typed, accents and capitals aside; names that begin so first, then pupils."""
    typed = folded(words).split()
    begins = Q()
    for word in typed:
        people = people.filter(sort_key__contains=word)
        begins &= Q(sort_key__regex=rf"(^|[^a-z0-9]){re.escape(word)}")
    if profile in Profile.values:
        people = people.filter(profile=profile)
    if typed:
        by_last_name = Q(sort_key__startswith=typed[0])
        people = people.annotate(
            rank=Case(When(begins & by_last_name, then=0), When(begins, then=1), default=2, output_field=IntegerField())
        ).order_by("rank", "profile", "sort_key", "pk")
    else:
        people = people.order_by("sort_key", "pk")
    held = StaffFunction.objects.filter(closed_at=None)
    return people.prefetch_related(current_enrolments(), Prefetch("functions", held, to_attr="held"))


def with_faces(user, people: Iterable[Person], *, visible: bool = False) -> list[Person]:
    """The same people, each knowing the photo (`face`) and the page (`opens`) that the user may see of them.

    `visible`: they come out of `visible_people`, so that every page opens. One query at most.
    """
    found = list(people)
    wanted = {person.pk for person in found}
    if visible and reach(user, "people.view_photo") == reach(user, "people.view_person"):
        opened = faces = wanted
    else:
        opened, faces = _allowed(user, wanted, "people.view_person", "people.view_photo")
    for person in found:
        person.face = photo_url(person) if person.pk in faces else ""
        person.opens = visible or person.pk in opened
    return found


def _allowed(user, wanted: set[UUID], *rights: str) -> list[set[UUID]]:
    """Of these people, those a user holds each right over; no query where every answer is all or none."""
    whole = [wanted if Scope.SCHOOL in reach(user, right) else set() for right in rights]
    asked = [n for n, right in enumerate(rights) if wanted and not whole[n] and reach(user, right)]
    if asked:
        within = [Exists(visible_people(user, rights[n]).filter(pk=OuterRef("pk"))) for n in asked]
        for pk, *answers in Person.objects.filter(pk__in=wanted).order_by().values_list("pk", *within):
            for n, answer in zip(asked, answers, strict=True):
                if answer:
                    whole[n] = whole[n] | {pk}
    return whole


def photo_url(person: Person) -> str:
    """Where a person's photo is; another address for each photo, so that browsers may keep it."""
    return f"{reverse('people:photo', args=[person.pk])}?v={PurePath(person.photo.name).stem}" if person.photo else ""


@dataclass(frozen=True)
class Relative:
    """A relative as one asker may see them."""

    person: Person
    link: Guardianship
    sees_contact: bool
    # The address alone, which the directory says may be given to other parents (not phones, nor e-mail).
    sees_address: bool


def relatives_of(pupil: Person, user) -> list[Relative]:
    """Who is tied to a pupil (who gets a face on the way).

    Two homes never see each other's address unless the directory says it may be shown (ENTPersonAdresseDiffusion).
    """
    acting = acting_as(user)
    links = list(Guardianship.objects.filter(pupil=pupil, closed_at=None).select_related("relative"))
    with_faces(user, [pupil, *(link.relative for link in links)])
    staff = acting.profile == Profile.STAFF and user.has_perm("people.view_contact", pupil)

    def sees_contact(link: Guardianship) -> bool:
        return staff or link.relative_id == acting.person_id

    def sees_address(link: Guardianship) -> bool:
        return sees_contact(link) or (acting.profile == Profile.RELATIVE and link.relative.address_is_shared)

    return [
        Relative(link.relative, link, sees_contact(link), sees_address(link))
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
