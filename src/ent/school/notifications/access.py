"""Rights over what one is told."""

from ent.kernel.access import HEADS, STAFF, Role, Scope, chapter, right

EVERYONE = (*STAFF, Role.GUARDIAN, Role.PUPIL)

chapter("notifications", "Ce qui est signalé à chacun")
right("notifications.list", "Voir ce qui vous est signalé, et choisir comment", dict.fromkeys(EVERYONE, Scope.SCHOOL))
right(
    "notifications.view_failures",
    "Voir ce qui n'a pas pu être envoyé aux familles",
    dict.fromkeys((Role.CPE, *HEADS, Role.OFFICE, Role.SCHOOL_ADMIN), Scope.SCHOOL),
)
