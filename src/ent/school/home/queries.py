"""What waits for each role on the home page."""

from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, OuterRef, Prefetch, Q

from ent.accounts.models import Account, Membership
from ent.kernel.access import Acting
from ent.school.people.access import with_authority
from ent.school.people.models import Guardianship, Person, Profile
from ent.school.structure.models import Enrolment, FormTutor, Teaching
from tenants.context import inside
from tenants.models import School


@dataclass(frozen=True)
class Child:
    """A child on a parent's home: of this school, or of another one a click away."""

    person: Person
    divisions: tuple[str, ...]
    school: School | None = None


def children_of(acting: Acting) -> list[Child]:
    """The children of a guardian in this school."""
    return _children(Guardianship.objects.filter(pk__in=with_authority(acting).values("pk")), None)


def children_elsewhere(account: Account, here: School) -> list[Child]:
    """The account's children in other schools: each school is entered with its own rights, nothing is copied."""
    found: list[Child] = []
    elsewhere = Membership.objects.filter(account=account, profile=Profile.RELATIVE, closed_at=None)
    opened = elsewhere.exclude(school=here).filter(school__state=School.State.OPEN).select_related("school")
    for membership in opened:
        with inside(membership.school):
            links = Guardianship.objects.filter(
                relative=membership.person_id, legal_rank__gt=0, is_restricted=False, closed_at=None
            )
            found += _children(links, membership.school)
    return found


def _children(links, school: School | None) -> list[Child]:
    """One query: a parent may have children in several schools."""
    codes = Enrolment.objects.filter(pupil=OuterRef("pk"), closed_at=None).values("division__code")
    pupils = Person.objects.filter(pk__in=links.values("pupil"), closed_at=None).annotate(codes=ArraySubquery(codes))
    return [Child(pupil, tuple(sorted(pupil.codes)), school) for pupil in pupils]


def teachers_of_pupil(pupil_id) -> list[tuple[Person, str]]:
    """(teacher, subject) of a pupil's classes and groups, by subject."""
    rows = Teaching.objects.filter(
        Q(division__enrolments__pupil=pupil_id, division__enrolments__closed_at=None)
        | Q(group__enrolments__pupil=pupil_id, group__enrolments__closed_at=None),
        closed_at=None,
    )
    pairs = {(row.teacher, str(row.subject or "")) for row in rows.select_related("teacher", "subject").distinct()}
    return sorted(pairs, key=lambda pair: (pair[1] or "~", pair[0].sort_key))


def divisions_of_pupil(pupil_id) -> list[Enrolment]:
    """A pupil's classes today, with their form tutors."""
    tutors = FormTutor.objects.filter(closed_at=None).select_related("teacher")
    return list(
        Enrolment.objects.filter(pupil=pupil_id, closed_at=None)
        .select_related("division")
        .prefetch_related(Prefetch("division__form_tutors", tutors, to_attr="tutors"))
    )


def activation(school: School) -> list[dict]:
    """Per profile: accounts waiting for activation, and active ones."""
    rows = Membership.objects.filter(school=school, closed_at=None).values("profile")
    counted = rows.annotate(
        total=Count("pk"), active=Count("pk", filter=Q(account__activated_at__isnull=False))
    ).order_by("profile")
    return [
        {"label": Membership.Profile(row["profile"]).label, "total": row["total"], "active": row["active"],
         "percent": round(100 * row["active"] / row["total"])}
        for row in counted
    ]  # fmt: skip
