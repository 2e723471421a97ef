"""Pages of classes and groups."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.text import slugify

from ent.kernel import tables
from ent.kernel.access import access
from ent.school.structure import queries
from ent.school.structure.models import Division, Group


def _division(request: HttpRequest, pk: UUID) -> Division:
    return get_object_or_404(Division, pk=pk)


def _group(request: HttpRequest, pk: UUID) -> Group:
    return get_object_or_404(Group, pk=pk)


@access("structure.list")
def divisions(request: HttpRequest) -> HttpResponse:
    """All classes and groups."""
    return render(request, "structure/divisions.html", {"divisions": queries.divisions(), "groups": queries.groups()})


@access("structure.view", _division)
def division(request: HttpRequest, division: Division) -> HttpResponse:
    """A class: its teachers, and its pupils for those who need them."""
    return _audience(request, division, tutors=list(queries.tutors_of(division)))


@access("structure.view", _group)
def group(request: HttpRequest, group: Group) -> HttpResponse:
    """A group, in the same form as a class."""
    return _audience(request, group, tutors=[])


def _audience(request: HttpRequest, audience: Division | Group, tutors: list) -> HttpResponse:
    sees_pupils = request.user.has_perm("structure.list_pupils", audience)
    exports = request.user.has_perm("structure.export", audience)
    kind = "division" if isinstance(audience, Division) else "group"
    context = {
        "audience": audience,
        "kind": kind,
        "tutors": tutors,
        "teachers": queries.teachers_of(audience),
        "pupils": list(queries.pupils_with_classes(audience)) if sees_pupils else None,
        "exports": exports,
        "photos": request.GET.get("view") == "photos",
    }
    return render(request, "structure/audience.html", context)


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
            ", ".join(one.division.code for one in pupil.enrolments.all() if one.closed_at is None),
        ]
        for pupil in queries.pupils_with_classes(audience)
    )
    return tables.answer(request, f"liste-{slugify(audience.code)}", ["Nom", "Prénom", "Classe"], rows)
