"""Pages of people."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST
from django.views.decorators.vary import vary_on_cookie

from ent.accounts.queries import me
from ent.kernel.access import access
from ent.kernel.navigation import pages_about
from ent.school.people import actions, families, queries
from ent.school.people.forms import PhotoForm
from ent.school.people.models import Guardianship, Person, Profile
from ent.school.structure.models import Teaching
from ent.school.structure.queries import divisions_called
from tenants.liaison.middleware import rows

PER_PAGE = 50
SUGGESTED = 8
DAY = 24 * 3600


def _person(request: HttpRequest, pk: UUID) -> Person:
    return get_object_or_404(Person, pk=pk)


def _words(request: HttpRequest) -> str:
    return request.GET.get("q", "")[:100].strip()


@access("people.search")
def search(request: HttpRequest) -> HttpResponse:
    """Search as you type; the same address answers the list alone to a script. `go`: a lone answer opens at once."""
    words, profile = _words(request), request.GET.get("profile", "")
    found = queries.search(queries.visible_people(request.user), words, profile)
    page = Paginator(found, rows(request, PER_PAGE)).get_page(request.GET.get("page"))
    if words and "go" in request.GET and page.paginator.count == 1:
        return redirect("people:person", page[0].pk)
    context = {
        "page": page,
        "people": queries.with_faces(request.user, page, visible=True),
        "words": words,
        "profile": profile,
        "profiles": Profile.choices,
    }
    return render(request, "people/_results.html" if request.htmx else "people/search.html", context)


@access("people.search")
@require_GET
def suggestions(request: HttpRequest) -> HttpResponse:
    """The first few classes and people for what is being typed in the top bar."""
    words = _words(request)
    context: dict[str, object] = {"words": words}
    if words:
        found = queries.search(queries.visible_people(request.user), words)[:SUGGESTED]
        context |= {
            "people": queries.with_faces(request.user, found, visible=True),
            "divisions": divisions_called(words),
        }
    return render(request, "people/_suggestions.html", context)


@access("people.view_person", _person)
def person(request: HttpRequest, person: Person) -> HttpResponse:
    """What this asker may know of someone."""
    return _page(request, person, PhotoForm())


def _page(request: HttpRequest, person: Person, form: PhotoForm, status: int = 200) -> HttpResponse:
    user = request.user
    sees_birth = person.profile == Profile.PUPIL and user.has_perm("people.view_birth", person)
    has_photos = person.profile != Profile.RELATIVE
    context = {
        "subject": person,
        "form": form,
        "changes_photo": has_photos and not person.closed_at and user.has_perm("people.change_photo", person),
        "age": queries.age(person) if sees_birth else None,
        "sees_birth": sees_birth,
        "sees_contact": person.profile == Profile.RELATIVE and user.has_perm("people.view_contact", person),
        "may_restrict": user.has_perm("people.manage_functions"),
        "manages_accounts": bool(person.account_id) and user.has_perm("people.manage_accounts"),
        "sees_rights": user.has_perm("people.view_rights"),
        "pages": pages_about(request, person),
        "is_staff_asking": request.acting.profile == Profile.STAFF,
    }
    if request.acting.profile == Profile.RELATIVE:
        context["children"] = families.children_of(me(request), request.acting, request.school)
    if person.profile == Profile.PUPIL:
        context |= {
            "enrolments": person.enrolments.filter(closed_at=None).select_related("division"),
            "groups": person.group_enrolments.filter(closed_at=None).select_related("group"),
            "relatives": queries.relatives_of(person, user),
        }
    elif person.profile == Profile.RELATIVE:
        links = person.wards.filter(closed_at=None, pupil__in=queries.visible_people(user)).select_related("pupil")
        wards = list(links)
        queries.with_faces(user, [person, *(link.pupil for link in wards)])
        context["wards"] = wards
    else:
        queries.with_faces(user, [person])
        taught = Teaching.objects.filter(teacher=person, closed_at=None)
        context |= {
            "functions": person.functions.filter(closed_at=None),
            "tutored": person.tutored.filter(closed_at=None).select_related("division"),
            "teachings": taught.select_related("subject", "division", "group").order_by(
                "division__code", "group__code"
            ),
        }
    return render(request, "people/person.html", context, status=status)


@access("people.view_photo", _person)
@require_GET
@vary_on_cookie
def photo(request: HttpRequest, person: Person) -> HttpResponse:
    """A person's photo, kept a day by this session's browser and by nobody else."""
    if not person.photo:
        raise Http404("Cette personne n'a pas de photo.")
    try:
        with person.photo.open("rb") as file:
            image = file.read()
    except FileNotFoundError:
        raise Http404("Le fichier de cette photo manque.") from None
    return HttpResponse(
        image,
        content_type="image/webp",
        headers={"Cache-Control": f"private, max-age={DAY}", "Content-Security-Policy": "default-src 'none'"},
    )


@access("people.change_photo", _person)
@require_POST
def change_photo(request: HttpRequest, person: Person) -> HttpResponse:
    """Put a photo on a pupil's or a colleague's file, or `remove` it; a refused one is told beside the field."""
    if person.profile == Profile.RELATIVE or person.closed_at:
        raise Http404("Seuls les élèves et les personnels présents ont une photo.")
    if "remove" in request.POST:
        actions.remove_photo(person, by=me(request))
        messages.success(request, "La photo est retirée.")
        return redirect("people:person", person.pk)
    form = PhotoForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, person, form, status=400)
    actions.set_photo(person, form.cleaned_data["photo"], by=me(request))
    messages.success(request, "La photo est enregistrée.")
    return redirect("people:person", person.pk)


def _link(request: HttpRequest, pk: UUID) -> Guardianship:
    return get_object_or_404(Guardianship, pk=pk)


@access("people.manage_functions", _link)
@require_POST
def restrict(request: HttpRequest, link: Guardianship) -> HttpResponse:
    """Keep a relative away from a child's file (a judge's decision), or let them back."""
    restricted = request.POST.get("restricted") == "1"
    actions.set_restricted(link, restricted, by=me(request))
    messages.success(request, "Le contact est restreint." if restricted else "La restriction est levée.")
    return redirect("people:person", link.pupil_id)
