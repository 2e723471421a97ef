"""Words that nobody of the family has signed, for what it is sent."""

from collections import defaultdict
from datetime import date
from uuid import UUID

from django.utils import timezone

from ent.kernel.text import dated
from ent.school.conduct.models import Remark
from ent.school.notifications.coming import coming


@coming("Mots à signer", "conduct:pupil", order=30)
def to_sign(pupils: list[UUID], first: date, last: date) -> dict[UUID, list[str]]:
    """« Mot du lundi 23 novembre »; what it says is read in the ENT."""
    found = defaultdict(list)
    unsigned = Remark.objects.filter(pupil__in=pupils, needs_signature=True, acknowledgements=None)
    for pupil, at in unsigned.order_by("at").values_list("pupil", "at"):
        found[pupil].append(f"Mot du {dated(timezone.localdate(at))}")
    return found
