"""Every few minutes, pupils are told of work shown for the next day."""

from celery import shared_task

from ent.school.lessons.actions import tell_published
from ent.school.lessons.models import Homework
from tenants.context import inside, platform
from tenants.models import School

EVERY_SECONDS = 300


@shared_task
def tell_of_work() -> None:
    """One job per open school; what still waits when the next ones come is let go."""
    with platform():
        uais = School.objects.filter(state=School.State.OPEN, revision__isnull=False).values_list("uai", flat=True)
    for uai in list(uais):
        tell_of_work_in.apply_async((uai,), expires=EVERY_SECONDS)


@shared_task(ignore_result=True)
def tell_of_work_in(uai: str) -> None:
    """Work of one school shown since the last time, under the school's own role."""
    with platform():
        school = School.objects.get(uai=uai)
    with inside(school):
        tell_published(Homework.objects.all())
