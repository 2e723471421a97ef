"""Pages of people."""

from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from ent.kernel.access import access
from ent.school.people import actions, queries
from ent.school.people.models import Guardianship, Person, Profile
from ent.school.structure.models import Teaching

PER_PAGE = 50


def _person(request: HttpRequest, pk: UUID) -> Person:
    return get_object_or_404(Person, pk=pk)


@access("people.search")
def search(request: HttpRequest) -> HttpResponse:
    """Search as you type; the same address answers the list alone to a script."""
    words, profile = request.GET.get("q", "")[:100], request.GET.get("profile", "")
    found = queries.search(queries.visible_people(request.user), words, profile)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    context = {"page": page, "words": words, "profile": profile, "profiles": Profile.choices,
               "query": f"{query.urlencode()}&" if query else ""}  # fmt: skip
    return render(request, "people/_results.html" if request.htmx else "people/search.html", context)


@access("people.view_person", _person)
def person(request: HttpRequest, person: Person) -> HttpResponse:
    """What this asker may know of someone."""
    user = request.user
    context = {
        "subject": person,
        "age": queries.age(person) if user.has_perm("people.view_birth", person) else None,
        "sees_birth": person.profile == Profile.PUPIL and user.has_perm("people.view_birth", person),
        "sees_contact": person.profile == Profile.RELATIVE and user.has_perm("people.view_contact", person),
        "may_restrict": user.has_perm("people.manage_functions"),
        "is_staff_asking": request.acting.profile == Profile.STAFF,
    }
    if person.profile == Profile.PUPIL:
        context |= {
            "enrolments": person.enrolments.filter(closed_at=None).select_related("division"),
            "groups": person.group_enrolments.filter(closed_at=None).select_related("group"),
            "relatives": queries.relatives_of(person, user),
        }
    elif person.profile == Profile.RELATIVE:
        wards = person.wards.filter(closed_at=None, pupil__in=queries.visible_people(user)).select_related("pupil")
        context["wards"] = wards
    else:
        taught = Teaching.objects.filter(teacher=person, closed_at=None)
        context |= {
            "functions": person.functions.filter(closed_at=None),
            "teachings": taught.select_related("subject", "division", "group").order_by(
                "division__code", "group__code"
            ),
        }
    return render(request, "people/person.html", context)


def _link(request: HttpRequest, pk: UUID) -> Guardianship:
    return get_object_or_404(Guardianship, pk=pk)


@access("people.manage_functions", _link)
@require_POST
def restrict(request: HttpRequest, link: Guardianship) -> HttpResponse:
    """Keep a relative away from a child's file (a judge's decision), or let them back."""
    actions.set_restricted(link, request.POST.get("restricted") == "1", by=request.user)
    return redirect("people:person", link.pupil_id)
