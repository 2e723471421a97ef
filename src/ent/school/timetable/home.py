"""On the home page: a pupil's present and next session; replacements to find, and those one is asked for."""

from datetime import timedelta

from django.http import HttpRequest
from django.utils import timezone

from ent.kernel.access import HEADS, Role
from ent.kernel.home import block, pupil_block
from ent.school.timetable import covering
from ent.school.timetable.queries import sessions_ahead

AHEAD = timedelta(days=4)
MOST = 6


@pupil_block("timetable.view_own", order=10, template="timetable/_home_pupil.html", url_name="timetable:own")
def now_and_next(request: HttpRequest, pupils):
    """Now, next, and the sessions of the next taught day. Two queries for all the pupils."""
    now, today = timezone.now(), timezone.localdate()
    found = sessions_ahead(pupils, today, today + AHEAD)
    shown = {}
    for pupil, sessions in found.items():
        current = [one for one in sessions if one.starts_at <= now < one.ends_at]
        coming = [one for one in sessions if one.starts_at > now and one.day == today]
        bag = [one for one in sessions if one.day > today]
        shown[pupil] = {"current": current, "coming": coming[:1], "bag": bag, "bag_day": bag[0].day if bag else None,
                        "bag_begins": next((one.starts_at for one in bag if not one.is_cancelled), None),
                        "is_tomorrow": bool(bag) and bag[0].day == today + timedelta(days=1)}  # fmt: skip
    return shown


@block("timetable.cover", order=20, template="timetable/_home_to_cover.html", url_name="timetable:absences")
def to_cover(request: HttpRequest):
    """The week's sessions that nobody covers yet. One query."""
    if not request.acting.roles & {Role.CPE, *HEADS}:
        return None
    rows = list(covering.wanting(timezone.now() + timedelta(days=7))[: MOST + 1])
    return {"rows": rows[:MOST], "more": len(rows) > MOST} if rows else None


@block("timetable.answer_call", order=15, template="timetable/_home_calls.html", url_name="timetable:calls")
def asked_of_me(request: HttpRequest):
    """The replacements a teacher is asked for. One query."""
    return [one for one in covering.calls_of(request.acting.person_id)[:MOST] if one.state == "asked"] or None
