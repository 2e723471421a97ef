"""Rights over the school's own settings."""

from ent.kernel.access import Role, Scope, chapter, right

chapter("administration", "Administration")
right(
    "administration.change_settings",
    "Régler l'espace de l'établissement",
    {Role.SCHOOL_ADMIN: Scope.SCHOOL, Role.SCHOOL_HEAD: Scope.SCHOOL},
)
