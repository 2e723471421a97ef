"""Rights of the school's administration that touch no person."""

from ent.kernel.access import HEADS, Role, Scope, chapter, right

chapter("administration", "Administration")
right(
    "administration.change_settings",
    "Régler l'espace de l'établissement",
    {Role.SCHOOL_ADMIN: Scope.SCHOOL, Role.SCHOOL_HEAD: Scope.SCHOOL},
)
right(
    "administration.sign_up_training",
    "Inscrire l’établissement aux formations",
    dict.fromkeys((Role.SCHOOL_ADMIN, *HEADS), Scope.SCHOOL),
)
