"""Rights over what one is told."""

from ent.kernel.access import HEADS, STAFF, Role, Scope, chapter, right

EVERYONE = (*STAFF, Role.GUARDIAN, Role.PUPIL)
DESK = dict.fromkeys((Role.CPE, *HEADS, Role.OFFICE, Role.SCHOOL_ADMIN), Scope.SCHOOL)

chapter("notifications", "Ce qui est signalé à chacun")
right("notifications.list", "Voir ce qui vous est signalé, et choisir comment", dict.fromkeys(EVERYONE, Scope.SCHOOL))
right("notifications.view_failures", "Voir ce qui n'a pas pu être envoyé aux familles", DESK)
right("notifications.resend", "Renvoyer ce qui n'a pas pu être envoyé", DESK)
right("notifications.print_weeks", "Imprimer la semaine à venir des élèves d'une classe", DESK)
right(
    "notifications.view_week",
    "Lire et imprimer la semaine à venir d'un élève ou d'une famille",
    DESK | {Role.GUARDIAN: Scope.OWN, Role.PUPIL: Scope.OWN},
)
