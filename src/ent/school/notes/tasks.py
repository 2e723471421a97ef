"""Every hour: who came since a note was sent gets it too; the evening before it is due, families are reminded."""

from celery import shared_task
from django.utils import timezone

from ent.school.notes.actions import remind_of_tomorrow, send_to_newcomers
from tenants.jobs import in_every_school, school_job
from tenants.models import School

EVERY_SECONDS = 3600
# Before quiet hours begin.
EVENING = 17


@shared_task
def follow_notes() -> None:
    """One job per open school; what still waits when the next ones come is let go."""
    in_every_school(follow_notes_of, expires=EVERY_SECONDS)


@school_job
def follow_notes_of(school: School) -> None:
    """The notes of one school; again it changes nothing."""
    send_to_newcomers()
    if timezone.localtime().hour >= EVENING:
        remind_of_tomorrow()
