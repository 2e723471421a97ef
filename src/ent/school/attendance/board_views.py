"""The control room of student life: registers, who is missing, who is where; outings, exemptions, services."""

from collections import Counter
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from ent.kernel import documents, tables
from ent.kernel.access import Scope, access, reach
from ent.kernel.ids import is_uuid
from ent.kernel.live import follow
from ent.kernel.text import hour, of
from ent.school.attendance import actions, planning, queries, services
from ent.school.attendance.models import Exemption, Outing, Passage, ServiceRegister
from ent.school.attendance.planning_forms import ExemptionForm, OutingForm, PassageForm

Service = ServiceRegister.Service


def _passage(request: HttpRequest, passage: UUID) -> Passage:
    return get_object_or_404(Passage.objects.select_related("pupil"), pk=passage)


def _exemption(request: HttpRequest, exemption: UUID) -> Exemption:
    return get_object_or_404(Exemption, pk=exemption)


def _outing(request: HttpRequest, outing: UUID) -> Outing:
    return get_object_or_404(Outing, pk=outing)


def _sees_removals(request: HttpRequest) -> bool:
    """Why someone was sent out is told to those who read every pupil's conduct."""
    return Scope.SCHOOL in reach(request.user, "conduct.view")


@access("attendance.view_board")
def board(request: HttpRequest) -> HttpResponse:
    """What happens now; the same address answers the live part alone to a script."""
    user = request.user
    context = {
        "board": queries.board(),
        "reminds": user.has_perm("attendance.remind"),
        "opens_register": user.has_perm("attendance.take"),
        "receives": user.has_perm("attendance.receive"),
        "sees_removals": _sees_removals(request),
    }
    if request.htmx:
        return render(request, "attendance/_board.html", context)
    return render(request, "attendance/board.html", context | {"stream": follow(request, actions.BOARD)})


@access("attendance.view_board")
def whereabouts(request: HttpRequest) -> HttpResponse:
    """Where each pupil is now, to print for an evacuation."""
    rows = queries.whereabouts()
    only = request.GET.get("only", "")
    shown = [one for one in rows if one.kind == only] if only else rows
    if tables.asked(request):
        lines = ([one.division, str(one.pupil), one.place, one.scheme, "oui" if one.leave.allowed else "non",
                  one.leave.why] for one in shown)  # fmt: skip
        header = ["Classe", "Élève", "Où", "Régime de sortie", "Peut sortir", "Pourquoi"]
        return tables.answer(request, "presence", header, lines)
    counts = Counter(one.kind for one in rows)
    is_long, opens = len(shown) > queries.FOLDED_ABOVE, "open" in request.GET
    return render(request, "attendance/whereabouts.html", {
        "rows": shown, "total": len(rows), "only": only, "at": timezone.localtime(),
        "kinds": [(kind, label, counts[kind]) for kind, label in queries.KINDS.items() if counts[kind] or kind == only],
        "inside": sum(1 for one in shown if one.is_inside),
        "is_folded": is_long and not opens, "is_unfolded": is_long and opens,
    })  # fmt: skip


@access("attendance.receive")
def passages(request: HttpRequest) -> HttpResponse:
    """Who is in the infirmary or an office; a pupil arrives."""
    form = PassageForm(request.POST or None, initial={"place": planning.place_of(request.acting.roles)})
    if request.method == "POST" and form.is_valid():
        found = form.cleaned_data
        actions.receive(found["pupil"], found["place"], request.acting.person_id, reason=found["reason"])
        messages.success(request, f"L'arrivée {of(str(found['pupil']))} est notée.")
        return redirect("attendance:passages")
    today = planning.passages_of(timezone.localdate())
    return render(request, "attendance/passages.html", {
        "form": form, "passages": today, "sees_care": request.user.has_perm("attendance.view_care"),
        "sees_infirmary": request.user.has_perm("attendance.view_infirmary"),
        "sees_removals": _sees_removals(request),
    }, status=400 if form.errors else 200)  # fmt: skip


def _back(request: HttpRequest) -> HttpResponse:
    """Where the button that was pressed stands."""
    return redirect(
        {"board": "attendance:board", "home": "home"}.get(request.POST.get("back", ""), "attendance:passages")
    )


