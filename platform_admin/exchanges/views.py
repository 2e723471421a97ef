"""Pages of announcements and of requests for help in the console."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ent.accounts.queries import me
from ent.kernel import tables
from ent.kernel.access import access
from ent.kernel.audit.models import record
from ent.kernel.live import follow
from platform_admin.console import find_school
from platform_admin.exchanges import actions
from platform_admin.exchanges.access import seen_announcements, seen_requests
from platform_admin.exchanges.forms import AnnouncementForm, AnswerForm, FilterForm
from platform_admin.officers.access import seen_schools
from tenants.liaison import support as conversation
from tenants.liaison.models import Announcement, SupportRequest
from tenants.liaison.notices import notice_of
from tenants.models import School

PER_PAGE = 50
ACADEMY = "Académie de Clermont-Ferrand"


@access("announcements.view")
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """What waits first: requests for help, for whoever may read them; else announcements."""
    return redirect("exchanges:support" if request.user.has_perm("support.view") else "exchanges:announcements")


@access("support.view")
@require_GET
def support(request: HttpRequest) -> HttpResponse:
    """Requests, oldest first."""
    form = FilterForm(request.acting, request.GET)
    chosen = form.cleaned_data if form.is_valid() else {}
    found = seen_requests(request.acting)
    if chosen.get("state") in SupportRequest.State.values:
        found = found.filter(state=chosen["state"])
    elif chosen.get("state") != "all":
        found = found.exclude(state=SupportRequest.State.CLOSED)
    if chosen.get("subject"):
        found = found.filter(subject=chosen["subject"])
    if chosen.get("authority"):
        found = found.filter(school__authority__code=chosen["authority"])
    found = found.order_by("created_at", "pk")
    if tables.asked(request):
        header = ["Numéro", "Établissement", "UAI", "Sujet", "Titre", "État", "Ouverte", "Mise à jour"]
        rows = (
            [one.number, one.school.name, one.school.uai, one.get_subject_display(), one.title,
             one.get_state_display(), one.created_at, one.updated_at]
            for one in found.select_related("school")
        )  # fmt: skip
        return tables.answer(request, "demandes", header, rows)
    context = {
        "form": form,
        "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "exchanges/support.html", context)


@access("support.view", find_school)
@require_GET
def school(request: HttpRequest, school: School) -> HttpResponse:
    """The requests of one school."""
    page = Paginator(school.support_requests.order_by("-updated_at"), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "exchanges/school.html", {"subject": school, "page": page})


def find_request(request: HttpRequest, number: int) -> SupportRequest:
    """A request of a school the officer sees: 404 for any other, noted in the trail where it exists."""
    asked = seen_requests(request.acting).filter(pk=number).first()
    if asked is None:
        if SupportRequest.objects.filter(pk=number).exists():
            record("console.refused", account_id=me(request).pk, path=request.path, request=number)
        raise Http404("Cette demande n'existe pas, ou n'est pas de votre ressort.")
    return asked


@access("support.view", find_request)
@require_GET
def request_page(request: HttpRequest, asked: SupportRequest) -> HttpResponse:
    """The conversation, live."""
    return _conversation(request, asked, AnswerForm())


@access("support.answer", find_request)
@require_POST
def answer(request: HttpRequest, asked: SupportRequest) -> HttpResponse:
    """Answer the school."""
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _conversation(request, asked, form, status=400)
    conversation.write(asked, from_school=False, author=_speaker(request, asked), text=form.cleaned_data["text"])
    return _done(request, asked, "support.answer", "La réponse est envoyée.")


@access("support.answer", find_request)
@require_POST
def close(request: HttpRequest, asked: SupportRequest) -> HttpResponse:
    """It is settled."""
    conversation.close(asked, from_school=False, author=_speaker(request, asked))
    return _done(request, asked, "support.close", "La demande est close.")


@access("support.answer", find_request)
@require_POST
def reopen(request: HttpRequest, asked: SupportRequest) -> HttpResponse:
    """It was not settled after all."""
    conversation.reopen(asked, from_school=False, author=_speaker(request, asked))
    return _done(request, asked, "support.reopen", "La demande est rouverte.")


def _conversation(request: HttpRequest, asked: SupportRequest, form: AnswerForm, status: int = 200) -> HttpResponse:
    context = {"asked": asked, "turns": asked.messages.all(), "form": form}
    if request.htmx:
        return render(request, "support/_thread.html", context)
    context |= {
        "stream": follow(request, asked.topic),
        "may_answer": request.user.has_perm("support.answer", asked),
    }
    return render(request, "exchanges/request.html", context, status=status)


def _done(request: HttpRequest, asked: SupportRequest, action: str, told: str) -> HttpResponse:
    record(action, account_id=me(request).pk, number=asked.number, uai=asked.school.uai)
    messages.success(request, told)
    return redirect("exchanges:request", asked.number)


def _speaker(request: HttpRequest, asked: SupportRequest) -> str:
    """Who answers, as the school reads it: the academy, or the collectivity."""
    return ACADEMY if request.acting.acts is None else str(asked.school.authority)


@access("announcements.view")
@require_GET
def announcements(request: HttpRequest) -> HttpResponse:
    """Announcements, newest first."""
    found = seen_announcements(request.acting).select_related("authority").annotate(reached=Count("schools"))
    found = found.order_by("-shown_from", "pk")
    if tables.asked(request):
        header = ["Titre", "Nature", "De", "Visible dès", "Visible jusqu'à", "Retirée", "Établissements"]
        rows = (
            [one.title, one.get_kind_display(), one.speaker, one.shown_from, one.shown_until,
             "oui" if one.withdrawn_at else "non", one.reached]
            for one in found
        )  # fmt: skip
        return tables.answer(request, "annonces", header, rows)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "may_publish": request.user.has_perm("announcements.publish"),
        "reads_requests": request.user.has_perm("support.view"),
    }
    return render(request, "exchanges/announcements.html", context)


def find_announcement(request: HttpRequest, announcement: UUID) -> Announcement:
    """An announcement that concerns the officer: 404 for any other, noted in the trail where it exists."""
    found = seen_announcements(request.acting).select_related("authority").filter(pk=announcement).first()
    if found is None:
        if Announcement.objects.filter(pk=announcement).exists():
            record("console.refused", account_id=me(request).pk, path=request.path, announcement=str(announcement))
        raise Http404("Cette annonce n'existe pas, ou n'est pas de votre ressort.")
    return found


@access("announcements.view", find_announcement)
@require_GET
def announcement(request: HttpRequest, announcement: Announcement) -> HttpResponse:
    """One announcement, and the officer's schools it reaches."""
    schools = seen_schools(request.acting).filter(announcements=announcement)
    context = {
        "announcement": announcement,
        "notice": notice_of(announcement),
        "page": Paginator(schools, PER_PAGE).get_page(request.GET.get("page")),
        "may_publish": request.user.has_perm("announcements.publish", announcement),
    }
    return render(request, "exchanges/announcement.html", context)


