"""The exchanges' place in the navigation, and among the pages of a school."""

from django.http import HttpRequest

from ent.kernel.navigation import entry
from platform_admin.console import school_tab
from platform_admin.exchanges.access import answerable_requests
from tenants.liaison.models import SupportRequest


def requests_waiting(request: HttpRequest) -> int:
    """Requests that wait for this officer. One query, for whoever may answer."""
    if not request.user.has_perm("support.answer"):
        return 0
    return answerable_requests(request.acting).filter(state=SupportRequest.State.OPEN).count()


entry("platform", "Échanges", "exchanges:home", "letter", "announcements.view", 60, count=requests_waiting)
school_tab("Assistance", "exchanges:school", "support.view", 60)
