"""Exit schemes: what each allows, who has which; and at the gate, whether a pupil may leave now."""

from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from ent.kernel import tables
from ent.kernel.access import access
from ent.kernel.ids import is_uuid
from ent.kernel.text import folded, typed_day
from ent.school.attendance import exit_forms, exits, queries
from ent.school.attendance.models import ExitScheme
from ent.school.people.models import Person, Profile
from ent.school.structure.models import Division
from ent.school.structure.queries import class_codes

GATE_SHOWN = 20


def _scheme(request: HttpRequest, scheme: UUID) -> ExitScheme:
    return get_object_or_404(ExitScheme, pk=scheme)


def _pupils():
    return Person.objects.filter(profile=Profile.PUPIL, closed_at=None)


@access("attendance.plan")
def schemes(request: HttpRequest) -> HttpResponse:
    """The school's exit schemes with how many pupils have each; a new one."""
    today = timezone.localdate()
    form = exit_forms.SchemeForm(request.POST or None, scheme=ExitScheme(), initial={"starts_on": today})
    if request.method == "POST" and form.is_valid():
        form.scheme.name = form.cleaned_data["name"]
        exits.define(form.scheme, form.save(commit=False), request.acting.person_id)
        messages.success(request, "Le régime est enregistré. Donnez-le maintenant aux élèves.")
        return redirect("attendance:exit_schemes")
    if tables.asked(request):
        held = exits.with_schemes(_pupils(), today).annotate(codes=class_codes()).order_by("sort_key", "pk")
        rows = ([", ".join(one.codes), one.last_name, one.first_name, one.exit_scheme or ""] for one in held)
        return tables.answer(request, "regimes-de-sortie", ["Classe", "Nom", "Prénom", "Régime de sortie"], rows)
    in_force = ExitScheme.objects.filter(closed_at=None).prefetch_related("terms")
    counts = dict(exits.with_schemes(_pupils(), today).order_by().values_list("exit_scheme_id").annotate(Count("pk")))
    shown = [(one, one.terms.all(), counts.get(one.pk, 0)) for one in in_force]
    return render(request, "attendance/exit_schemes.html", {
        "form": form, "schemes": shown, "without": counts.get(None, 0), "today": today,
    }, status=400 if form.errors else 200)  # fmt: skip


@access("attendance.plan", _scheme)
def scheme(request: HttpRequest, scheme: ExitScheme) -> HttpResponse:
    """What a scheme allows, from which day; changed from today or later, what held before stays."""
    today = timezone.localdate()
    terms = list(scheme.terms.select_related("recorded_by"))
    now = next((one for one in terms if one.starts_on <= today), terms[0] if terms else None)
    initial = {flag: getattr(now, flag) for flag in exits.FLAGS} if now else {}
    form = exit_forms.SchemeForm(request.POST or None, scheme=scheme, initial=initial | {"starts_on": today})
    if request.method == "POST" and form.is_valid():
        scheme.name = form.cleaned_data["name"]
        exits.define(scheme, form.save(commit=False), request.acting.person_id)
        messages.success(request, "Le régime est enregistré ; ce qui valait avant reste dans l'historique.")
        return redirect("attendance:exit_scheme", scheme.pk)
    return render(request, "attendance/exit_scheme.html", {
        "scheme": scheme, "terms": terms, "now": now, "form": form,
    }, status=400 if form.errors else 200)  # fmt: skip


@access("attendance.plan", _scheme)
@require_POST
def withdraw(request: HttpRequest, scheme: ExitScheme) -> HttpResponse:
    """No longer given from today on."""
    exits.withdraw(scheme, request.acting.person_id)
    messages.success(
        request, f"Le régime « {scheme} » n'est plus donné ; ses élèves n'en ont plus à partir d'aujourd'hui."
    )
    return redirect("attendance:exit_schemes")


@access("attendance.plan")
def assign(request: HttpRequest) -> HttpResponse:
    """The schemes of a class, pupil by pupil or all at once, from a day on."""
    data = request.POST if request.method == "POST" else request.GET
    key, today = data.get("division", ""), timezone.localdate()
    divisions = list(Division.objects.filter(closed_at=None, year__is_current=True))
    division = next((one for one in divisions if str(one.pk) == key), None) if is_uuid(key) else None
    starts_on = typed_day(data["starts_on"]) if "starts_on" in data else today
    found = list(ExitScheme.objects.filter(closed_at=None))
    pupils, error = [], ""
    if division:
        enrolled = Q(enrolments__division=division, enrolments__closed_at=None)
        pupils = list(exits.with_schemes(_pupils().filter(enrolled), starts_on or today).order_by("sort_key", "pk"))
    if request.method == "POST" and division:
        typed = exit_forms.schemes_typed(request.POST, pupils, {one.pk for one in found})
        everyone = request.POST.get("everyone", "")
        if is_uuid(everyone) and UUID(everyone) in {one.pk for one in found}:
            typed = {one.pk: UUID(everyone) for one in pupils}
        if starts_on is None:
            error = "Donnez une date."
        elif starts_on < today:
            error = "Ce qui valait avant aujourd'hui reste : choisissez aujourd'hui ou plus tard."
        else:
            count = exits.assign(typed, starts_on, request.acting.person_id)
            words = f"{count} régime{'s' if count > 1 else ''} changé{'s' if count > 1 else ''}"
            messages.success(request, f"{words} en {division}." if count else f"Rien n'a changé en {division}.")
            return redirect(f"{request.path}?division={division.pk}")
        for one in pupils:  # nothing typed is lost
            one.exit_scheme_id = typed.get(one.pk, one.exit_scheme_id)  # type: ignore[attr-defined]
    return render(request, "attendance/exit_assign.html", {
        "divisions": divisions, "division": division, "pupils": pupils, "schemes": found, "error": error,
        "starts_on": starts_on or today,
    }, status=400 if error else 200)  # fmt: skip


@access("attendance.view_board")
def gate(request: HttpRequest) -> HttpResponse:
    """« Peut sortir ? »: type a name, read yes or no, and why."""
    words = request.GET.get("q", "")[:100]
    rows, more = [], False
    if typed := folded(words).split():
        among = _pupils()
        for word in typed:
            among = among.filter(sort_key__contains=word)
        found = list(among.order_by("sort_key", "pk").values_list("pk", flat=True)[: GATE_SHOWN + 1])
        more = len(found) > GATE_SHOWN
        rows = queries.whereabouts(among=Person.objects.filter(pk__in=found[:GATE_SHOWN]))
    context = {"q": words, "rows": rows, "more": more, "at": timezone.localtime()}
    if request.htmx:
        return render(request, "attendance/_gate.html", context)
    return render(request, "attendance/gate.html", context)
