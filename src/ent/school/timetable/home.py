"""On the home page: a pupil's present and next session, and tomorrow's bag."""

from datetime import timedelta

from django.http import HttpRequest
from django.utils import timezone

from ent.kernel.home import pupil_block
from ent.school.timetable.queries import sessions_ahead

AHEAD = timedelta(days=4)


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
                        "is_tomorrow": bool(bag) and bag[0].day == today + timedelta(days=1)}  # fmt: skip
    return shown
