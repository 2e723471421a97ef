"""What the school and the academy tell each other: the network, requests for help."""

import os

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ent.accounts.queries import me
from ent.kernel.access import Role, access
from ent.kernel.audit.models import record
from ent.kernel.limits import allowed
from ent.kernel.live import follow
from ent.school.administration.liaison_forms import AnswerForm, MeasureForm, RequestForm
from ent.school.administration.personal_data import personal_data_in
from tenants.liaison import support as conversation
from tenants.liaison.middleware import rows
from tenants.liaison.models import Connectivity, SlowNetwork, SpeedTest, SupportRequest
from tenants.liaison.network import expected_of
from tenants.liaison.notices import forget_notices

# What a test downloads and uploads, as its page says before it starts.
DOWN_BYTES, UP_BYTES = 400_000, 200_000
MEASURES_SHOWN, PER_PAGE = 20, 50
MEASURES, SAMPLES, REQUESTS, MESSAGES = "10/hour", "120/hour", "20/day", "60/hour"


@access("network.manage")
@require_GET
def network(request: HttpRequest) -> HttpResponse:
    """How the school is connected, what that means for its pages, its own test and the light pages for all."""
    connectivity = Connectivity.objects.filter(school=request.school).first()
    tests = list(SpeedTest.objects.filter(school=request.school)[:MEASURES_SHOWN])
    context = {
        "connectivity": connectivity,
        "tests": tests,
        "expected": expected_of(request.school, connectivity, tests[0] if tests else None),
        "slow_for_all": request.notices.slow_for_all,
        "down_bytes": DOWN_BYTES,
        "up_bytes": UP_BYTES,
        "cost": (DOWN_BYTES + UP_BYTES) // 1000,
    }
    return render(request, "administration/network.html", context)


@access("network.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def sample(request: HttpRequest) -> HttpResponse:
    """The test's two directions: bytes that no compression shortens (`?bytes=`), or a body that is read and dropped."""
    if not allowed(SAMPLES, "network-sample", str(me(request).pk)):
        return render(request, "429.html", status=429)
    if request.method == "POST":
        received = len(request.body)
        return JsonResponse({"bytes": received}) if received <= UP_BYTES else HttpResponseBadRequest()
    asked = request.GET.get("bytes", "0")
    if not asked.isascii() or not asked.isdecimal() or int(asked) > DOWN_BYTES:
        return HttpResponseBadRequest("Taille impossible.")
    # Told as it is, so that nothing on the way tries to compress it.
    headers = {"Content-Encoding": "identity", "Cache-Control": "no-store"}
    return HttpResponse(os.urandom(int(asked)), content_type="application/octet-stream", headers=headers)


@access("network.manage")
@require_POST
def measure(request: HttpRequest) -> HttpResponse:
    """Keep what the test found."""
    form = MeasureForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest("Cette mesure n’est pas complète : revenez à la page « Réseau » et recommencez.")
    if not allowed(MEASURES, "network-measure", str(me(request).pk)):
        messages.error(request, "Dix mesures en une heure suffisent : la suivante dans une heure.")
        return redirect("administration:network")
    form.instance.school = request.school
    form.save()
    forget_notices(request.school.pk)
    messages.success(request, "La mesure est enregistrée ; l’académie la voit aussi.")
    return redirect("administration:network")


@access("network.manage")
@require_POST
@transaction.atomic
def slow_for_all(request: HttpRequest) -> HttpResponse:
    """Turn the light pages on (`on=1`) or off for everyone in the school."""
    chosen = request.POST.get("on", "")
    if chosen not in ("0", "1"):
        return HttpResponseBadRequest("Choix inconnu.")
    if chosen == "1":
        SlowNetwork.objects.get_or_create(school=request.school)
        messages.success(request, "Le mode « réseau lent » est activé pour tout l’établissement.")
    else:
        SlowNetwork.objects.filter(school=request.school).delete()
        messages.success(request, "Le mode « réseau lent » n’est plus imposé à l’établissement.")
    record("network.slow_for_all", account_id=me(request).pk, on=chosen == "1")
    forget_notices(request.school.pk)
    return redirect("administration:network")


@access("support.ask")
@require_http_methods(["GET", "HEAD", "POST"])
def support(request: HttpRequest) -> HttpResponse:
    """The school's requests, and a form for a new one; a text that seems to name someone is asked about once."""
    form = RequestForm(request.POST or None)
    warnings: list[str] = []
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        warnings = [] if "sent_as_is" in request.POST else personal_data_in(f"{told['title']}\n{told['text']}")
        if not warnings and allowed(REQUESTS, "support", str(me(request).pk)):
            asked = conversation.ask(request.school, author=function_of(request), **told)
            record("support.ask", account_id=me(request).pk, number=asked.number)
            messages.success(request, f"La demande n° {asked.number} est envoyée à l’académie.")
            return redirect("administration:support_request", asked.number)
        if not warnings:
            form.add_error(None, "Vous avez ouvert vingt demandes aujourd’hui : complétez l’une d’elles.")
    found = SupportRequest.objects.filter(school=request.school)
    context = {
        "form": form,
        "warnings": warnings,
        "page": Paginator(found, rows(request, PER_PAGE)).get_page(request.GET.get("page")),
    }
    return render(request, "administration/support.html", context, status=400 if form.errors else 200)


def find_request(request: HttpRequest, number: int) -> SupportRequest:
    """A request of this school."""
    return get_object_or_404(SupportRequest, number=number, school=request.school)


@access("support.ask", find_request)
@require_http_methods(["GET", "HEAD", "POST"])
def request_page(request: HttpRequest, asked: SupportRequest) -> HttpResponse:
    """The conversation, live; a POST adds a message."""
    form = AnswerForm(request.POST or None)
    warnings: list[str] = []
    if request.method == "POST" and form.is_valid():
        text = form.cleaned_data["text"]
        warnings = [] if "sent_as_is" in request.POST else personal_data_in(text)
        if not warnings and allowed(MESSAGES, "support-message", str(me(request).pk)):
            conversation.write(asked, from_school=True, author=function_of(request), text=text)
            messages.success(request, "Votre message est envoyé.")
            return redirect("administration:support_request", asked.number)
        if not warnings:
            form.add_error("text", "Vous avez envoyé beaucoup de messages en une heure : attendez un peu.")
    context = {"asked": asked, "turns": asked.messages.all(), "form": form, "warnings": warnings, "at_school": True}
    if request.htmx:
        return render(request, "support/_thread.html", context)
    context["stream"] = follow(request, asked.topic)
    return render(request, "administration/support_request.html", context, status=400 if form.errors else 200)


@access("support.ask", find_request)
@require_POST
def close_request(request: HttpRequest, asked: SupportRequest) -> HttpResponse:
    """It is settled."""
    conversation.close(asked, from_school=True, author=function_of(request))
    messages.success(request, "La demande est close.")
    return redirect("administration:support_request", asked.number)


@access("support.ask", find_request)
@require_POST
def reopen_request(request: HttpRequest, asked: SupportRequest) -> HttpResponse:
    """It was not settled after all."""
    conversation.reopen(asked, from_school=True, author=function_of(request))
    messages.success(request, "La demande est rouverte.")
    return redirect("administration:support_request", asked.number)


def function_of(request: HttpRequest) -> str:
    """Who speaks for the school: a function, never a name."""
    held = request.acting.roles
    order = (Role.SCHOOL_ADMIN, Role.SCHOOL_HEAD, Role.DEPUTY_HEAD)
    return str(next((role.label for role in order if role in held), "Établissement"))
