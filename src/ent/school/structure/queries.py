"""Reads of classes and groups, shaped for their pages."""

from dataclasses import dataclass

from django.db.models import Count, Prefetch, Q

from ent.kernel.access import Acting
from ent.school.people.models import Person
from ent.school.structure.access import pupils_in
from ent.school.structure.models import Division, Enrolment, FormTutor, Group, Teaching

OPEN_PUPILS = Q(enrolments__closed_at=None, enrolments__pupil__closed_at=None, enrolments__isnull=False)


def current_enrolments() -> Prefetch:
    """A pupil's classes of today, as `pupil.current_enrolments`, each with its class. One query."""
    enrolments = Enrolment.objects.filter(closed_at=None).select_related("division")
    return Prefetch("enrolments", enrolments, to_attr="current_enrolments")


def divisions():
    """Classes of the current year with their headcount and form tutors."""
    return (
        Division.objects.filter(closed_at=None, year__is_current=True)
        .annotate(headcount=Count("enrolments", filter=OPEN_PUPILS))
        .prefetch_related(
            Prefetch(
                "form_tutors", FormTutor.objects.filter(closed_at=None).select_related("teacher"), to_attr="tutors"
            )
        )
        .order_by("code")
    )


def groups():
    """Groups of the current year with their headcount."""
    return (
        Group.objects.filter(closed_at=None, year__is_current=True)
        .annotate(headcount=Count("enrolments", filter=OPEN_PUPILS))
        .order_by("code")
    )


@dataclass(frozen=True)
class Taught:
    """A class or group one teaches, with the subjects."""

    audience: Division | Group
    subjects: tuple[str, ...]
    is_tutored: bool

    @property
    def url_name(self) -> str:
        """The page it opens."""
        return "structure:division" if isinstance(self.audience, Division) else "structure:group"


def taught_by(acting: Acting) -> list[Taught]:
    """What a teacher has: the tutored class first, then classes, then groups."""
    tutored = set(FormTutor.objects.filter(teacher=acting.person_id, closed_at=None).values_list("division", flat=True))
    rows = Teaching.objects.filter(teacher=acting.person_id, closed_at=None).select_related(
        "subject", "division", "group"
    )
    subjects: dict[Division | Group, list[str]] = {}
    for row in rows:
        audience = row.division or row.group
        assert audience is not None  # noqa: S101  (a database constraint)
        named = subjects.setdefault(audience, [])
        if row.subject:
            named.append(str(row.subject))
    for division in Division.objects.filter(pk__in=tutored).exclude(pk__in=[a.pk for a in subjects]):
        subjects[division] = []
    found = [
        Taught(audience, tuple(sorted(set(names))), audience.pk in tutored) for audience, names in subjects.items()
    ]
    return sorted(found, key=lambda one: (not one.is_tutored, isinstance(one.audience, Group), one.audience.code))


def pupils_with_classes(audience: Division | Group):
    """The pupils of a class or group, by name, each with their class."""
    return pupils_in(audience).prefetch_related(current_enrolments()).order_by("sort_key")


def teachers_of(audience: Division | Group) -> list[tuple[Person, list[str]]]:
    """(teacher, subjects) of a class or group, by name."""
    kind = "division" if isinstance(audience, Division) else "group"
    rows = Teaching.objects.filter(**{kind: audience}, closed_at=None, teacher__closed_at=None)
    found: dict[Person, list[str]] = {}
    for row in rows.select_related("teacher", "subject").order_by("teacher__sort_key"):
        found.setdefault(row.teacher, []).extend([str(row.subject)] if row.subject else [])
    return [(teacher, sorted(set(subjects))) for teacher, subjects in found.items()]


def tutors_of(division: Division):
    """The form tutors of a class."""
    return Person.objects.filter(tutored__division=division, tutored__closed_at=None, closed_at=None)
