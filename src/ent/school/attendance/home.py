"""On the home page: a teacher's sessions with the roll to take first, the board's figures, the day's rate."""

from django.http import HttpRequest
from django.utils import timezone

from ent.kernel.access import HEADS, Role
from ent.kernel.home import block
from ent.school.attendance import planning, queries

LEADS = {Role.TEACHER, Role.FORM_TUTOR}


@block("attendance.take", order=10, template="attendance/_home_teacher.html", url_name="attendance:register")
def day_of_teacher(request: HttpRequest):
    """The teacher's day, the present first."""
    if not request.acting.roles & LEADS:
        return None
    sittings = queries.day_of(request.acting, timezone.localdate())
    owed = [one for one in sittings if one.is_owed and one.place == "done"]
    settled = [one for one in sittings if one.place == "done" and not one.is_owed]
    # The day over, it is read from its start.
    after = settled if len(settled) < len(sittings) else []
    return {"sittings": sittings, "owed": owed, "first": [one for one in sittings if one not in after], "after": after}


@block("attendance.receive", order=11, template="attendance/_home_passages.html", url_name="attendance:passages")
def received(request: HttpRequest):
    """Who is coming to the infirmary or the library, and who is there: for those who have no board. One query."""
    if request.user.has_perm("attendance.view_board"):
        return None
    here = planning.passages_of(timezone.localdate()).filter(left_at=None)
    place = planning.place_of(request.acting.roles)
    return {
        "passages": [one for one in here if one.place == place],
        "place": place.label if place else "",
        "sees_infirmary": request.user.has_perm("attendance.view_infirmary"),
        "sees_care": request.user.has_perm("attendance.view_care"),
    }


@block("attendance.view_board", order=12, template="attendance/_home_board.html", url_name="attendance:board")
def figures(request: HttpRequest):
    """The moment in figures, for student life and the direction."""
    if not request.acting.roles & {Role.CPE, Role.AED, *HEADS}:
        return None
    rate = queries.rate_of(timezone.localdate()) if request.acting.roles & set(HEADS) else None
    return {"moment": queries.moment(), "rate": rate}
