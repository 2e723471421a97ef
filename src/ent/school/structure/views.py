"""Pages of classes and groups."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.text import slugify
from django.views.decorators.http import require_GET

from ent.kernel import tables
from ent.kernel.access import Scope, access, reach
from ent.kernel.navigation import pages_about
from ent.school.people.queries import with_faces
from ent.school.structure import queries
from ent.school.structure.models import Division, Group


def _division(request: HttpRequest, pk: UUID) -> Division:
    return get_object_or_404(Division, pk=pk)


def _group(request: HttpRequest, pk: UUID) -> Group:
    return get_object_or_404(Group, pk=pk)


@access("structure.list")
def divisions(request: HttpRequest) -> HttpResponse:
    """All classes and groups."""
    context = {"divisions": queries.divisions().prefetch_related(queries.current_tutors()), "groups": queries.groups(),
               "shows_faces": request.user.has_perm("structure.export")}  # fmt: skip
    return render(request, "structure/divisions.html", context)


@access("structure.view", _division)
def division(request: HttpRequest, division: Division) -> HttpResponse:
    """A class: its teachers, and its pupils for those who need them."""
    return _audience(request, division, tutors=list(queries.tutors_of(division)))


@access("structure.view", _group)
def group(request: HttpRequest, group: Group) -> HttpResponse:
    """A group, in the same form as a class."""
    return _audience(request, group, tutors=[])


def _audience(request: HttpRequest, audience: Division | Group, tutors: list) -> HttpResponse:
    user = request.user
    sees_pupils = user.has_perm("structure.list_pupils", audience)
    pupils = list(queries.pupils_shown(user, audience)) if sees_pupils else None
    teachers = queries.teachers_of(audience)
    with_faces(user, [*(pupils or ()), *tutors, *(teacher for teacher, _ in teachers)])
    # Read by the pages about a class that are for its own teachers.
    audience.led_by = {one.pk for one in (*tutors, *(teacher for teacher, _ in teachers))}
    kind = "division" if isinstance(audience, Division) else "group"
    context = {
        "audience": audience,
        "kind": kind,
        "pages": pages_about(request, audience, kind) if not audience.closed_at else [],
        "tutors": tutors,
        "teachers": teachers,
        "pupils": pupils,
        "exports": user.has_perm("structure.export", audience),
        # Who sees no photo but their own is not offered a page of initials.
        "offers_photos": bool(reach(user, "people.view_photo") - {Scope.OWN}),
        "photos": request.GET.get("view") == "photos",
    }
    return render(request, "structure/audience.html", context)


@access("structure.export")
@require_GET
def faces(request: HttpRequest) -> HttpResponse:
    """The photo pages of all classes whose pupils one may export, one class to a sheet of paper."""
    user = request.user
    sheets = queries.sheets(queries.exportable_divisions(user))
    with_faces(user, [pupil for _, pupils in sheets for pupil in pupils])
    return render(request, "structure/faces.html", {"sheets": sheets})


@access("structure.export", _division)
def division_list(request: HttpRequest, division: Division) -> HttpResponse:
    """The class list, for a spreadsheet."""
    return _exported(request, division)


@access("structure.export", _group)
def group_list(request: HttpRequest, group: Group) -> HttpResponse:
    """The group's list."""
    return _exported(request, group)


def _exported(request: HttpRequest, audience: Division | Group) -> HttpResponse:
    rows = (
        [
            pupil.last_name,
            pupil.first_name,
            ", ".join(one.division.code for one in pupil.current_enrolments),
        ]
        for pupil in queries.pupils_shown(request.user, audience)
    )
    return tables.answer(request, f"liste-{slugify(audience.code)}", ["Nom", "Prénom", "Classe"], rows)
