"""What one is told, how one wants to be told, and what could not be sent."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from ent.kernel import tables
from ent.kernel.access import access, signed_in
from ent.kernel.live import follow
from ent.school.notifications import actions, queries
from ent.school.notifications.models import Kind, Notification
from ent.school.people.models import Profile
from tenants.liaison.middleware import rows

PER_PAGE = 30


@access("notifications.list")
def told(request: HttpRequest) -> HttpResponse:
    """What one was told, the latest first; the list alone to a script."""
    person = request.acting.person_id
    page = Paginator(queries.told_to(person).select_related("pupil"), rows(request, PER_PAGE)).get_page(
        request.GET.get("page")
    )
    context = {"page": page, "fails": request.user.has_perm("notifications.view_failures")}
    if request.htmx:
        return render(request, "notifications/_list.html", context)
    return render(request, "notifications/list.html", context | {"stream": follow(request, f"person.{person}")})


@signed_in("ne s'ouvre que par la personne prévenue")
def open_one(request: HttpRequest, notification: UUID) -> HttpResponse:
    """Read, and go where it stands; not found by anyone else."""
    person = request.acting.person_id
    one = get_object_or_404(Notification, pk=notification, person=person)
    actions.read(person, one)
    return redirect(one.path or "notifications:list")


@access("notifications.list")
@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Everything is read."""
    actions.read(request.acting.person_id)
    return redirect("notifications:list")


@access("notifications.list")
def choices(request: HttpRequest) -> HttpResponse:
    """How one wants to be told, kind by kind."""
    person = request.acting.person_id
    is_family = request.acting.profile == Profile.RELATIVE
    if request.method == "POST":
        for kind in Kind:
            actions.choose(person, kind, by_email=f"email-{kind}" in request.POST, by_sms=f"sms-{kind}" in request.POST)
        messages.success(request, "Vos choix sont enregistrés.")
        return redirect("notifications:choices")
    shown = queries.choices_of(
        person, lambda kind: (is_family and kind in actions.BY_EMAIL, is_family and kind in actions.BY_SMS)
    )
    return render(request, "notifications/choices.html", {
        "choices": shown, "quiet": request.in_force["quiet_hours"].value,
    })  # fmt: skip


@access("notifications.view_failures")
def failures(request: HttpRequest) -> HttpResponse:
    """What could not reach families, and why."""
    lost = queries.failures()
    if tables.asked(request):
        lines = ([str(one.notification.person), one.get_way_display(), one.notification.title, one.problem] for one in
                 lost[:5000])  # fmt: skip
        return tables.answer(request, "envois", ["Personne", "Par", "Quoi", "Pourquoi"], lines)
    page = Paginator(lost, rows(request, PER_PAGE)).get_page(request.GET.get("page"))
    return render(request, "notifications/failures.html", {"page": page})
