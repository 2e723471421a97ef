"""Every hour: who came since a note was sent gets it too; the evening before it is due, families are reminded."""

from celery import shared_task
from django.utils import timezone

from ent.school.notes.actions import remind_of_tomorrow, send_to_newcomers
from tenants.context import inside, platform
from tenants.models import School

EVERY_SECONDS = 3600
# Before quiet hours begin.
EVENING = 17


@shared_task
def follow_notes() -> None:
    """One job per open school; what still waits when the next ones come is let go."""
    with platform():
        uais = School.objects.filter(state=School.State.OPEN, revision__isnull=False).values_list("uai", flat=True)
    for uai in list(uais):
        follow_notes_of.apply_async((uai,), expires=EVERY_SECONDS)


@shared_task(ignore_result=True)
def follow_notes_of(uai: str) -> None:
    """The notes of one school, under its own role; again it changes nothing."""
    with platform():
        school = School.objects.get(uai=uai)
    with inside(school):
        send_to_newcomers()
        if timezone.localtime().hour >= EVENING:
            remind_of_tomorrow()
