"""What waits for each role on the home page."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from ent.accounts.models import Account, ActivationCode, Membership
from ent.kernel.prepared import prepared
from ent.school.people.models import Person, Profile, StaffFunction
from ent.school.structure.models import Enrolment, Teaching
from ent.school.structure.queries import tutor_names
from tenants.models import School


@prepared
def _taught(pupil: UUID) -> QuerySet[Teaching]:
    rows = Teaching.objects.filter(
        Q(division__enrolments__pupil=pupil, division__enrolments__closed_at=None)
        | Q(group__enrolments__pupil=pupil, group__enrolments__closed_at=None),
        closed_at=None,
        teacher__closed_at=None,
    )
    return rows.select_related("teacher", "subject").order_by("teacher__sort_key", "teacher_id")


def teachers_of_pupil(pupil_id: UUID) -> list[tuple[Person, list[str]]]:
    """(teacher, subjects) of a pupil's classes and groups, by name."""
    found: dict[Person, set[str]] = {}
    for row in _taught(pupil_id):
        found.setdefault(row.teacher, set()).update([str(row.subject)] if row.subject else [])
    return [(teacher, sorted(subjects)) for teacher, subjects in found.items()]


def divisions_of_pupil(pupil_id: UUID) -> list[Enrolment]:
    """A pupil's classes today, with their form tutors."""
    return _enrolments(pupil_id)


@prepared
def _enrolments(pupil: UUID) -> QuerySet[Enrolment]:
    current = Enrolment.objects.filter(pupil=pupil, closed_at=None).select_related("division")
    return current.annotate(tutors=tutor_names(division=OuterRef("division")))


def activation(school: School) -> list[dict]:
    """Per profile: accounts waiting for activation, and active ones."""
    rows = Membership.objects.filter(school=school, closed_at=None).values("profile")
    counted = rows.annotate(
        total=Count("pk"), active=Count("pk", filter=Q(account__activated_at__isnull=False))
    ).order_by("profile")
    labels = {Profile.PUPIL: "Élèves", Profile.RELATIVE: "Familles", Profile.STAFF: "Personnel"}
    return [
        {"label": labels[Profile(row["profile"])], "total": row["total"], "active": row["active"],
         "percent": 100 * row["active"] // row["total"]}
        for row in counted
    ]  # fmt: skip


@dataclass(frozen=True)
class Waiting:
    """What waits for the school's administrator, counted."""

    letters: int
    unclassed: int
    without_function: int
    without_photo: int
    oddities: int
    imported_at: object

    @property
    def is_nothing(self) -> bool:
        """Whether all is done (photos are welcome, not owed)."""
        return not (self.letters or self.unclassed or self.without_function or self.oddities)


def waiting(school: School) -> Waiting:
    """Letters never printed (or run out), people the directory left without a place, remarks of the last import."""
    codes = ActivationCode.objects.filter(account=OuterRef("pk"), expires_at__gt=timezone.now())
    here = Membership.objects.filter(account=OuterRef("pk"), school=school, closed_at=None)
    accounts = Account.objects.filter(Exists(here), ~Exists(codes), activated_at=None, closed_at=None)
    in_class = Enrolment.objects.filter(pupil=OuterRef("pk"), closed_at=None)
    held = StaffFunction.objects.filter(person=OuterRef("pk"), closed_at=None)
    people = Person.objects.filter(closed_at=None).order_by()
    counts = people.aggregate(
        unclassed=Count("pk", filter=Q(~Exists(in_class), profile=Profile.PUPIL)),
        without_photo=Count("pk", filter=Q(profile=Profile.PUPIL, photo="")),
        without_function=Count("pk", filter=Q(~Exists(held), profile=Profile.STAFF)),
    )
    last = school.imports.order_by("-at").first()
    return Waiting(
        letters=accounts.count(),
        oddities=len(last.oddities) if last else 0,
        imported_at=last.at if last else None,
        **counts,
    )
