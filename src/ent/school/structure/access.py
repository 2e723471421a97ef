"""Rights over classes and groups. A teacher of some of their pupils is near; so is the form tutor of some."""

from django.db.models import Exists

from ent.kernel.access import (
    EDUCATION_STAFF,
    FAMILY,
    NEAR,
    STAFF,
    WHOLE_SCHOOL_STAFF,
    Acting,
    Role,
    Scope,
    chapter,
    relation,
    right,
)  # fmt: skip
from ent.school.people.access import with_authority
from ent.school.people.models import Person
from ent.school.structure.models import Division, Enrolment, FormTutor, Group, GroupEnrolment, Teaching

BY_NEED = dict.fromkeys((*WHOLE_SCHOOL_STAFF, *EDUCATION_STAFF), Scope.SCHOOL) | NEAR

chapter("structure", "Classes et groupes")
right("structure.list", "Voir la liste des classes et groupes", dict.fromkeys(STAFF, Scope.SCHOOL))
right("structure.view", "Ouvrir la page d'une classe ou d'un groupe", dict.fromkeys(STAFF, Scope.SCHOOL) | FAMILY)
right("structure.list_pupils", "Voir les élèves d'une classe ou d'un groupe", BY_NEED | {Role.PUPIL: Scope.OWN})
right("structure.export", "Exporter la liste d'une classe ou d'un groupe", BY_NEED)


def pupils_of(acting: Acting):
    """Oneself, for a pupil; the children, for a guardian."""
    return [acting.person_id] if Role.PUPIL in acting.roles else with_authority(acting).values("pupil")


def pupils_in(audience: Division | Group):
    """The people enrolled in a class or group today."""
    enrolled = (
        Enrolment.objects.filter(division=audience)
        if isinstance(audience, Division)
        else GroupEnrolment.objects.filter(group=audience)
    )
    return Person.objects.filter(pk__in=enrolled.filter(closed_at=None).values("pupil"), closed_at=None)


def taught_pupils(acting: Acting):
    """The pupils of the classes and groups a teacher has."""
    mine = Teaching.objects.filter(teacher=acting.person_id, closed_at=None)
    return (
        Enrolment.objects.filter(division__in=mine.exclude(division=None).values("division"), closed_at=None)
        .values("pupil")
        .union(
            GroupEnrolment.objects.filter(group__in=mine.exclude(group=None).values("group"), closed_at=None).values(
                "pupil"
            )
        )
    )


def tutored_pupils(acting: Acting):
    """The pupils of the classes a teacher is form tutor of."""
    tutored = FormTutor.objects.filter(teacher=acting.person_id, closed_at=None).values("division")
    return Enrolment.objects.filter(division__in=tutored, closed_at=None).values("pupil")


def is_own(acting: Acting, audience: Division | Group) -> bool:
    """The class or group of the pupil, or of a child."""
    return pupils_in(audience).filter(pk__in=pupils_of(acting)).exists()


def is_taught(acting: Acting, audience: Division | Group) -> bool:
    """One teaches it, or some of its pupils."""
    kind = "division" if isinstance(audience, Division) else "group"
    mine = Teaching.objects.filter(teacher=acting.person_id, closed_at=None, **{kind: audience})
    some = pupils_in(audience).filter(pk__in=taught_pupils(acting))
    return type(audience).objects.filter(Exists(mine) | Exists(some), pk=audience.pk).exists()


def is_tutored(acting: Acting, audience: Division | Group) -> bool:
    """One is form tutor of it, or of some of its pupils."""
    return pupils_in(audience).filter(pk__in=tutored_pupils(acting)).exists()


for _model in (Division, Group):
    relation(_model, Scope.OWN)(is_own)
    relation(_model, Scope.TAUGHT)(is_taught)
    relation(_model, Scope.CLASS)(is_tutored)
