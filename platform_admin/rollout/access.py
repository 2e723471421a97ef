"""Rights over the rollout."""

from ent.kernel.access import Role, Scope, right
from platform_admin.officers.access import ACADEMY, ACTS, SEES

right("rollout.view", "Suivre le déploiement", SEES)
right("rollout.manage_waves", "Composer, lancer et ouvrir les vagues", dict.fromkeys(ACADEMY, Scope.ACADEMY))
right("rollout.record_step", "Noter une étape d'un établissement", ACTS)
right("rollout.manage_agreements", "Enregistrer les conventions", ACTS)
right("rollout.manage_training", "Organiser les formations", ACTS)
right(
    "rollout.change_state", "Ouvrir, suspendre, rouvrir ou fermer un établissement", {Role.ACADEMY_ADMIN: Scope.ACADEMY}
)
