"""Who an account is in a school: its people there, one of which it acts as, and their roles."""

from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, QuerySet

from ent.accounts.models import Membership
from ent.kernel.access import Acting, Role
from ent.kernel.prepared import prepared
from ent.school.people.access import parental_ties
from ent.school.people.models import Person, Profile, StaffFunction
from ent.school.structure.models import FormTutor
from tenants.models import School

# Staff first: someone who works here and has a child here comes to work most of the time.
ORDER = [Profile.STAFF, Profile.RELATIVE, Profile.PUPIL]


def resolve(account, school: School, chosen: str | None) -> Acting:
    """The person this account acts as here: the chosen one, else staff before relative. One query."""
    people = [person for person in _people_of(account.pk) if roles_of(person)]
    if not people:
        return Acting()
    people.sort(key=lambda person: (str(person.pk) != chosen, ORDER.index(person.profile)))
    person = people[0]
    return Acting(
        person_id=person.pk,
        name=person.display_name,
        initials=(person.first_name[:1] + person.last_name[:1]).upper(),
        profile=person.profile,
        roles=frozenset(roles_of(person)),
        identities=tuple(
            {"id": other.pk, "label": Membership.Profile(other.profile).label, "current": other is person}
            for other in sorted(people, key=lambda one: ORDER.index(one.profile))
        ),
    )


@prepared
def _people_of(account: UUID) -> QuerySet[Person]:
    return (
        Person.objects.filter(account_id=account, closed_at=None)
        .only("profile", "first_name", "last_name")
        .annotate(
            function_names=ArraySubquery(
                StaffFunction.objects.filter(person=OuterRef("pk"), closed_at=None).values("function")
            ),
            is_tutor=Exists(FormTutor.objects.filter(teacher=OuterRef("pk"), closed_at=None)),
            is_guardian=Exists(parental_ties().filter(relative=OuterRef("pk"))),
        )
    )


def roles_of(person: Person) -> set[str]:
    """Roles of a person annotated by `resolve`."""
    if person.profile == Profile.PUPIL:
        return {Role.PUPIL}
    if person.profile == Profile.RELATIVE:
        return {Role.GUARDIAN} if person.is_guardian else set()
    roles = set(person.function_names) or {Role.OTHER}
    return roles | ({Role.FORM_TUTOR} if person.is_tutor else set())
