"""On the home page: a teacher's sessions with the roll to take first, the board's figures, the day's rate."""

from django.http import HttpRequest
from django.utils import timezone

from ent.kernel.access import HEADS, Role
from ent.kernel.home import block
from ent.school.attendance import queries

LEADS = {Role.TEACHER, Role.FORM_TUTOR}


@block("attendance.take", order=10, template="attendance/_home_teacher.html", url_name="attendance:register")
def day_of_teacher(request: HttpRequest):
    """The teacher's day, the present first."""
    if not request.acting.roles & LEADS:
        return None
    sittings = queries.day_of(request.acting, timezone.localdate())
    return {"sittings": sittings, "owed": [one for one in sittings if one.is_owed and one.place == "done"]}


@block("attendance.view_board", order=12, template="attendance/_home_board.html", url_name="attendance:board")
def figures(request: HttpRequest):
    """The moment in figures, for student life and the direction."""
    if not request.acting.roles & {Role.CPE, Role.AED, *HEADS}:
        return None
    rate = queries.rate_of(timezone.localdate()) if request.acting.roles & set(HEADS) else None
    return {"moment": queries.moment(), "rate": rate}
