"""A pupil sent out of a lesson whom nobody has received in time: those who must look for them are told."""

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from ent.kernel.access import HEADS, Role
from ent.kernel.live import announce
from ent.kernel.text import hour
from ent.school.attendance.actions import BOARD
from ent.school.attendance.models import EXPECTED_WITHIN, Passage
from ent.school.notifications.actions import tell
from ent.school.notifications.models import Kind
from ent.school.people.models import Person

RECEIVERS = (Role.CPE, Role.AED)
# Read and counted by the school: of nobody in particular.
BECAUSE = "Un élève exclu de cours n'est pas arrivé à la vie scolaire"


def staff_of(roles):
    """Who holds one of these functions here."""
    return Person.objects.filter(
        functions__function__in=[role.value for role in roles], functions__closed_at=None, closed_at=None
    ).distinct()


@transaction.atomic
def escalate() -> int:
    """Tell student life, the direction and the teacher of pupils nobody has received in time; each once."""
    now = timezone.now()
    late = Passage.objects.filter(
        is_removal=True, received_at=None, left_at=None, escalated_at=None, sent_at__lte=now - EXPECTED_WITHIN,
        sent_at__date=timezone.localdate(now),
    ).select_for_update(of=("self",)).select_related("pupil", "session__subject")  # fmt: skip
    found = list(late)
    for one in found:
        title = f"{one.pupil.display_name} n'est pas arrivé à la vie scolaire"
        text = f"Exclu de cours, envoyé à {hour(one.sent_at)}. Personne ne l'a reçu."
        people = set(staff_of((*RECEIVERS, *HEADS)).values_list("pk", flat=True))
        tell(people, Kind.WORK, title, text=text, path=reverse("attendance:board"), is_urgent=True, because=BECAUSE)
        if one.sent_by_id and one.sent_by_id not in people:
            path = reverse("conduct:removal", args=[one.pk])
            tell([one.sent_by_id], Kind.WORK, title, text=text, path=path, is_urgent=True, because=BECAUSE)
        one.escalated_at = now
        one.save(update_fields=["escalated_at"])
    if found:
        announce(BOARD)
    return len(found)
