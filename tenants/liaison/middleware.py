"""Every request knows what its school's pages are to say and whether they are to be light."""

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from tenants.liaison.notices import Notices, notices_of

# Of one browser: "1" light pages, "0" full pages whatever the school chose; without it, the school's choice.
SLOW_COOKIE = "ent_slow_network"
# The announcements a browser has dismissed, by the end of their identifier.
DISMISSED_COOKIE = "ent_dismissed"
# Rows of a list where the network is slow, where it would have more.
SLOW_ROWS = 20


class NoticesMiddleware:
    """Sets `request.notices`, on first use, and `request.slow_network`."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        school = request.school
        request.notices = SimpleLazyObject(lambda: notices_of(school)) if school else Notices()
        request.slow_network = is_slow(request)
        return self.get_response(request)


def is_slow(request: HttpRequest) -> bool:
    """Whether pages are to be light: as this browser chose, else as the school did."""
    chosen = request.COOKIES.get(SLOW_COOKIE)
    return chosen == "1" or (chosen != "0" and request.notices.slow_for_all)


def rows(request: HttpRequest, usual: int) -> int:
    """How many rows a page of a list holds for this request."""
    return min(usual, SLOW_ROWS) if request.slow_network else usual


def page(request: HttpRequest) -> dict[str, object]:
    """Context of every page: what to announce, and whether light pages are on or to be proposed."""
    notices = getattr(request, "notices", Notices())
    slow = getattr(request, "slow_network", False)
    dismissed = frozenset(request.COOKIES.get(DISMISSED_COOKIE, "").split("."))
    return {
        "announcements": notices.shown(dismissed),
        "maintenance": notices.maintenance,
        "slow_network": slow,
        "proposes_slow_network": not slow and SLOW_COOKIE not in request.COOKIES and notices.is_slow,
    }
