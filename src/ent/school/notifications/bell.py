"""The bell of the top bar: one count that rises by itself."""

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from ent.kernel.access import acting_as
from ent.kernel.live import follow
from ent.school.notifications.queries import unread


def page(request: HttpRequest) -> dict[str, object]:
    """Context of a school's pages: the bell, for who has one; counted only where it is shown."""
    user = getattr(request, "user", None)
    if getattr(request, "school", None) is None or user is None or not user.is_authenticated:
        return {}
    return {"bell": SimpleLazyObject(lambda: _bell(request))}


def _bell(request: HttpRequest) -> dict[str, object]:
    person = acting_as(request.user).person_id
    if person is None or not request.user.has_perm("notifications.list"):
        return {}
    return {
        "count": unread(person),
        "live": follow(request, f"person.{person}"),
        "sees_failures": request.user.has_perm("notifications.view_failures"),
    }
