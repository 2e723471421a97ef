"""Rights over what the school tells the academy: its network, its requests for help, its places at trainings."""

from ent.kernel.access import HEADS, Role, Scope, chapter, right

chapter("administration", "Administration")
chapter("network", "Réseau")
chapter("support", "Assistance")

SPEAK_FOR_THE_SCHOOL = dict.fromkeys((Role.SCHOOL_ADMIN, *HEADS), Scope.SCHOOL)

right("network.manage", "Mesurer la connexion et choisir les pages légères", SPEAK_FOR_THE_SCHOOL)
right("support.ask", "Demander de l'aide à l'académie", SPEAK_FOR_THE_SCHOOL)
right(
    "administration.change_settings",
    "Régler l'espace de l'établissement",
    {Role.SCHOOL_ADMIN: Scope.SCHOOL, Role.SCHOOL_HEAD: Scope.SCHOOL},
)
right("administration.sign_up_training", "Inscrire l’établissement aux formations", SPEAK_FOR_THE_SCHOOL)
