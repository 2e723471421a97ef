"""Reads of classes and groups, shaped for their pages."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, OuterRef, Prefetch, Q, QuerySet, Value
from django.db.models.functions import Concat, Trim

from ent.kernel.access import Acting, Scope, acting_as, reach
from ent.kernel.prepared import prepared
from ent.kernel.text import folded
from ent.school.people.models import Person
from ent.school.structure.access import pupils_in, taught_pupils, tutored_pupils
from ent.school.structure.models import Division, Enrolment, FormTutor, Group, GroupEnrolment, Teaching

OPEN_PUPILS = Q(enrolments__closed_at=None, enrolments__pupil__closed_at=None, enrolments__isnull=False)


def current_enrolments() -> Prefetch:
    """A pupil's classes of today, as `pupil.current_enrolments`, each with its class. One query."""
    enrolments = Enrolment.objects.filter(closed_at=None).select_related("division")
    return Prefetch("enrolments", enrolments, to_attr="current_enrolments")


def class_codes(pupil: str = "pk") -> ArraySubquery:
    """The codes of a pupil's classes of today, to annotate rows with; `pupil`: the column that holds the pupil."""
    held = Enrolment.objects.filter(pupil=OuterRef(pupil), closed_at=None).order_by("division__code")
    return ArraySubquery(held.values("division__code"))


def current_tutors() -> Prefetch:
    """A class's form tutors of today, as `division.tutors`, each with the teacher. One query."""
    tutors = FormTutor.objects.filter(closed_at=None, teacher__closed_at=None).select_related("teacher")
    return Prefetch("form_tutors", tutors, to_attr="tutors")


def tutor_names(**classes) -> ArraySubquery:
    """« Mme Éloïse Durand »: the form tutors of today of some classes, to annotate rows with."""
    tutors = FormTutor.objects.filter(**classes, closed_at=None, teacher__closed_at=None).order_by("teacher__sort_key")
    named = Trim(Concat("teacher__title", Value(" "), "teacher__first_name", Value(" "), "teacher__last_name"))
    return ArraySubquery(tutors.values(named=named))


def divisions() -> QuerySet[Division]:
    """Classes of the current year with their headcount."""
    return (
        Division.objects.filter(closed_at=None, year__is_current=True)
        .annotate(headcount=Count("enrolments", filter=OPEN_PUPILS))
        .order_by("code")
    )


def exportable_divisions(user) -> list[Division]:
    """The classes of the year that a user teaches, is form tutor of, or (by their function) may export the list of."""
    scopes, acting = reach(user, "structure.export"), acting_as(user)
    found = Division.objects.filter(closed_at=None, year__is_current=True).select_related("year").order_by("code")
    if Scope.SCHOOL not in scopes:
        near = Q(pk=None)
        if Scope.TAUGHT in scopes:
            mine = Teaching.objects.filter(teacher=acting.person_id, closed_at=None, division__isnull=False)
            near |= Q(pk__in=mine.values("division"))
        if Scope.CLASS in scopes:
            near |= Q(pk__in=FormTutor.objects.filter(teacher=acting.person_id, closed_at=None).values("division"))
        found = found.filter(near)
    return list(found)


def sheets(divisions: list[Division]) -> list[tuple[Division, list[Person]]]:
    """Each of these classes with its pupils of today, by name. One query."""
    enrolled = Enrolment.objects.filter(division__in=divisions, closed_at=None, pupil__closed_at=None)
    pupils: dict[UUID, list[Person]] = {division.pk: [] for division in divisions}
    for enrolment in enrolled.select_related("pupil").order_by("pupil__sort_key", "pupil"):
        pupils[enrolment.division_id].append(enrolment.pupil)
    return [(division, pupils[division.pk]) for division in divisions]


def divisions_called(words: str) -> list[Division]:
    """The few classes of the year whose name begins as typed, spaces and capitals aside (« 5eb » finds « 5e B »)."""
    typed = folded(words).replace(" ", "")
    if not typed:
        return []
    return [one for one in divisions() if folded(one.code).replace(" ", "").startswith(typed)][:3]


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
    headcount: int

    @property
    def url_name(self) -> str:
        """The page it opens."""
        return "structure:division" if isinstance(self.audience, Division) else "structure:group"


@prepared
def _tutored(teacher: UUID) -> QuerySet[FormTutor, UUID]:
    return FormTutor.objects.filter(teacher=teacher, closed_at=None).values_list("division", flat=True)


@prepared
def _taught(teacher: UUID) -> QuerySet[Teaching]:
    taught = Teaching.objects.filter(teacher=teacher, closed_at=None)
    return taught.select_related("subject", "division", "group")


def taught_by(acting: Acting) -> list[Taught]:
    """What a teacher has: the tutored class first, then classes, then groups."""
    if acting.person_id is None:
        return []
    tutored = set(_tutored(acting.person_id))
    subjects: dict[Division | Group, list[str]] = {}
    for row in _taught(acting.person_id):
        audience = row.division or row.group
        assert audience is not None  # noqa: S101  (a database constraint)
        named = subjects.setdefault(audience, [])
        if row.subject:
            named.append(str(row.subject))
    for division in Division.objects.filter(pk__in=tutored).exclude(pk__in=[a.pk for a in subjects]):
        subjects[division] = []
    counts = _headcounts(subjects)
    found = [
        Taught(audience, tuple(sorted(set(names))), audience.pk in tutored, counts.get(audience.pk, 0))
        for audience, names in subjects.items()
    ]
    return sorted(found, key=lambda one: (not one.is_tutored, isinstance(one.audience, Group), one.audience.code))


def _headcounts(audiences) -> dict[UUID, int]:
    """Pupils today of each class or group. One query."""
    return dict(_counted([one.pk for one in audiences]))


@prepared
def _counted(audiences: list[UUID]) -> QuerySet[Any, tuple[UUID, int]]:
    open_today = {"closed_at": None, "pupil__closed_at": None}
    in_classes = Enrolment.objects.filter(division__in=audiences, **open_today).values_list("division")
    in_groups = GroupEnrolment.objects.filter(group__in=audiences, **open_today).values_list("group")
    return in_classes.annotate(n=Count("pk")).union(in_groups.annotate(n=Count("pk")))


def pupils_shown(user, audience: Division | Group) -> QuerySet[Person]:
    """The pupils of a class or group one may list, by name, each with their class.

    Who teaches (or tutors) some of them opens the page, and sees those: not the others.
    """
    acting, scopes = acting_as(user), reach(user, "structure.list_pupils")
    pupils = pupils_in(audience)
    if not scopes & {Scope.SCHOOL, Scope.OWN}:
        near = Q(pk__in=taught_pupils(acting))
        if Scope.CLASS in scopes:
            near |= Q(pk__in=tutored_pupils(acting))
        pupils = pupils.filter(near)
    return pupils.prefetch_related(current_enrolments()).order_by("sort_key", "pk")


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
