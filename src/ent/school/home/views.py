"""The home page: what there is for the role one acts in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from ent.accounts.queries import me
from ent.kernel.access import HEADS, Role, signed_in
from ent.school.home import queries
from ent.school.people.families import children_of
from ent.school.people.models import Profile
from ent.school.structure.queries import divisions, taught_by

PRINTS_LETTERS = {Role.SCHOOL_ADMIN, Role.OFFICE}
SEES_ACTIVATION = {*HEADS, *PRINTS_LETTERS}


@signed_in("l'accueil ne montre que ce qui est à soi")
def home(request: HttpRequest) -> HttpResponse:
    """One answer per role to « what now? »."""
    acting = request.acting
    context: dict[str, object] = {}
    if acting.profile == Profile.PUPIL:
        context = {
            "enrolments": queries.divisions_of_pupil(acting.person_id),
            "teachers": queries.teachers_of_pupil(acting.person_id),
        }
    elif acting.profile == Profile.RELATIVE:
        context = {"children": children_of(me(request), acting, request.school)}
    elif acting.profile == Profile.STAFF:
        context = {"taught": taught_by(acting)}
        if acting.roles & PRINTS_LETTERS:
            context["waiting"] = queries.waiting(request.school)
            context["gives_functions"] = request.user.has_perm("people.manage_functions")
        if acting.roles & SEES_ACTIVATION:
            context["activation"] = queries.activation(request.school)
        if not context["taught"] and request.user.has_perm("structure.list"):
            context["divisions"] = divisions()
    return render(request, "home/home.html", context)
