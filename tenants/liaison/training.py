"""Places at training sessions: taken by a school's administrator or by an officer, never more than there are."""

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from tenants.liaison.models import Seats, Training
from tenants.models import School


class SeatsRefused(Exception):
    """Places cannot be taken or given back; the message, in French, says why."""


def with_left(found: QuerySet[Training]) -> QuerySet[Training]:
    """Sessions with how many places are taken and left, and how many people came."""
    return found.annotate(
        booked=Coalesce(Sum("taken__taken"), Value(0)), attended=Sum("taken__came"), left=F("seats") - F("booked")
    )


def offered_to(school: School) -> QuerySet[Training]:
    """Sessions to come that a school may sign up for."""
    invited = Q(authority=None) | Q(authority=school.authority_id)
    found = Training.objects.filter(invited, starts_at__gt=timezone.now(), cancelled_at=None)
    return with_left(found).order_by("starts_at", "pk")


def why_not_take(training: Training, school: School, wanted: int, taken_by_others: int) -> list[str]:
    """Against a school taking this many places, in French; empty where it can."""
    if training.cancelled_at:
        return ["Cette formation est annulée."]
    if training.starts_at <= timezone.now():
        return ["Cette formation a déjà commencé : les inscriptions sont closes."]
    if training.authority_id and training.authority_id != school.authority_id:
        return [f"Cette formation est réservée aux établissements de {training.authority}."]
    left = training.seats - taken_by_others
    if wanted > left:
        places = "Il ne reste plus de place" if left <= 0 else f"Il reste {left} place{'s' if left > 1 else ''}"
        return [f"{places} : choisissez une autre date{' ou inscrivez moins de personnes' if left > 0 else ''}."]
    return []


@transaction.atomic
def take(training: Training, school: School, wanted: int) -> Seats:
    """Sign a school up for so many places, or change how many; a full session refuses."""
    with connection.cursor() as cursor:
        # Schools may not write sessions, hence not lock one: those who sign up for it wait in line here.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"training:{training.pk}"])
    training = Training.objects.select_related("authority").get(pk=training.pk)
    others = training.taken.exclude(school=school).aggregate(sum=Coalesce(Sum("taken"), Value(0)))["sum"]
    reasons = why_not_take(training, school, wanted, others)
    if reasons:
        raise SeatsRefused(" ".join(reasons))
    return Seats.objects.update_or_create(training=training, school=school, defaults={"taken": wanted})[0]


def give_back(training: Training, school: School) -> bool:
    """Give a school's places back, before the session begins; False where it had none."""
    if training.starts_at <= timezone.now():
        raise SeatsRefused("Cette formation a déjà commencé : notez plutôt combien de personnes sont venues.")
    return bool(training.taken.filter(school=school).delete()[0])
