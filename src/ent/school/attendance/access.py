"""Rights over presence: a teacher takes the roll of the sessions they lead; student life sees the whole school."""

from ent.kernel.access import FAMILY, HEADS, NEAR, Acting, Role, Scope, chapter, relation, right
from ent.school.attendance.models import Attendance
from ent.school.structure.access import pupils_of

STUDENT_LIFE = (Role.CPE, *HEADS)

chapter("attendance", "Appel et présence")
right(
    "attendance.take",
    "Faire l'appel d'une séance",
    {Role.TEACHER: Scope.LED, Role.FORM_TUTOR: Scope.LED} | dict.fromkeys(STUDENT_LIFE, Scope.SCHOOL),
)
right(
    "attendance.view_board",
    "Voir les appels et les absents du moment",
    dict.fromkeys((*STUDENT_LIFE, Role.AED, Role.OFFICE), Scope.SCHOOL),
)
right("attendance.remind", "Rappeler un appel qui manque", dict.fromkeys(STUDENT_LIFE, Scope.SCHOOL))
right(
    "attendance.receive",
    "Recevoir un élève à l'infirmerie, à la vie scolaire ou au CDI",
    dict.fromkeys((*STUDENT_LIFE, Role.AED, Role.NURSE, Role.LIBRARIAN, Role.OFFICE), Scope.SCHOOL),
)
right(
    "attendance.view_infirmary",
    "Lire pourquoi un élève est à l'infirmerie",
    dict.fromkeys((*STUDENT_LIFE, Role.AED, Role.NURSE), Scope.SCHOOL),
)
right("attendance.view_care", "Lire et écrire une note de soin", {Role.NURSE: Scope.SCHOOL})
right(
    "attendance.take_service",
    "Faire l'appel de la cantine, de la permanence et de l'internat",
    dict.fromkeys((*STUDENT_LIFE, Role.AED), Scope.SCHOOL),
)
right(
    "attendance.plan",
    "Enregistrer dispenses, sorties et régimes de sortie",
    dict.fromkeys((*STUDENT_LIFE, Role.OFFICE), Scope.SCHOOL),
)
right("attendance.view_certificate", "Ouvrir le certificat d'une dispense", dict.fromkeys(STUDENT_LIFE, Scope.SCHOOL))
right(
    "attendance.view_pupil",
    "Voir l'assiduité d'un élève",
    dict.fromkeys((*STUDENT_LIFE, Role.OFFICE, Role.AED), Scope.SCHOOL) | NEAR | FAMILY,
)
right("attendance.view_own", "Voir ses absences et retards, ou ceux de son enfant", FAMILY)


@relation(Attendance, Scope.OWN)
def is_own(acting: Acting, attendance: Attendance) -> bool:
    """The pupil's own, or a child's."""
    return Attendance.objects.filter(pk=attendance.pk, pupil__in=pupils_of(acting)).exists()
