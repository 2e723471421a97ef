"""On the home page: what a family has to justify, what waits for student life."""

from django.http import HttpRequest

from ent.kernel.access import HEADS, Role
from ent.kernel.home import block, pupil_block
from ent.school.absences import queries
from ent.school.people.models import Profile


@pupil_block("absences.view_own", order=12, template="absences/_home_pupil.html", url_name="absences:family")
def to_justify(request: HttpRequest, pupils):
    """Absences of today and those to justify. One query."""
    found = queries.owed_by_pupils(pupils)
    justifies = request.acting.profile == Profile.RELATIVE
    return {
        pupil: {"cases": queries.shown(found.get(pupil, ()), health=True, family=True)[:4], "justifies": justifies}
        for pupil in pupils
    }


@block("absences.settle", order=20, template="absences/_home_staff.html", url_name="absences:to_treat")
def waiting(request: HttpRequest):
    """What waits to be settled, counted. One query."""
    return queries.waiting() if request.acting.roles & {Role.CPE, *HEADS} else None