@access("attendance.receive", _passage)
@require_POST
def receive(request: HttpRequest, passage: Passage) -> HttpResponse:
    """An announced pupil has arrived."""
    passage = actions.receive(passage.pupil, passage.place, request.acting.person_id, passage=passage)
    messages.success(request, f"{passage.pupil} : arrivée notée à {hour(passage.received_at)}.")
    return _back(request)


@access("attendance.receive", _passage)
@require_POST
def let_go(request: HttpRequest, passage: Passage) -> HttpResponse:
    """A pupil leaves; a nurse may leave a note that nurses alone read."""
    note = request.POST.get("care_note", "")[:2000] if request.user.has_perm("attendance.view_care") else ""
    actions.let_go(passage, note)
    messages.success(request, "Le départ est noté.")
    return _back(request)


@access("attendance.take_service")
def service(request: HttpRequest, service: str) -> HttpResponse:
    """The register of the canteen, of study or of the boarding house today."""
    if service not in Service.values:
        raise Http404("Ce service n'existe pas.")
    found = Service(service)
    if request.method == "POST":
        named = {prefix: {UUID(name[len(prefix) :]) for name in request.POST if name.startswith(prefix)
                          and is_uuid(name[len(prefix) :])} for prefix in ("absent-", "shown-")}  # fmt: skip
        services.take(found, named["absent-"], request.acting.person_id, named["shown-"] or None)
        messages.success(request, "L'appel est enregistré.")
        return redirect("attendance:service", service)
    sheet = services.sheet(found)
    if tables.asked(request):
        lines = ([one.division, str(one.pupil), "absent" if one.is_absent else "présent"] for one in sheet.lines)
        return tables.answer(request, service, ["Classe", "Élève", "Noté"], lines)
    return render(request, "attendance/service.html", {"sheet": sheet, "service": found, "services": Service})


@access("attendance.plan")
def exemptions(request: HttpRequest) -> HttpResponse:
    """Exemptions under way and to come; a new one."""
    form = ExemptionForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        planning.exempt(form.save(commit=False), request.acting.person_id, form.cleaned_data["document"])
        messages.success(request, "La dispense est enregistrée.")
        return redirect("attendance:exemptions")
    return render(request, "attendance/exemptions.html", {
        "form": form, "exemptions": planning.exemptions_from(timezone.localdate()),
        "opens_certificates": request.user.has_perm("attendance.view_certificate"),
    }, status=400 if form.errors else 200)  # fmt: skip


@access("attendance.view_certificate", _exemption)
@require_GET
def certificate(request: HttpRequest, exemption: Exemption) -> HttpResponse:
    """The certificate a family brought for an exemption."""
    return documents.served(exemption.document, exemption.document_name)


@access("attendance.plan", _exemption)
@require_POST
def end_exemption(request: HttpRequest, exemption: Exemption) -> HttpResponse:
    """An exemption ends before its day."""
    planning.end(exemption)
    messages.success(request, "La dispense est levée.")
    return redirect("attendance:exemptions")


@access("attendance.plan")
def outings(request: HttpRequest) -> HttpResponse:
    """Trips, exams, internships under way and to come; a new one, for whole classes."""
    form = OutingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        found = form.cleaned_data
        planning.plan_outing(form.instance, found["divisions"], request.acting.person_id)
        messages.success(request, "La sortie est enregistrée : elle se voit déjà dans les appels.")
        return redirect("attendance:outing", form.instance.pk)
    return render(request, "attendance/outings.html", {"form": form, "outings": planning.outings_from(
        timezone.localdate())}, status=400 if form.errors else 200)  # fmt: skip


@access("attendance.plan", _outing)
def outing(request: HttpRequest, outing: Outing) -> HttpResponse:
    """Who goes, who stays at school; cancelling it."""
    if request.method == "POST":
        if "cancel" in request.POST:
            planning.end(outing)
            messages.success(request, "La sortie est annulée.")
            return redirect("attendance:outings")
        planning.keep_at_school(outing, set(request.POST.getlist("stays")))
        messages.success(request, "C'est enregistré.")
        return redirect("attendance:outing", outing.pk)
    return render(request, "attendance/outing.html", {
        "outing": outing, "lines": planning.pupils_of(outing), "anomalies": planning.anomalies_of(outing),
    })  # fmt: skip
