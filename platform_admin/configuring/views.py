"""Settings in the console: the academy's, each collectivity's, each school's."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from ent.accounts.queries import me
from ent.kernel.access import access, acting_as
from platform_admin.configuring.access import Target, hand_of
from platform_admin.console import find_authority, find_school
from platform_admin.officers.access import seen_authorities
from tenants.configuration import pages, queries
from tenants.configuration.actions import Author
from tenants.configuration.pages import Desk
from tenants.configuration.queries import ACADEMY, Place
from tenants.configuration.registry import SETTINGS
from tenants.models import Authority

# In addresses, where the code of a collectivity would stand.
ACADEMY_CODE = "academy"


def find(request: HttpRequest, code: str = "", uai: str = "", key: str = "", change: UUID | None = None) -> Target:
    """The level of an address, its setting, its change: 404 for what does not exist or is not one's own."""
    if uai:
        place = Place(school=find_school(request, uai))
    else:
        place = ACADEMY if code == ACADEMY_CODE else Place(authority=find_authority(request, code))
    if key and key not in SETTINGS:
        raise Http404("Ce réglage n'existe pas.")
    found = queries.changes(place).filter(pk=change).first() if change else None
    if change and found is None:
        raise Http404("Ce changement n'existe pas à ce niveau.")
    return Target(place, SETTINGS.get(key), found)


@access("settings.view")
@require_safe
def settings(request: HttpRequest) -> HttpResponse:
    """The academy's settings; for an officer of collectivities, those of the first."""
    if acting_as(request.user).sees is None:
        return pages.settings_page(request, desk_of(request, Target(ACADEMY)))
    first = collectivities(request)[:1]
    if not first:
        raise Http404("Aucune collectivité n'est de votre ressort.")
    return redirect("configuring:authority", first[0].code)


@access("settings.view", find)
@require_safe
def authority(request: HttpRequest, target: Target) -> HttpResponse:
    """A collectivity's settings."""
    if target.place == ACADEMY:
        return redirect("configuring:settings")
    return pages.settings_page(request, desk_of(request, target))


@access("settings.view", find)
@require_safe
def school(request: HttpRequest, target: Target) -> HttpResponse:
    """A school's settings."""
    return pages.settings_page(request, desk_of(request, target))


@access("settings.change", find)
@require_http_methods(["GET", "HEAD", "POST"])
def setting(request: HttpRequest, target: Target) -> HttpResponse:
    """Change one setting at a level, after seeing what that touches."""
    return pages.edit_page(request, desk_of(request, target), target.setting)


@access("settings.change", find)
@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: HttpRequest, target: Target) -> HttpResponse:
    """Undo a change made at a level, after seeing what that touches."""
    return pages.undo_page(request, desk_of(request, target), target.change)


def collectivities(request: HttpRequest) -> list[Authority]:
    """The collectivities an officer sees; the rectorat's settings are the academy's."""
    return list(seen_authorities(request.acting).exclude(kind=Authority.Kind.ACADEMY).order_by("kind", "code"))


def desk_of(request: HttpRequest, target: Target) -> Desk:
    """Where an officer sits, for a level."""
    acting, place = acting_as(request.user), target.place
    if place.school:
        name, named = "school", [place.school.uai]
    else:
        name, named = "", [place.authority.code if place.authority else ACADEMY_CODE]
    prefix = f"configuring:{name}_" if name else "configuring:"
    page = reverse("configuring:school", args=named) if name else (
        reverse("configuring:authority", args=named) if place.authority else reverse("configuring:settings")
    )  # fmt: skip
    tabs = [] if place.school else [
        *([("Académie", reverse("configuring:settings"))] if acting.sees is None else []),
        *((one.name, reverse("configuring:authority", args=[one.code])) for one in collectivities(request)),
    ]  # fmt: skip
    whose = f", {place.authority or place.school.authority}" if acting.acts is not None and place != ACADEMY else ""
    return Desk(
        place=place,
        hand=hand_of(acting),
        may_act=request.user.has_perm("settings.change", target),
        author=Author(me(request).pk, f"{acting.roles_label}{whose}"),
        page=page,
        edit_url=lambda key: reverse(f"{prefix}setting", args=[*named, key]),
        undo_url=lambda pk: reverse(f"{prefix}undo", args=[*named, pk]),
        tabs="configuring/_tabs.html",
        more={"subject": place.school, "levels": tabs},
    )
