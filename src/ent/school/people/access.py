"""Rights over people. A guardian without legal authority, or whose contact is restricted, sees nothing of the child."""

from uuid import UUID

from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from ent.kernel.access import (
    EDUCATION_STAFF,
    FAMILY,
    HEADS,
    NEAR,
    STAFF,
    WHOLE_SCHOOL_STAFF,
    Acting,
    Role,
    Scope,
    Tie,
    chapter,
    relation,
    right,
)  # fmt: skip
from ent.school.people.models import Guardianship, Person, Profile
from ent.school.structure.models import Enrolment, FormTutor, GroupEnrolment, Teaching

PUPILS_BY_NEED = dict.fromkeys((*WHOLE_SCHOOL_STAFF, *EDUCATION_STAFF), Scope.SCHOOL) | NEAR
BY_NEED = PUPILS_BY_NEED | {Role.OTHER: Scope.COLLEAGUES}
DESK = (Role.SCHOOL_ADMIN, *HEADS, Role.OFFICE)

chapter("people", "Personnes et comptes")
right(
    "people.use_school",
    "Ouvrir l'espace de l'établissement",
    dict.fromkeys((*STAFF, Role.GUARDIAN, Role.PUPIL), Scope.SCHOOL),
)
right("people.search", "Chercher une personne", dict.fromkeys(STAFF, Scope.SCHOOL))
right("people.view_person", "Voir la fiche d'une personne", BY_NEED | FAMILY)
right("people.view_birth", "Voir la date de naissance d'un élève", PUPILS_BY_NEED | FAMILY)
right("people.view_photo", "Voir la photo d'une personne", BY_NEED | FAMILY)
right(
    "people.change_photo",
    "Mettre ou retirer une photo",
    dict.fromkeys(STAFF, Scope.OWN) | dict.fromkeys(DESK, Scope.SCHOOL),
)
right("people.import_photos", "Charger les photos de toute une classe", dict.fromkeys(DESK, Scope.SCHOOL))
right(
    "people.view_contact",
    "Voir les coordonnées d'une famille",
    dict.fromkeys((*WHOLE_SCHOOL_STAFF, Role.AED, Role.NURSE, Role.SOCIAL_WORKER), Scope.SCHOOL)
    | {Role.FORM_TUTOR: Scope.CLASS, Role.GUARDIAN: Scope.OWN},
)
right(
    "people.manage_functions",
    "Donner et retirer des fonctions",
    {Role.SCHOOL_ADMIN: Scope.SCHOOL, Role.SCHOOL_HEAD: Scope.SCHOOL},
)
right(
    "people.manage_accounts",
    "Gérer les comptes et imprimer les lettres",
    dict.fromkeys(DESK, Scope.SCHOOL),
)
right(
    "people.view_rights",
    "Consulter qui peut quoi",
    dict.fromkeys((Role.SCHOOL_ADMIN, *HEADS), Scope.SCHOOL),
)


@relation(Person, Scope.OWN)
def is_oneself_or_ones_child(acting: Acting, person: Person) -> Tie:
    """Oneself; for a guardian with legal authority, the child."""
    if person.pk == acting.person_id:
        return True
    if acting.profile == Profile.RELATIVE:
        return with_authority(acting).filter(pupil=person, pupil__closed_at=None).select_related("pupil")
    return False


@relation(Person, Scope.COLLEAGUES)
def is_colleague(acting: Acting, person: Person) -> bool:
    """Someone who works in the school too (or oneself)."""
    return person.profile == Profile.STAFF and person.closed_at is None


@relation(Person, Scope.TAUGHT)
def is_taught(acting: Acting, person: Person) -> Tie:
    """A pupil of one's classes and groups, a relative of such a pupil, or a colleague."""
    if person.profile == Profile.STAFF:
        return is_colleague(acting, person)
    near = _pupils_near(person)
    in_division = Enrolment.objects.filter(division=OuterRef("division"), pupil__in=near, closed_at=None)
    in_group = GroupEnrolment.objects.filter(group=OuterRef("group"), pupil__in=near, closed_at=None)
    mine = Teaching.objects.filter(Exists(in_division) | Exists(in_group), teacher=acting.person_id, closed_at=None)
    return mine.select_related("subject", "division__year", "group__year")


@relation(Person, Scope.CLASS)
def is_in_tutored_class(acting: Acting, person: Person) -> Tie:
    """A pupil of the class one is form tutor of, or a relative of one."""
    here = Enrolment.objects.filter(division=OuterRef("division"), pupil__in=_pupils_near(person), closed_at=None)
    mine = FormTutor.objects.filter(Exists(here), teacher=acting.person_id, closed_at=None)
    return mine.select_related("division__year")


def with_authority(acting: Acting):
    """The guardianships that give who is asking a parent's rights."""
    return authority_of(acting.person_id)


def authority_of(relative: UUID | None):
    """The guardianships that give a relative a parent's rights."""
    return parental_ties().filter(relative=relative)


def parental_ties():
    """The guardianships that give a parent's rights: of a legal guardian who is here and whom no judge keeps away."""
    return Guardianship.objects.filter(legal_rank__gt=0, is_restricted=False, closed_at=None, relative__closed_at=None)


def find_pupil(request: HttpRequest, pupil: UUID) -> Person:
    """The pupil of an address, or 404."""
    return get_object_or_404(Person, pk=pupil, profile=Profile.PUPIL)


def _pupils_near(person: Person):
    """The pupil, or the pupils a relative is tied to."""
    if person.profile == Profile.RELATIVE:
        return Person.objects.filter(guardianships__relative=person, guardianships__closed_at=None)
    return Person.objects.filter(pk=person.pk)
