"""What comes for pupils in the next days, as modules know it: for digests and for the page to print.

@coming("Contrôles", "lessons:homework", order=10)
def tests(pupils, first, last): …       # {pupil: ["lundi 23 novembre : mathématiques, les fractions"]}
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.utils import timezone

from ent.kernel.navigation import module_of
from ent.school.notifications.actions import with_legal_authority
from ent.school.people.models import Person, Profile

Find = Callable[[list[UUID], date, date], Mapping[UUID, list[str]]]
WEEK = 7


@dataclass(frozen=True)
class Source:
    """One part of what comes."""

    label: str
    # A page of the module: where that is closed, nothing comes of it.
    url_name: str
    order: int
    find: Find


@dataclass(frozen=True)
class Coming:
    """What comes for one pupil: (label, lines) that are not empty."""

    pupil: Person
    parts: list[tuple[str, list[str]]]


_sources: list[Source] = []


def coming(label: str, url_name: str, *, order: int) -> Callable[[Find], Find]:
    """Declare a part: a function of pupils' ids and of the first and last day."""

    def register(find: Find) -> Find:
        _sources.append(Source(label, url_name, order, find))
        _sources.sort(key=lambda one: one.order)
        return find

    return register


def coming_to(people: Iterable[Person], days: int, closed: Iterable[str]) -> dict[UUID, list[Coming]]:
    """Per person, what comes from tomorrow on for oneself, or for each child; as many queries for many as for one."""
    asked = list(people)
    relatives = [one.pk for one in asked if one.profile == Profile.RELATIVE]
    about = {one.pk: {one.pk} for one in asked if one.profile == Profile.PUPIL} | {one: set() for one in relatives}
    for relative, pupil in with_legal_authority().filter(relative__in=relatives).values_list("relative", "pupil"):
        about[relative].add(pupil)
    wanted = set().union(*about.values())
    pupils = list(Person.objects.filter(pk__in=wanted, closed_at=None).order_by("sort_key", "pk")) if wanted else []
    ids, parts = [one.pk for one in pupils], defaultdict(list)
    first = timezone.localdate() + timedelta(days=1)
    shut = set(closed)
    for source in _sources if pupils else ():
        module = module_of(source.url_name)
        if module is None or module.key not in shut:
            for pupil, lines in source.find(ids, first, first + timedelta(days=days - 1)).items():
                if lines:
                    parts[pupil].append((source.label, list(lines)))
    return {
        person: [Coming(one, parts[one.pk]) for one in pupils if one.pk in those] for person, those in about.items()
    }
