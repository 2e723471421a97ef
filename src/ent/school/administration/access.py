"""Rights of the school's administration that touch no person."""

from ent.kernel.access import HEADS, Role, Scope, right

right(
    "administration.sign_up_training",
    "Inscrire l’établissement aux formations",
    dict.fromkeys((Role.SCHOOL_ADMIN, *HEADS), Scope.SCHOOL),
)
