"""A pupil's remarks, punishments and sanctions: written by those who may, read and acknowledged by the family."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from ent.kernel.access import Role, Scope, access, reasons
from ent.kernel.ids import is_uuid
from ent.school.conduct import actions, queries
from ent.school.conduct.forms import PunishmentForm, RemarkForm
from ent.school.conduct.models import Punishment, Remark, Sanction
from ent.school.people.access import find_pupil
from ent.school.people.models import Person

SHOWN = 100


def _remark(request: HttpRequest, remark: UUID) -> Remark:
    return get_object_or_404(Remark.objects.select_related("pupil"), pk=remark)


def _punishment(request: HttpRequest, punishment: UUID) -> Punishment:
    return get_object_or_404(Punishment.objects.select_related("pupil"), pk=punishment)


def _sanction(request: HttpRequest, sanction: UUID) -> Sanction:
    return get_object_or_404(Sanction.objects.select_related("pupil"), pk=sanction)


@access("conduct.view", find_pupil)
def pupil(request: HttpRequest, pupil: Person) -> HttpResponse:
    """What is written of a pupil; a teacher who only teaches them sees what they wrote themselves."""
    return _page(request, pupil)


def _page(
    request: HttpRequest, pupil: Person, remark: RemarkForm | None = None, punishment: PunishmentForm | None = None
) -> HttpResponse:
    may, asking = request.user.has_perm, request.acting.person_id
    remarks = pupil.remarks.select_related("by")
    punishments = queries.punishments().filter(pupil=pupil)
    removals = queries.removals_of(pupil)
    seen = {scope for role, scope in reasons(request.user, "conduct.view", pupil) if role != Role.AED}
    if seen == {Scope.TAUGHT}:
        remarks, punishments = remarks.filter(by=asking), punishments.filter(given_by=asking)
        removals = removals.filter(sent_by=asking)
    if Scope.OWN in seen:
        removals = removals.filter(told_at__isnull=False)
    signs = may("conduct.sign")
    shown, given, sent_out = list(remarks[:SHOWN]), list(punishments[:SHOWN]), list(removals[:SHOWN])
    whole = bool(seen & {Scope.OWN, Scope.SCHOOL})
    sanctions = list(pupil.sanctions.all()) if whole else []
    facts = queries.facts_of(pupil, with_incidents=Scope.OWN in seen) if whole else []
    queries.with_acknowledgements(pupil, shown, given, sanctions)
    acknowledged = {
        one.pk for one in (*shown, *given, *sanctions) if any(by.guardian_id == asking for by in one.seen_by)
    }
    punishing = punishment or PunishmentForm(pupil=pupil, initial={"incident": request.GET.get("incident")})
    context = {
        "pupil": pupil,
        "remarks": shown,
        "punishments": given,
        "sanctions": sanctions,
        "boards": [one for one in facts if one.kind == "board"],
        "incidents": [one for one in facts if one.kind == "incident"],
        "acknowledged": acknowledged,
        "signs": signs,
        "form": (remark or RemarkForm()) if may("conduct.record", pupil) else None,
        "punishment_form": punishing if may("conduct.punish", pupil) else None,
        "closes": may("conduct.close", pupil) or may("conduct.supervise"),
        "asking": asking,
        "outcomes": [one for one in Punishment.Outcome.choices if one[0] != Punishment.Outcome.EXCUSED],
        "sanctions_here": may("conduct.sanction", pupil),
        "lists_sanctions": may("conduct.view_sanctions"),
        "ratio": queries.ratio(asking) if seen & {Scope.TAUGHT, Scope.CLASS} else None,
        "removals": sent_out,
        "counts": queries.counts(shown, given, sent_out),
    }
    wrong = any(form is not None and form.errors for form in (remark, punishment))
    return render(request, "conduct/pupil.html", context, status=400 if wrong else 200)


@access("conduct.record", find_pupil)
@require_POST
def record(request: HttpRequest, pupil: Person) -> HttpResponse:
    """Write a remark, from the pupil's page or from the roll; what was typed stays where something is missing."""
    form = RemarkForm(request.POST)
    if not form.is_valid():
        return _page(request, pupil, remark=form)
    asked = request.POST.get("session", "")
    session = UUID(asked) if is_uuid(asked) else None
    made = actions.record_remark(pupil, by=request.acting.person_id, session=session, **form.cleaned_data)
    words = f"{made.get_kind_display()} : c'est noté pour {pupil.display_name}, la famille est prévenue."
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"message": words})
    messages.success(request, words)
    return redirect("attendance:register", made.session_id) if made.session_id else redirect("conduct:pupil", pupil.pk)


@access("conduct.punish", find_pupil)
@require_POST
def punish(request: HttpRequest, pupil: Person) -> HttpResponse:
    """Give a punishment."""
    form = PunishmentForm(request.POST, pupil=pupil)
    if not form.is_valid():
        return _page(request, pupil, punishment=form)
    actions.punish(form.save(commit=False), pupil, request.acting.person_id)
    messages.success(request, "La punition est enregistrée ; la famille est prévenue.")
    return redirect("conduct:pupil", pupil.pk)


@access("conduct.close", _punishment)
@require_POST
def close(request: HttpRequest, punishment: Punishment) -> HttpResponse:
    """Say whether a punishment is done."""
    outcome = request.POST.get("outcome", "")
    if outcome not in Punishment.Outcome.values:
        messages.error(request, "Choisissez une suite : faite, non faite, reportée ou levée.")
    else:
        actions.close(punishment, outcome, request.acting.person_id)
        messages.success(request, f"{punishment.get_kind_display()} : {punishment.get_outcome_display().lower()}.")
    return redirect("conduct:pupil", punishment.pupil_id)


@access("conduct.sign", _remark)
@require_POST
def sign(request: HttpRequest, remark: Remark) -> HttpResponse:
    """A guardian signs a remark."""
    return _acknowledged(request, remark, "Votre signature est enregistrée.")


@access("conduct.sign", _punishment)
@require_POST
def acknowledge_punishment(request: HttpRequest, punishment: Punishment) -> HttpResponse:
    """A guardian has read of a punishment."""
    return _acknowledged(request, punishment, "C'est noté : vous en avez pris connaissance.")


@access("conduct.sign", _sanction)
@require_POST
def acknowledge_sanction(request: HttpRequest, sanction: Sanction) -> HttpResponse:
    """A guardian has read of a sanction."""
    return _acknowledged(request, sanction, "C'est noté : vous en avez pris connaissance.")


def _acknowledged(request: HttpRequest, thing: Remark | Punishment | Sanction, words: str) -> HttpResponse:
    actions.acknowledge(thing, request.acting.person_id)
    messages.success(request, words)
    return redirect("conduct:pupil", thing.pupil_id)
