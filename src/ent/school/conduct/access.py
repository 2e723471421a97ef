"""Rights over what is written of a pupil's conduct."""

from ent.kernel.access import HEADS, Acting, Role, Scope, chapter, relation, right
from ent.school.conduct.models import Remark
from ent.school.people.access import with_authority

RECORDERS = dict.fromkeys((Role.CPE, Role.AED, *HEADS), Scope.SCHOOL) | {
    Role.TEACHER: Scope.TAUGHT,
    Role.FORM_TUTOR: Scope.CLASS,
}

chapter("conduct", "Observations et encouragements")
right("conduct.record", "Écrire une observation ou un encouragement", RECORDERS)
right(
    "conduct.view",
    "Voir les observations d'un élève",
    RECORDERS | {Role.GUARDIAN: Scope.OWN, Role.PUPIL: Scope.OWN},
)
right("conduct.sanction", "Prononcer une sanction", {Role.SCHOOL_HEAD: Scope.SCHOOL})
right("conduct.view_sanctions", "Voir les sanctions inscrites et leur effacement", dict.fromkeys(HEADS, Scope.SCHOOL))
right("conduct.sign", "Signer une observation", {Role.GUARDIAN: Scope.OWN})


@relation(Remark, Scope.OWN)
def is_of_ones_child(acting: Acting, remark: Remark) -> bool:
    """A remark about a child over whom one has authority."""
    return with_authority(acting).filter(pupil=remark.pupil_id, pupil__closed_at=None).exists()
