"""What waits for a parent's signature; the day's incidents, calls for help, for those who answer them."""

from collections import Counter
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from ent.kernel.access import HEADS, Role
from ent.kernel.home import block, pupil_block
from ent.kernel.prepared import prepared
from ent.school.conduct.models import Concern, Incident, Punishment, Referent, Remark, Sanction

TEACHERS = {Role.TEACHER, Role.FORM_TUTOR}
SERIOUS = Incident.Severity.SERIOUS


@pupil_block("conduct.sign", order=17, template="conduct/_home_to_sign.html", url_name="conduct:pupil")
def to_sign(request: HttpRequest, pupils):
    """{child: how many things this guardian has still to acknowledge}. One query."""
    return Counter(pupil for pupil, _ in _unseen(request.acting.person_id, pupils))


@prepared
def _unseen(guardian: UUID, pupils: list[UUID]) -> QuerySet[Any, tuple[UUID, UUID]]:
    unseen = ~Q(acknowledgements__guardian=guardian)
    waiting = [
        model._default_manager.filter(unseen, pupil__in=pupils, **only).order_by().values_list("pupil", "pk")
        for model, only in ((Remark, {"needs_signature": True}), (Punishment, {}), (Sanction, {}))
    ]
    return waiting[0].union(*waiting[1:])


@block("conduct.answer_concern", order=14, template="conduct/_home_concerns.html", url_name="conduct:concerns")
def calls(request: HttpRequest):
    """Open calls, for a referent. One query; a teacher among the referents is told by the bell."""
    if not request.acting.roles - TEACHERS:
        return None
    named = Referent.objects.filter(person=request.acting.person_id)
    return Concern.objects.filter(Exists(named), closed_at=None).count() or None


@block("conduct.follow", order=22, template="conduct/_home_incidents.html", url_name="conduct:incidents")
def to_follow(request: HttpRequest):
    """One's own incidents whose next step is due, the day's serious ones and those still open. One query."""
    if not request.acting.roles & {Role.CPE, *HEADS}:
        return None
    today = timezone.localdate()
    mine = Q(owner=request.acting.person_id, closed_at=None, next_on__lte=today)
    serious = (Q(happened_at__date=today) | Q(closed_at=None)) & Q(severity__gte=SERIOUS)
    found = Incident.objects.filter(mine | serious).order_by(F("next_on").asc(nulls_last=True), "-severity")
    return list(found[:5]) or None
