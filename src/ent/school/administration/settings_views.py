"""The school's settings: its own to change, the others to read."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from ent.accounts.queries import me
from ent.kernel.access import access, reasons
from tenants.configuration import pages, queries
from tenants.configuration.actions import Author
from tenants.configuration.models import SettingChange
from tenants.configuration.pages import Desk
from tenants.configuration.queries import Place
from tenants.configuration.registry import SETTINGS, Hand, Setting

RIGHT = "administration.change_settings"


def find_setting(request: HttpRequest, key: str) -> Setting:
    """A setting, by its key."""
    if key not in SETTINGS:
        raise Http404("Ce réglage n'existe pas.")
    return SETTINGS[key]


def find_change(request: HttpRequest, change: UUID) -> SettingChange:
    """A change made at the school's own level."""
    return get_object_or_404(queries.changes(Place(school=request.school)), pk=change)


@access(RIGHT)
@require_safe
def settings(request: HttpRequest) -> HttpResponse:
    """Every setting: the school's own, and what it inherits."""
    return pages.settings_page(request, desk_of(request))


@access(RIGHT, find_setting)
@require_http_methods(["GET", "HEAD", "POST"])
def setting(request: HttpRequest, setting: Setting) -> HttpResponse:
    """Change one of the school's settings."""
    return pages.edit_page(request, desk_of(request), setting)


@access(RIGHT, find_change)
@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: HttpRequest, change: SettingChange) -> HttpResponse:
    """Undo a change of the school's."""
    return pages.undo_page(request, desk_of(request), change)


def desk_of(request: HttpRequest) -> Desk:
    """The school's own level. The platform's tables learn what its people do there, never who they are."""
    function = str(reasons(request.user, RIGHT)[0][0].label)
    return Desk(
        place=Place(school=request.school),
        hand=Hand.SCHOOL,
        may_act=True,
        author=Author(me(request).pk, function),
        page=reverse("administration:settings"),
        edit_url=lambda key: reverse("administration:setting", args=[key]),
        undo_url=lambda pk: reverse("administration:undo_setting", args=[pk]),
        tabs="administration/_settings_tabs.html",
        confirms=False,
    )
