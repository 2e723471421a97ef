"""Rights in the academy's console."""

from ent.kernel.access import Role, Scope, right

BOTH = {Role.ACADEMY_ADMIN: Scope.SCHOOL, Role.ACADEMY_PILOT: Scope.SCHOOL}

right("console.view", "Consulter la console", BOTH)
right("console.provision", "Créer l'espace d'un établissement", BOTH)
right("console.import", "Importer un annuaire", {Role.ACADEMY_ADMIN: Scope.SCHOOL})
