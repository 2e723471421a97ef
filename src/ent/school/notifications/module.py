"""Where the bell stands in the navigation, with what waits to be read."""

from django.http import HttpRequest

from ent.kernel.navigation import entry, module
from ent.school.notifications.queries import unread

module("notifications", "Notifications", "notifications:", essential=True)


def _unread(request: HttpRequest) -> int:
    return unread(request.acting.person_id)


entry("school", "Nouveau", "notifications:list", "bell", "notifications.list", 12, count=_unread)
