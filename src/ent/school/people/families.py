"""A guardian's children, in this school and in the account's other ones; and the one whose page is asked for."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import OuterRef, QuerySet
from django.http import HttpRequest

from ent.accounts.models import Account, Membership
from ent.kernel.access import Acting
from ent.kernel.prepared import prepared
from ent.school.people.access import authority_of, with_authority
from ent.school.people.models import Person, Profile
from ent.school.people.queries import photo_url
from ent.school.structure.queries import class_codes, tutor_names
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
    found = _children(acting.person_id, here, is_here=True) if acting.person_id else []
    for membership in _memberships(account.pk):
        if membership.school != here:
            with inside(membership.school):
                found += _children(membership.person_id, membership.school, is_here=False)
    return found


@prepared
def _memberships(account: UUID) -> QuerySet[Membership]:
    """The open schools where an account is a relative, by name."""
    found = Membership.objects.filter(account=account, profile=Profile.RELATIVE, closed_at=None)
    return found.filter(school__state=School.State.OPEN).select_related("school").order_by("school__name")


def chosen_child(request: HttpRequest) -> tuple[list[Person], Person | None]:
    """Oneself, for a pupil; the children here, for a guardian, and the one asked for (`?child=…`) or the first."""
    acting = request.acting
    theirs = with_authority(acting).values("pupil") if acting.profile == Profile.RELATIVE else [acting.person_id]
    found = list(Person.objects.filter(pk__in=theirs, profile=Profile.PUPIL, closed_at=None))
    asked = request.GET.get("child", "")
    return found, next((one for one in found if str(one.pk) == asked), found[0] if found else None)


@prepared
def _with_classes(relative: UUID) -> QuerySet[Person]:
    """The children over whom a relative has authority, each with `codes` of classes and names of `tutors`."""
    tutors = tutor_names(division__enrolments__pupil=OuterRef("pk"), division__enrolments__closed_at=None)
    return Person.objects.filter(pk__in=authority_of(relative).values("pupil"), closed_at=None).annotate(
        codes=class_codes(), tutors=tutors
    )


def _children(relative: UUID, school: School, *, is_here: bool) -> list[Child]:
    """One query: a parent may have children in several schools."""
    return [
        Child(
            person_id=pupil.pk,
            first_name=pupil.first_name or pupil.display_name,
            name=pupil.display_name,
            divisions=tuple(pupil.codes),
            tutors=tuple(pupil.tutors),
            # A photo is shown by the school that holds it, to its own session only.
            face=photo_url(pupil) if is_here else "",
            school=school,
            is_here=is_here,
        )
        for pupil in _with_classes(relative)
    ]
