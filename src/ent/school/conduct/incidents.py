"""Incidents: reported by any adult, followed by student life and the direction, told to each family for its part."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from ent.accounts.queries import me
from ent.kernel import tables
from ent.kernel.access import access
from ent.kernel.audit.models import record
from ent.kernel.refused import Refused
from ent.school.conduct import actions, queries
from ent.school.conduct.forms import FamilyTextForm, FollowForm, IncidentForm, MeasureForm, PartyForm, StepForm
from ent.school.conduct.models import Incident, IncidentParty

PAGE = 50
# Which incidents a list shows.
SHOWS = ("open", "mine", "all")


def _incident(request: HttpRequest, incident: UUID) -> Incident:
    return get_object_or_404(Incident.objects.select_related("reported_by", "closed_by", "owner"), pk=incident)


def _party(request: HttpRequest, party: UUID) -> Incident:
    """The incident of a party: rights are over it."""
    found = get_object_or_404(
        IncidentParty.objects.select_related("incident__owner", "incident__reported_by", "person"), pk=party
    )
    request.party = found  # type: ignore[attr-defined]
    return found.incident


@access("conduct.view_incident")
def incidents(request: HttpRequest) -> HttpResponse:
    """The incidents one may read, the open ones first asked for."""
    found = queries.incidents_for(request.user)
    shown = request.GET.get("show", "")
    shown = shown if shown in SHOWS else "open"
    if shown != "all":
        found = found.filter(closed_at=None)
    if shown == "mine":
        found = found.filter(owner=request.acting.person_id).order_by(F("next_on").asc(nulls_last=True), "-happened_at")
    if tables.asked(request):
        rows = ([one.happened_at, one.get_kind_display(), one.get_place_display(), one.severity,
                 one.reported_by and one.reported_by.formal_name, one.owner and one.owner.formal_name,
                 one.next_step, one.next_on, one.closed_at] for one in found)  # fmt: skip
        header = ["Date", "Nature", "Lieu", "Gravité", "Signalé par", "Suivi par", "Prochaine étape", "Avant le",
                  "Clos le"]  # fmt: skip
        return tables.answer(request, "incidents", header, rows)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "shown": shown,
        "follows": request.user.has_perm("conduct.follow"),
        "reports": request.user.has_perm("conduct.report"),
        "answers": request.user.has_perm("conduct.answer_concern"),
    }
    return render(request, "conduct/incidents.html", context)


@access("conduct.report")
def new_incident(request: HttpRequest) -> HttpResponse:
    """Report what happened."""
    form = IncidentForm(request.POST or None, initial={"happened_at": timezone.localtime()})
    if request.method == "POST" and form.is_valid():
        pupil, part = form.cleaned_data["pupil"], form.cleaned_data["part"]
        party = IncidentParty(person=pupil, part=part) if pupil else None
        made = actions.report(form.save(commit=False), request.acting.person_id, party)
        messages.success(request, "L'incident est signalé. Ajoutez les autres personnes concernées.")
        return redirect("conduct:incident", made.pk)
    return render(request, "conduct/new_incident.html", {"form": form}, status=400 if form.errors else 200)


@access("conduct.view_incident", _incident)
def incident(request: HttpRequest, incident: Incident) -> HttpResponse:
    """What happened, who, what was done. Reading leaves a trace."""
    record("conduct.view_incident", account_id=me(request).pk, object_id=incident.pk)
    return _page(request, incident)


def _page(request: HttpRequest, incident: Incident, **forms) -> HttpResponse:
    follows = request.user.has_perm("conduct.follow", incident)
    context = {
        "incident": incident,
        "parties": queries.parties_of(incident, with_sanctions=follows),
        "steps": list(incident.steps.select_related("by")),
        "follows": follows,
        "sanctions_here": request.user.has_perm("conduct.sanction"),
        "adds": _adds(request, incident),
        "step_form": StepForm(), "family_form": FamilyTextForm(), "measure_form": MeasureForm(),
        "follow_form": FollowForm(instance=incident) if follows else None,
    } | forms  # fmt: skip
    wrong = any(form.errors for name, form in forms.items() if name.endswith("_form"))
    return render(request, "conduct/incident.html", context, status=400 if wrong else 200)


def _adds(request: HttpRequest, incident: Incident) -> bool:
    """Who reported it names those it concerns, and who follows it."""
    mine = incident.reported_by_id == request.acting.person_id
    return mine or request.user.has_perm("conduct.follow", incident)


@access("conduct.view_incident", _incident)
def add_party(request: HttpRequest, incident: Incident) -> HttpResponse:
    """Someone else it concerns: by who reported it, or who follows it."""
    if not _adds(request, incident):
        messages.error(request, "Seule la personne qui a signalé l'incident, ou qui le suit, peut le compléter.")
        return redirect("conduct:incident", incident.pk)
    form = PartyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_party(form.save(commit=False), incident)
            return redirect("conduct:incident", incident.pk)
        except Refused as refused:
            form.add_error(None, str(refused))
    context = {"incident": incident, "form": form}
    return render(request, "conduct/add_party.html", context, status=400 if form.errors else 200)


@access("conduct.follow", _incident)
@require_POST
def follow(request: HttpRequest, incident: Incident) -> HttpResponse:
    """Say who follows it, and what comes next."""
    form = FollowForm(request.POST, instance=incident)
    if not form.is_valid():
        return _page(request, incident, follow_form=form)
    actions.follow_up(form.save(commit=False), request.acting.person_id)
    messages.success(request, "Le suivi est enregistré.")
    return redirect("conduct:incident", incident.pk)


@access("conduct.follow", _party)
@require_POST
def add_measure(request: HttpRequest, incident: Incident) -> HttpResponse:
    """Something done for one party."""
    form = MeasureForm(request.POST)
    if not form.is_valid():
        return _page(request, incident, measure_form=form, measured=request.party)  # type: ignore[attr-defined]
    actions.add_measure(form.save(commit=False), request.party, request.acting.person_id)  # type: ignore[attr-defined]
    messages.success(request, "La mesure est enregistrée.")
    return redirect("conduct:incident", incident.pk)


@access("conduct.follow", _incident)
@require_POST
def add_step(request: HttpRequest, incident: Incident) -> HttpResponse:
    """Write down what was done."""
    form = StepForm(request.POST)
    if not form.is_valid():
        return _page(request, incident, step_form=form)
    actions.add_step(incident, form.cleaned_data["text"], request.acting.person_id)
    return redirect("conduct:incident", incident.pk)


@access("conduct.follow", _party)
@require_POST
def tell_party(request: HttpRequest, incident: Incident) -> HttpResponse:
    """Tell a family its own part."""
    party = request.party  # type: ignore[attr-defined]
    others = incident.parties.select_related("person").exclude(pk=party.pk)
    form = FamilyTextForm(request.POST, child=party.person, others=others)
    if form.is_valid():
        try:
            actions.tell_party(party, form.cleaned_data["text"], request.acting.person_id)
            messages.success(request, "La famille est prévenue.")
            return redirect("conduct:incident", incident.pk)
        except Refused as refused:
            form.add_error("text", str(refused))
    return _page(request, incident, family_form=form, told=party)


@access("conduct.follow", _incident)
@require_POST
def close_incident(request: HttpRequest, incident: Incident) -> HttpResponse:
    """Close it, or open it again (`closed=0`)."""
    actions.set_closed(incident, request.acting.person_id, closed=request.POST.get("closed") != "0")
    return redirect("conduct:incident", incident.pk)
