"""Rights over absences. Whoever may not read health reasons reads « Motif non communiqué » instead."""

from ent.kernel.access import FAMILY, HEADS, NEAR, Acting, Role, Scope, chapter, relation, right
from ent.school.absences.models import AbsenceCase, AbsenceNotice
from ent.school.people import access as people

STUDENT_LIFE = (Role.CPE, *HEADS)
CARE = (Role.NURSE, Role.SOCIAL_WORKER)

chapter("absences", "Absences et retards")
right(
    "absences.view",
    "Voir les absences et retards d'un élève",
    dict.fromkeys((*STUDENT_LIFE, Role.AED, Role.OFFICE, *CARE), Scope.SCHOOL) | NEAR | FAMILY,
)
right(
    "absences.view_health",
    "Lire les motifs de santé",
    dict.fromkeys((*STUDENT_LIFE, Role.AED, *CARE), Scope.SCHOOL) | FAMILY,
)
right("absences.view_document", "Ouvrir le document d'une famille", dict.fromkeys(STUDENT_LIFE, Scope.SCHOOL) | FAMILY)
right("absences.view_own", "Suivre ses absences ou celles de ses enfants", FAMILY)
right("absences.announce", "Annoncer ou justifier une absence de son enfant", {Role.GUARDIAN: Scope.OWN})
right(
    "absences.record",
    "Noter ce qu'une famille dit au bureau ou par téléphone, et les appels",
    dict.fromkeys((*STUDENT_LIFE, Role.AED, Role.OFFICE), Scope.SCHOOL),
)
right("absences.settle", "Régler une absence, accepter ou refuser un motif", dict.fromkeys(STUDENT_LIFE, Scope.SCHOOL))
right(
    "absences.write_families",
    "Écrire aux familles au sujet des absences",
    dict.fromkeys((*STUDENT_LIFE, Role.OFFICE), Scope.SCHOOL),
)
right("absences.follow_alerts", "Suivre les seuils d'absentéisme", dict.fromkeys(STUDENT_LIFE, Scope.SCHOOL))
right("absences.report", "Signaler un absentéisme à l'académie", dict.fromkeys(HEADS, Scope.SCHOOL))
right(
    "absences.manage_reasons",
    "Changer les motifs et les seuils",
    dict.fromkeys((*STUDENT_LIFE, Role.SCHOOL_ADMIN), Scope.SCHOOL),
)
right("absences.view_statistics", "Voir les statistiques d'absences", dict.fromkeys(STUDENT_LIFE, Scope.SCHOOL))


def _of_pupil(scope: Scope, tied):
    for model in (AbsenceCase, AbsenceNotice):

        @relation(model, scope)
        def is_tied(acting: Acting, one):
            """As the pupil it is about."""
            return tied(acting, one.pupil)


_of_pupil(Scope.OWN, people.is_oneself_or_ones_child)
_of_pupil(Scope.TAUGHT, people.is_taught)
_of_pupil(Scope.CLASS, people.is_in_tutored_class)
