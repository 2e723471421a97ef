"""Training sessions as officers organise them; the places themselves are taken in `tenants.liaison.training`."""

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from ent.kernel.access import Acting
from ent.kernel.audit.models import record
from platform_admin.rollout.actions import Author
from platform_admin.rollout.moves import refuse_if
from tenants.liaison.models import Seats, Training
from tenants.liaison.training import with_left
from tenants.models import School


def seen(acting: Acting) -> QuerySet[Training]:
    """The academy's sessions, and those of the collectivities an officer sees; with their places."""
    found = Training.objects.select_related("authority")
    if acting.sees is not None:
        found = found.filter(Q(authority=None) | Q(authority__in=acting.sees))
    return with_left(found)


def seats_of(school: School) -> QuerySet[Seats]:
    """The places a school took, the latest session first."""
    return (
        school.training_seats.filter(training__cancelled_at=None)
        .select_related("training")
        .order_by("-training__starts_at")
    )


def why_not_note_attendance(training: Training) -> list[str]:
    """Against noting who came, in French; empty where it can be."""
    if training.cancelled_at:
        return ["Cette formation est annulée."]
    if training.starts_at > timezone.now():
        return ["Cette formation n’a pas encore eu lieu : les présences se notent ensuite."]
    return []


def why_not_cancel(training: Training) -> list[str]:
    """Against cancelling a session."""
    if training.cancelled_at:
        return ["Cette formation est déjà annulée."]
    if training.starts_at <= timezone.now():
        return ["Cette formation a eu lieu : elle ne s’annule plus."]
    return []


@transaction.atomic
def organise(training: Training, by: Author) -> Training:
    """Add a session."""
    training.save()
    record("rollout.training_organised", account_id=by.account_id, object_id=training.pk, title=training.title)
    return training


@transaction.atomic
def cancel(training: Training, by: Author) -> None:
    """Cancel a session to come; what schools had taken stays written."""
    refuse_if(why_not_cancel(training))
    training.cancelled_at = timezone.now()
    training.save(update_fields=["cancelled_at"])
    record("rollout.training_cancelled", account_id=by.account_id, object_id=training.pk, title=training.title)


@transaction.atomic
def note_attendance(training: Training, came: dict[int, int | None], by: Author) -> None:
    """Write how many people of each school came (by key of its places)."""
    refuse_if(why_not_note_attendance(training))
    changed = []
    for seats in training.taken.filter(pk__in=came):
        seats.came = came[seats.pk]
        changed.append(seats)
    Seats.objects.bulk_update(changed, ["came"])
    record("rollout.attendance_noted", account_id=by.account_id, object_id=training.pk, schools=len(changed))
