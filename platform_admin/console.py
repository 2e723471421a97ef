"""What every page of the console stands on: the school in the address, and the tabs of a school's pages."""

from dataclasses import dataclass

from django.http import Http404, HttpRequest

from ent.accounts.queries import me
from ent.kernel.audit.models import record
from platform_admin.officers.access import seen_authorities, seen_schools
from tenants.models import Authority, School


def find_school(request: HttpRequest, uai: str) -> School:
    """The school of an address, if the officer sees it: 404 for any other, noted in the trail where it exists."""
    school = seen_schools(request.acting).select_related("authority").filter(uai=uai.upper()).first()
    if school is None:
        if School.objects.filter(uai=uai.upper()).exists():
            record("console.refused", account_id=me(request).pk, path=request.path, uai=uai.upper())
        raise Http404("Cet établissement n'existe pas, ou n'est pas de votre ressort.")
    return school


def find_authority(request: HttpRequest, code: str) -> Authority:
    """The collectivity of an address, under the same rule."""
    authority = seen_authorities(request.acting).filter(code=code).first()
    if authority is None:
        if Authority.objects.filter(code=code).exists():
            record("console.refused", account_id=me(request).pk, path=request.path, authority=code)
        raise Http404("Cette collectivité n'existe pas, ou n'est pas de votre ressort.")
    return authority


@dataclass(frozen=True)
class SchoolTab:
    """One of the pages about a school, shown to whoever holds its right."""

    label: str
    url_name: str
    permission: str
    order: int


_tabs: list[SchoolTab] = []


def school_tab(label: str, url_name: str, permission: str, order: int) -> None:
    """Declare a page about a school: its URL takes `uai` alone."""
    _tabs.append(SchoolTab(label, url_name, permission, order))
    _tabs.sort(key=lambda tab: tab.order)


def tabs_for(user, school: School) -> list[SchoolTab]:
    """The pages about a school that this user may open."""
    return [tab for tab in _tabs if user.has_perm(tab.permission, school)]