@access("announcements.publish")
@require_http_methods(["GET", "HEAD", "POST"])
def new_announcement(request: HttpRequest) -> HttpResponse:
    """Write, see whom it reaches, publish."""
    return _write(request, None)


@access("announcements.publish", find_announcement)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_announcement(request: HttpRequest, announcement: Announcement) -> HttpResponse:
    """Change it, on schools' pages at once."""
    return _write(request, announcement)


def _write(request: HttpRequest, announcement: Announcement | None) -> HttpResponse:
    form = AnnouncementForm(request.acting, request.POST or None, announcement=announcement)
    context: dict[str, object] = {"form": form, "announcement": announcement}
    if request.method == "POST" and form.is_valid() and "again" not in request.POST:
        written = form.filled()
        if "confirmed" in request.POST:
            actions.publish(written, account_id=me(request).pk)
            messages.success(request, "L’annonce est publiée." if announcement is None else "L’annonce est changée.")
            return redirect("exchanges:announcement", written.pk)
        schools = actions.reached(written.authority, written.audience)
        context |= {
            "notice": notice_of(written),
            "schools": list(schools.values_list("name", "town", "uai")),
            "opened": schools.filter(state=School.State.OPEN).count(),
        }
        return render(request, "exchanges/preview.html", context)
    choices = [form[name] for name in ("authorities", "kinds", "waves")]
    context["choices"] = [choice for choice in choices if choice.field.choices]
    return render(request, "exchanges/write.html", context, status=400 if form.errors else 200)


@access("announcements.publish", find_announcement)
@require_POST
def withdraw(request: HttpRequest, announcement: Announcement) -> HttpResponse:
    """Take it off schools' pages."""
    actions.withdraw(announcement, account_id=me(request).pk)
    messages.success(request, "L’annonce est retirée.")
    return redirect("exchanges:announcement", announcement.pk)
