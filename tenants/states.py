"""The states of a school and the ways between them: the one place that knows which change is possible."""

from django.db import transaction

from tenants.models import School

S = School.State
# From each state, those that may follow. A space is created by provisioning, an archive taken back by restoring.
TRANSITIONS: dict[str, tuple[str, ...]] = {
    S.REGISTERED: (),
    S.PROVISIONED: (S.OPEN, S.CLOSED),
    S.OPEN: (S.SUSPENDED, S.CLOSED),
    S.SUSPENDED: (S.OPEN, S.CLOSED),
    S.CLOSED: (S.OPEN, S.ARCHIVED),
    S.ARCHIVED: (),
}
_REASONS: dict[tuple[str, str], str] = {
    (S.REGISTERED, S.OPEN): "Son espace n’existe pas encore : lancez-le d’abord.",
    (S.REGISTERED, S.CLOSED): "Son espace n’existe pas : il n’y a rien à fermer.",
    (S.PROVISIONED, S.SUSPENDED): "Il n’est pas encore ouvert : il n’y a rien à suspendre.",
    (S.CLOSED, S.SUSPENDED): "Il est fermé : il n’y a rien à suspendre.",
}
_ALREADY = {S.OPEN: "ouvert", S.SUSPENDED: "suspendu", S.CLOSED: "fermé", S.ARCHIVED: "archivé"}


class StateError(Exception):
    """A school cannot pass to this state; the message, in French, says why."""


def why_not(school: School, state: str) -> list[str]:
    """Why a school cannot pass to a state, in French; empty where it can."""
    if state in TRANSITIONS[school.state]:
        return []
    if school.state == state:
        return [f"Il est déjà {_ALREADY.get(S(state), str(S(state).label).lower())}."]
    if school.state == S.ARCHIVED:
        return ["Il est archivé : son export doit d’abord être remis en place."]
    if state == S.ARCHIVED:
        no_space = "Son espace n’existe pas : il n’y a rien à archiver."
        return [no_space if school.state == S.REGISTERED else "Fermez-le d’abord : personne ne doit plus y écrire."]
    return [_REASONS.get((school.state, state), f"Il est à l’état « {S(school.state).label} ».")]


@transaction.atomic
def change(school: School, state: str) -> str:
    """Pass a school to a state; returns the one it leaves. Refused with the reason where it cannot."""
    locked = School.objects.select_for_update().get(pk=school.pk)
    reasons = why_not(locked, state)
    if reasons:
        raise StateError(" ".join(reasons))
    before = locked.state
    locked.state = school.state = state
    locked.save(update_fields=["state", "updated_at"])
    return before
