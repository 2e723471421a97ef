"""Background jobs of schools: each names its school, and works in its schema with its rights only."""

from collections.abc import Callable
from functools import wraps

from celery import Task, shared_task

from tenants.context import inside, platform
from tenants.models import School


def school_job(work: Callable[[School], None]) -> Task:
    """Make a function of a school a background job, asked for by the school's UAI."""

    @wraps(work)
    def run(uai: str) -> None:
        with platform():
            school = School.objects.get(uai=uai)
        with inside(school):
            work(school)

    return shared_task(run, ignore_result=True)


def in_every_school(job: Task, *, expires: int | None = None) -> None:
    """Ask for a job in each open school; what still waits after `expires` seconds is let go, for the next time's."""
    with platform():
        found = School.objects.filter(state=School.State.OPEN, revision__isnull=False)
        uais = list(found.values_list("uai", flat=True))
    for uai in uais:
        job.apply_async((uai,), expires=expires)
