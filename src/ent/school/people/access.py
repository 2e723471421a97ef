"""Rights over people. A guardian without legal authority, or whose contact is restricted, sees nothing of the child."""

from django.db.models import Q

from ent.kernel.access import EDUCATION_STAFF, STAFF, WHOLE_SCHOOL_STAFF, Acting, Role, Scope, relation, right
from ent.school.people.models import Guardianship, Person, Profile
from ent.school.structure.models import FormTutor, Teaching

EVERY_STAFF = dict.fromkeys(STAFF, Scope.SCHOOL)
BY_NEED = dict.fromkeys((*WHOLE_SCHOOL_STAFF, *EDUCATION_STAFF), Scope.SCHOOL) | {
    Role.TEACHER: Scope.TAUGHT,
    Role.FORM_TUTOR: Scope.CLASS,
}
FAMILY = {Role.GUARDIAN: Scope.OWN, Role.PUPIL: Scope.OWN}

right(
    "people.use_school",
    "Ouvrir l'espace de l'établissement",
    dict.fromkeys((*STAFF, Role.GUARDIAN, Role.PUPIL), Scope.SCHOOL),
)
right("people.search", "Chercher une personne", dict.fromkeys((*STAFF, Role.GUARDIAN, Role.PUPIL), Scope.SCHOOL))
right("people.view_person", "Voir la fiche d'une personne", BY_NEED | FAMILY)
right("people.view_birth", "Voir la date de naissance d'un élève", BY_NEED | FAMILY)
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
    dict.fromkeys((Role.SCHOOL_ADMIN, Role.SCHOOL_HEAD, Role.DEPUTY_HEAD, Role.OFFICE), Scope.SCHOOL),
)
right(
    "people.view_rights",
    "Consulter qui peut quoi",
    dict.fromkeys((Role.SCHOOL_ADMIN, Role.SCHOOL_HEAD, Role.DEPUTY_HEAD), Scope.SCHOOL),
)


@relation(Person, Scope.OWN)
def is_oneself_or_ones_child(acting: Acting, person: Person) -> bool:
    """Oneself; for a guardian with legal authority, the child."""
    if person.pk == acting.person_id:
        return True
    if acting.profile == Profile.RELATIVE:
        return with_authority(acting).filter(pupil=person, pupil__closed_at=None).exists()
    return False


@relation(Person, Scope.TAUGHT)
def is_taught(acting: Acting, person: Person) -> bool:
    """A pupil of one's classes and groups, a relative of such a pupil, or a colleague."""
    if person.pk == acting.person_id or person.profile == Profile.STAFF:
        return True
    mine = Teaching.objects.filter(teacher=acting.person_id, closed_at=None)
    return (
        _pupils_near(person)
        .filter(
            Q(enrolments__division__in=mine.exclude(division=None).values("division"), enrolments__closed_at=None)
            | Q(group_enrolments__group__in=mine.exclude(group=None).values("group"), group_enrolments__closed_at=None)
        )
        .exists()
    )


@relation(Person, Scope.CLASS)
def is_in_tutored_class(acting: Acting, person: Person) -> bool:
    """A pupil of the class one is form tutor of, or a relative of one."""
    tutored = FormTutor.objects.filter(teacher=acting.person_id, closed_at=None).values("division")
    return _pupils_near(person).filter(enrolments__division__in=tutored, enrolments__closed_at=None).exists()


def with_authority(acting: Acting):
    """The guardianships that give a relative a parent's rights."""
    return Guardianship.objects.filter(relative=acting.person_id, legal_rank__gt=0, is_restricted=False, closed_at=None)


def _pupils_near(person: Person):
    """The pupil, or the pupils a relative is tied to."""
    if person.profile == Profile.RELATIVE:
        return Person.objects.filter(guardianships__relative=person, guardianships__closed_at=None)
    return Person.objects.filter(pk=person.pk)
