"""Rights over the pages that no part of the console owns: the list of schools and the imports."""

from ent.kernel.access import Role, Scope, right
from platform_admin.officers.access import ACTS

right("console.provision", "Créer l'espace d'un établissement", ACTS)
right("console.import", "Importer un annuaire", {Role.ACADEMY_ADMIN: Scope.ACADEMY})
