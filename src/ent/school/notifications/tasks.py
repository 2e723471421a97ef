"""Every minute, what is due leaves each open school."""

from celery import shared_task

from ent.school.notifications.delivering import deliver_due
from ent.school.notifications.models import Delivery
from tenants.context import inside, platform
from tenants.models import School

EVERY_SECONDS = 60


@shared_task
def deliver() -> None:
    """One job per open school; what still waits when the next ones come is let go."""
    with platform():
        uais = School.objects.filter(state=School.State.OPEN, revision__isnull=False).values_list("uai", flat=True)
    for uai in list(uais):
        deliver_in.apply_async((uai,), expires=EVERY_SECONDS)


@shared_task(ignore_result=True)
def deliver_in(uai: str) -> None:
    """What is due in one school, sent under its own role."""
    with platform():
        school = School.objects.get(uai=uai)
    with inside(school):
        if Delivery.objects.filter(state=Delivery.State.WAITING).exists():
            deliver_due(school)
