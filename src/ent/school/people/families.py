"""A guardian's children, in this school and in the account's other ones."""

from dataclasses import dataclass
from uuid import UUID

from ent.accounts.models import Account, Membership
from ent.kernel.access import Acting
from ent.school.people.access import with_authority
from ent.school.people.models import Guardianship, Person, Profile
from ent.school.people.queries import photo_url
from ent.school.structure.queries import current_enrolments, current_tutors
from tenants.context import inside
from tenants.models import School


@dataclass(frozen=True)
class Child:
    """A child of a guardian: of this school, or of another one a click away."""

    person_id: UUID
    first_name: str
    name: str
    divisions: tuple[str, ...]
    tutors: tuple[str, ...]
    face: str
    school: School
    is_here: bool


def children_of(account: Account, acting: Acting, here: School) -> list[Child]:
    """All children of an account acting as a guardian: this school's first, by name.

    Another school is entered with that school's own rights; nothing is copied.
    """
    found = _children(Guardianship.objects.filter(pk__in=with_authority(acting).values("pk")), here, is_here=True)
    elsewhere = Membership.objects.filter(account=account, profile=Profile.RELATIVE, closed_at=None)
    opened = elsewhere.exclude(school=here).filter(school__state=School.State.OPEN).select_related("school")
    for membership in opened.order_by("school__name"):
        with inside(membership.school):
            links = Guardianship.objects.filter(
                relative=membership.person_id, legal_rank__gt=0, is_restricted=False, closed_at=None
            )
            found += _children(links, membership.school, is_here=False)
    return found


def _children(links, school: School, *, is_here: bool) -> list[Child]:
    pupils = Person.objects.filter(pk__in=links.values("pupil"), closed_at=None).prefetch_related(
        current_enrolments(), current_tutors("current_enrolments__division__form_tutors")
    )
    return [
        Child(
            person_id=pupil.pk,
            first_name=pupil.first_name or pupil.display_name,
            name=pupil.display_name,
            divisions=tuple(one.division.code for one in pupil.current_enrolments),
            tutors=tuple(
                tutor.teacher.formal_name for one in pupil.current_enrolments for tutor in one.division.tutors
            ),
            # A photo is shown by the school that holds it, to its own session only.
            face=photo_url(pupil) if is_here else "",
            school=school,
            is_here=is_here,
        )
        for pupil in pupils
    ]
