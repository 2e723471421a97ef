"""Rights over the rollout."""

from ent.kernel.access import Acting, Role, Scope, relation, right
from platform_admin.officers.access import ACADEMY, ACTS, SEES
from platform_admin.rollout.models import Agreement, Deployment, Wave
from tenants.liaison.models import Training

right("rollout.view", "Suivre le déploiement", SEES)
right("rollout.manage_waves", "Composer, lancer et ouvrir les vagues", dict.fromkeys(ACADEMY, Scope.ACADEMY))
right("rollout.record_step", "Noter une étape d'un établissement", ACTS)
right("rollout.manage_agreements", "Enregistrer les conventions", ACTS)
right("rollout.manage_training", "Organiser les formations", ACTS)
right(
    "rollout.change_state", "Ouvrir, suspendre, rouvrir ou fermer un établissement", {Role.ACADEMY_ADMIN: Scope.ACADEMY}
)


@relation(Wave, Scope.SEEN_AUTHORITIES)
def wave_is_seen(acting: Acting, wave: Wave) -> bool:
    """A wave is the whole academy's: every officer may look; which of its schools, is another matter."""
    return True


@relation(Deployment, Scope.SEEN_AUTHORITIES)
def deployment_is_seen(acting: Acting, deployment: Deployment) -> bool:
    """Of a school the officer sees."""
    return acting.sees is None or deployment.school.authority_id in acting.sees


def _is_theirs(theirs: frozenset[int] | None, obj: Agreement | Training) -> bool:
    return theirs is None or (obj.authority_id in theirs if obj.authority_id else False)


for _model in (Agreement, Training):

    @relation(_model, Scope.SEEN_AUTHORITIES)
    def is_seen(acting: Acting, obj: Agreement | Training) -> bool:
        """Of a collectivity the officer sees; the academy's training sessions are everyone's."""
        return (isinstance(obj, Training) and obj.authority_id is None) or _is_theirs(acting.sees, obj)

    @relation(_model, Scope.GRANTED_AUTHORITIES)
    def is_granted(acting: Acting, obj: Agreement | Training) -> bool:
        """Of a collectivity for which acting was granted."""
        return _is_theirs(acting.acts, obj)
