"""On the home page: what a pupil has to do, what a teacher has to finish."""

from datetime import timedelta

from django.http import HttpRequest
from django.utils import timezone

from ent.kernel.access import Role
from ent.kernel.home import block, pupil_block
from ent.school.lessons import queries

DAYS = 4


@pupil_block("lessons.view_own", order=20, template="lessons/_home_pupil.html", url_name="lessons:homework")
def to_do(request: HttpRequest, pupils):
    """The work of the next days, with the time it takes. Three queries for all the pupils."""
    today = timezone.localdate()
    found = queries.homework_of_pupils(pupils, today + timedelta(days=1), today + timedelta(days=DAYS))
    return {pupil: {"days": queries.days_of(pupil, works, ())[:2], "is_pupil": Role.PUPIL in request.acting.roles}
            for pupil, works in found.items()}  # fmt: skip


@block("lessons.write", order=20, template="lessons/_home_teacher.html", url_name="lessons:session")
def to_finish(request: HttpRequest):
    """Contents that are missing and copies that wait. Two queries."""
    return queries.owed_by(request.acting.person_id)
