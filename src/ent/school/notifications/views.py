"""What one is told, how one wants to be told, what comes, and what could not be sent."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import slugify
from django.views.decorators.http import require_GET, require_POST

from ent.accounts.queries import me
from ent.accounts.views import own_path
from ent.kernel import tables
from ent.kernel.access import access, signed_in
from ent.kernel.live import follow
from ent.school.notifications import actions, queries, sms
from ent.school.notifications.coming import WEEK, coming_to
from ent.school.notifications.forms import ChoicesForm
from ent.school.notifications.models import Delivery, Kind
from ent.school.notifications.sending import IN_FULL
from ent.school.notifications.weeks import families_of, weeks_pdf
from ent.school.people.models import Person, Profile
from ent.school.structure.models import Division
from tenants.configuration.registry import SETTINGS
from tenants.liaison.middleware import rows

PER_PAGE = 30


def _family(request: HttpRequest, person: UUID) -> Person:
    return get_object_or_404(Person.objects.exclude(profile=Profile.STAFF), pk=person)


def _delivery(request: HttpRequest, delivery: UUID) -> Delivery:
    return get_object_or_404(Delivery, pk=delivery)


def _division(request: HttpRequest, division: UUID) -> Division:
    return get_object_or_404(Division, pk=division)


@access("notifications.list")
def told(request: HttpRequest) -> HttpResponse:
    """What one was told, the latest first; the list alone to a script."""
    person = request.acting.person_id
    page = Paginator(queries.told_to(person).select_related("pupil"), rows(request, PER_PAGE)).get_page(
        request.GET.get("page")
    )
    context = {"page": page, "waits": any(one.read_at is None for one in page)}
    if request.htmx:
        return render(request, "notifications/_list.html", context)
    return render(request, "notifications/list.html", context | {"stream": follow(request, f"person.{person}")})


@access("notifications.list")
def bell(request: HttpRequest) -> HttpResponse:
    """The bell alone, asked for again when something changed."""
    return render(request, "components/bell.html")


@signed_in("ne s'ouvre que par la personne prévenue")
def open_one(request: HttpRequest, notification: UUID) -> HttpResponse:
    """Read, and go where it stands; not found by anyone else, nor before its hour."""
    person = request.acting.person_id
    one = get_object_or_404(queries.told_to(person), pk=notification)
    actions.read(person, one)
    return redirect(own_path(request, one.path) if one.path else "notifications:list")


@access("notifications.list")
@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Everything is read."""
    actions.read(request.acting.person_id)
    return redirect("notifications:list")


@access("notifications.list")
def choices(request: HttpRequest) -> HttpResponse:
    """How one wants to be told, kind by kind, and when not."""
    acting = request.acting
    form = ChoicesForm(acting.person_id, acting.profile, request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.choose(acting.person_id, form.ways(), form.hours())
        messages.success(request, "Vos choix sont enregistrés.")
        return redirect("notifications:choices")
    shown = SETTINGS["quiet_hours"].kind.shown(request.in_force["quiet_hours"].value)
    phone = Person.objects.filter(pk=acting.person_id).values_list("mobile_phone", flat=True).first() or ""
    return render(request, "notifications/choices.html", {
        "form": form, "school_hours": shown, "has_sms": sms.is_on(), "mobile": sms.mobile(phone),
    }, status=400 if form.errors else 200)  # fmt: skip


@access("notifications.view_week")
def own_week(request: HttpRequest) -> HttpResponse:
    """What comes for oneself, or for each child."""
    return _week(request, get_object_or_404(Person, pk=request.acting.person_id))


@access("notifications.view_week", _family)
def week_of(request: HttpRequest, person: Person) -> HttpResponse:
    """What comes for a pupil or a family, to be printed for those who have no phone."""
    return _week(request, person)


def _week(request: HttpRequest, person: Person) -> HttpResponse:
    found = coming_to([person], WEEK, request.closed_modules).get(person.pk, [])
    return render(request, "notifications/week.html", {"subject": person, "coming": found})


@access("notifications.print_weeks", _division)
@require_GET
def weeks(request: HttpRequest, division: Division) -> HttpResponse:
    """The week to come of a class on paper, for the families chosen: first those no e-mail reaches."""
    families = families_of(division)
    wanted = set(request.GET.getlist("pupil"))
    chosen = [one.pupil for one in families if "all" in request.GET or str(one.pupil.pk) in wanted]
    if "pdf" in request.GET and chosen:
        body = weeks_pdf(division, chosen, request.school.name, request.closed_modules)
        named = {"Content-Disposition": f'inline; filename="semaine-{slugify(division.code)}.pdf"'}
        return HttpResponse(body, content_type="application/pdf", headers=named)
    problem = "Cochez au moins un élève." if "pdf" in request.GET else ""
    context = {"division": division, "families": families, "problem": problem}
    return render(request, "notifications/weeks.html", context, status=400 if problem else 200)


@access("notifications.resend", _delivery)
@require_POST
def resend(request: HttpRequest, delivery: Delivery) -> HttpResponse:
    """One thing that could not leave is tried again."""
    return _resent(request, Delivery.objects.filter(pk=delivery.pk))


@access("notifications.resend")
@require_POST
def resend_all(request: HttpRequest) -> HttpResponse:
    """All that could not leave is tried again."""
    return _resent(request, Delivery.objects.all())


def _resent(request: HttpRequest, deliveries) -> HttpResponse:
    tried = actions.resend(deliveries, me(request).pk)
    if tried:
        plural = "s" if tried > 1 else ""
        messages.success(request, f"{tried} message{plural} {'partent' if tried > 1 else 'part'} de nouveau, hors des "
                                  "heures calmes et des vacances.")  # fmt: skip
    else:
        messages.warning(request, "Il n'y a plus rien à renvoyer.")
    return redirect("notifications:failures")


def _what(one: Delivery) -> str:
    """What could not leave: its title, or where that may be sensitive, what kind of thing it is and no more."""
    told = one.notification
    return told.title if told.kind in IN_FULL else str(told.get_kind_display())


@access("notifications.view_failures")
def failures(request: HttpRequest) -> HttpResponse:
    """What could not reach people, and why; and what was urgent."""
    lost = queries.failures()
    if tables.asked(request):
        header = ["Personne", "Quoi", "Par", "Adresse", "Pourquoi", "Prévu le"]
        lines = (
            [str(one.notification.person), _what(one), one.get_way_display(), one.address, one.problem,
             one.deliver_after]
            for one in lost.iterator()
        )  # fmt: skip
        return tables.answer(request, "envois", header, lines)
    page = Paginator(lost, rows(request, PER_PAGE)).get_page(request.GET.get("page"))
    for one in page:
        one.what = _what(one)
    return render(request, "notifications/failures.html", {
        "page": page, "has_sms": sms.is_on(), "urgent": queries.urgent(), "days": queries.URGENT_DAYS,
        "staff": Profile.STAFF, "summary": Kind.SUMMARY, "resends": request.user.has_perm("notifications.resend"),
    })  # fmt: skip
