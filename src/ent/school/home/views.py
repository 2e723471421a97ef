"""The home page: what there is for the role one acts in."""

import re

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from ent.accounts.queries import me
from ent.accounts.views import own_path
from ent.kernel import home as kernel_home
from ent.kernel.access import HEADS, Role, open_to_all, signed_in
from ent.school.home import queries
from ent.school.people.families import children_of
from ent.school.people.models import Profile
from ent.school.structure.queries import divisions, taught_by
from tenants.liaison.middleware import DISMISSED_COOKIE, SLOW_COOKIE

PRINTS_LETTERS = {Role.SCHOOL_ADMIN, Role.OFFICE}
# How long a browser remembers what was chosen in it, and how many announcements dismissed.
KEPT_SECONDS = 180 * 24 * 3600
DISMISSED = 20
TEACHES = {Role.TEACHER, Role.FORM_TUTOR}
SEES_ACTIVATION = {*HEADS, *PRINTS_LETTERS}


@signed_in("l'accueil ne montre que ce qui est à soi")
def home(request: HttpRequest) -> HttpResponse:
    """One answer per role to « what now? »."""
    acting = request.acting
    context: dict[str, object] = {"blocks": kernel_home.blocks(request)}
    if acting.profile == Profile.PUPIL:
        context |= {
            "own_blocks": kernel_home.pupil_blocks(request, [acting.person_id])[acting.person_id],
            "enrolments": queries.divisions_of_pupil(acting.person_id),
            "teachers": queries.teachers_of_pupil(acting.person_id),
        }
    elif acting.profile == Profile.RELATIVE:
        children = children_of(me(request), acting, request.school)
        shown = kernel_home.pupil_blocks(request, [child.person_id for child in children if child.is_here])
        context["children"] = [(child, shown.get(child.person_id, ())) for child in children]
    elif acting.profile == Profile.STAFF:
        context["taught"] = taught_by(acting) if acting.roles & TEACHES else []
        if acting.roles & PRINTS_LETTERS:
            context["waiting"] = queries.waiting(request.school)
            context["gives_functions"] = request.user.has_perm("people.manage_functions")
        if acting.roles & SEES_ACTIVATION:
            context["activation"] = queries.activation(request.school)
        if not context["taught"] and request.user.has_perm("structure.list"):
            context["divisions"] = divisions()
    return render(request, "home/home.html", context)


@open_to_all("choisir des pages légères dans son navigateur, avant même d'avoir un compte")
@require_POST
def slow_network(request: HttpRequest) -> HttpResponse:
    """Turn the light pages on (`on=1`) or off in this browser."""
    chosen = request.POST.get("on", "")
    if chosen not in ("0", "1"):
        return HttpResponseBadRequest("Choix inconnu.")
    return _remembering(request, SLOW_COOKIE, chosen)


@signed_in("masquer une annonce dans son navigateur")
@require_POST
def dismiss(request: HttpRequest) -> HttpResponse:
    """Do not show an announcement again in this browser."""
    key = request.POST.get("announcement", "")
    if not re.fullmatch(r"[0-9a-f]{12}", key):
        return HttpResponseBadRequest("Annonce inconnue.")
    known = [one for one in request.COOKIES.get(DISMISSED_COOKIE, "").split(".") if one and one != key]
    return _remembering(request, DISMISSED_COOKIE, ".".join([*known, key][-DISMISSED:]))


def _remembering(request: HttpRequest, cookie: str, value: str) -> HttpResponse:
    """Back to the page one was on, the choice kept by the browser."""
    response = redirect(own_path(request, request.POST.get("next", "")))
    response.set_cookie(
        cookie, value, KEPT_SECONDS, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax"
    )
    return response
