"""Detentions: who waits for one, the week's by room and supervisor, who did theirs."""

from datetime import date, timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from ent.kernel import tables
from ent.kernel.access import access
from ent.kernel.ids import is_uuid
from ent.kernel.refused import Refused
from ent.kernel.text import typed_day
from ent.school.conduct import actions, queries
from ent.school.conduct.forms import DetentionForm
from ent.school.conduct.models import Detention, Punishment
from ent.school.timetable.models import monday_of

Outcome = Punishment.Outcome
# What a list says of each pupil.
OUTCOMES = (Outcome.DONE, Outcome.NOT_DONE, Outcome.EXCUSED)


def _detention(request: HttpRequest, detention: UUID) -> Detention:
    return get_object_or_404(Detention.objects.select_related("room", "supervisor"), pk=detention)


def _punishment(request: HttpRequest, punishment: UUID) -> Punishment:
    return get_object_or_404(Punishment.objects.select_related("pupil"), pk=punishment)


@access("conduct.supervise")
def detentions(request: HttpRequest) -> HttpResponse:
    """The week's detentions, those who wait for one, and a form for another time."""
    monday = _monday(request)
    week = queries.detentions_between(monday, monday + timedelta(days=6))
    if tables.asked(request):
        rows = [
            [one.starts_at, one.room.name, one.supervisor and one.supervisor.formal_name, str(kept.pupil),
             ", ".join(kept.codes), kept.work or kept.reason, kept.get_outcome_display()]
            for one in week for kept in one.held
        ]  # fmt: skip
        header = ["Début", "Salle", "Surveillant", "Élève", "Classe", "Travail", "Suite"]
        return tables.answer(request, "retenues", header, rows)
    return _page(request, monday, week, DetentionForm())


def _monday(request: HttpRequest) -> date:
    """The week asked for, or the one a form was sent from."""
    asked = typed_day(request.GET.get("day", "") or request.POST.get("day", ""))
    return monday_of(asked or timezone.localdate())


def week_url(monday: date) -> str:
    """Back to the week that was shown."""
    return f"{reverse('conduct:detentions')}?day={monday}"


def _page(request: HttpRequest, monday: date, week: list[Detention], form: DetentionForm, **more) -> HttpResponse:
    context = {
        "monday": monday, "before": monday - timedelta(days=7), "after": monday + timedelta(days=7),
        "grid": queries.grid(week), "waiting": list(queries.waiting()[:200]),
        "open": queries.open_detentions(timezone.now()), "form": form, **more,
    }  # fmt: skip
    return render(request, "conduct/detentions.html", context, status=400 if form.errors else 200)


@access("conduct.supervise")
@require_POST
def new_detention(request: HttpRequest) -> HttpResponse:
    """Open a time of detention; its room is booked."""
    form, monday = DetentionForm(request.POST), _monday(request)
    if form.is_valid():
        try:
            made = actions.open_detention(form.save(commit=False), request.acting.person_id)
        except Refused as refused:
            form.add_error("room", str(refused))
        else:
            messages.success(request, "La retenue est ouverte, sa salle est réservée.")
            return redirect(f"{request.path.removesuffix('new/')}?day={timezone.localdate(made.starts_at)}")
    return _page(request, monday, queries.detentions_between(monday, monday + timedelta(days=6)), form)


@access("conduct.supervise", _detention)
@require_POST
def remove_detention(request: HttpRequest, detention: Detention) -> HttpResponse:
    """There will be none at that time."""
    try:
        actions.close_detention(detention)
        messages.success(request, "Cette retenue est supprimée ; les familles concernées sont prévenues.")
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect(week_url(_monday(request)))


@access("conduct.supervise", _punishment)
@require_POST
def plan(request: HttpRequest, punishment: Punishment) -> HttpResponse:
    """Give a pupil a place; a lesson they would miss is shown first."""
    key = request.POST.get("detention", "")
    detention = Detention.objects.select_related("room").filter(pk=key).first() if is_uuid(key) else None
    if detention is None:
        messages.error(request, "Choisissez une retenue.")
        return redirect(week_url(_monday(request)))
    missed = actions.lessons_meanwhile(punishment, detention)
    if missed and request.POST.get("anyway") != "1":
        monday = _monday(request)
        week = queries.detentions_between(monday, monday + timedelta(days=6))
        return _page(request, monday, week, DetentionForm(), clash=missed, asked=punishment, chosen=detention)
    try:
        actions.plan(punishment, detention)
        messages.success(request, f"{punishment.pupil} est inscrit ; la famille est prévenue.")
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect(week_url(_monday(request)))


@access("conduct.supervise", _detention)
def detention(request: HttpRequest, detention: Detention) -> HttpResponse:
    """The list of one detention: to print and have signed, then who did theirs, all at once."""
    held = queries.held_in([detention])[detention.pk]
    has_begun = detention.starts_at <= timezone.now()
    if request.method == "POST":
        said = {one: request.POST.get(f"outcome-{one.pk}", "") for one in held}
        if not has_begun:
            messages.error(request, "La liste se remplit à partir du début de la retenue.")
        else:
            known = {one: value for one, value in said.items() if value in OUTCOMES}
            count = actions.close_all(known, request.acting.person_id)
            messages.success(request, f"La liste est enregistrée : {count} changement{'s' if count > 1 else ''}.")
        return redirect("conduct:detention", detention.pk)
    if tables.asked(request):
        rows = ([str(one.pupil), ", ".join(one.codes), one.work or one.reason, one.get_outcome_display(), ""]
                for one in held)  # fmt: skip
        return tables.answer(request, "retenue", ["Élève", "Classe", "Travail", "Suite", "Signature"], rows)
    return render(request, "conduct/detention.html", {
        "detention": detention, "held": held, "has_begun": has_begun,
        "outcomes": [(value.value, value.label) for value in OUTCOMES],
        "monday": monday_of(timezone.localdate(detention.starts_at)),
    })  # fmt: skip
