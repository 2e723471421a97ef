"""Teachers who are away: what is to cover, and the colleagues who answer."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from ent.accounts.queries import me
from ent.kernel.access import access
from ent.kernel.audit.models import record
from ent.kernel.refused import Refused
from ent.school.timetable import covering, forms
from ent.school.timetable.models import ReplacementCall, TeacherAbsence


def _absence(request: HttpRequest, teacher_absence: UUID) -> TeacherAbsence:
    return get_object_or_404(TeacherAbsence.objects.select_related("teacher"), pk=teacher_absence)


def _call(request: HttpRequest, call: UUID) -> ReplacementCall:
    return get_object_or_404(ReplacementCall.objects.select_related("colleague", "session__subject"), pk=call)


@access("timetable.cover")
def absences(request: HttpRequest) -> HttpResponse:
    """Record an absence; those of now and to come."""
    form = forms.AbsenceForm(request.POST or None, initial=dict.fromkeys(("first", "last"), timezone.localdate()))
    if request.method == "POST" and form.is_valid():
        found = form.cleaned_data
        try:
            made = covering.record_absence(found["teacher"], *form.span, found["why"], request.acting.person_id)
            record("timetable.absence", account_id=me(request).pk, object_id=made.pk)
            messages.success(request, "L'absence est enregistrée. Voici les séances à remplacer.")
            return redirect("timetable:teacher_absence", made.pk)
        except Refused as error:
            form.add_error("first", str(error))
    coming = TeacherAbsence.objects.filter(ends_at__gte=timezone.now()).select_related("teacher")
    past = TeacherAbsence.objects.filter(ends_at__lt=timezone.now()).select_related("teacher").order_by("-starts_at")
    return render(request, "timetable/absences.html", {"form": form, "coming": coming, "past": past[:20]},
                  status=400 if form.errors else 200)  # fmt: skip


@access("timetable.cover", _absence)
def absence(request: HttpRequest, absence: TeacherAbsence) -> HttpResponse:
    """The sessions of an absence: cancel, replace, ask, confirm."""
    if request.method == "POST":
        try:
            messages.success(request, _act(request, absence))
        except Refused as error:
            messages.error(request, str(error))
        gone = not TeacherAbsence.objects.filter(pk=absence.pk).exists()
        return redirect("timetable:absences") if gone else redirect("timetable:teacher_absence", absence.pk)
    rows = covering.to_cover(absence)
    return render(request, "timetable/absence.html", {
        "absence": absence, "rows": rows, "left": sum(row.is_open for row in rows),
        "substitute": forms.SubstituteForm(), "changes": request.user.has_perm("timetable.change"),
    })  # fmt: skip


def _act(request: HttpRequest, absence: TeacherAbsence) -> str:
    """Do what was asked, and say so."""
    asked, by = request.POST.get("do"), request.acting.person_id
    if asked == "remove":
        covering.remove_absence(absence)
        return "L'absence est supprimée. Les remplacements déjà faits restent."
    if asked == "entrust":
        form = forms.SubstituteForm(request.POST)
        if not form.is_valid():
            raise Refused("Choisissez le remplaçant dans la liste.")
        done, missed = covering.entrust(absence, form.cleaned_data["substitute"], by)
        busy = f" Déjà pris pour : {', '.join(missed)}." if missed else ""
        return f"{done} séance{'s' if done > 1 else ''} confiée{'s' if done > 1 else ''}.{busy}"
    session = next((one for one in covering.sessions_of(absence) if str(one.pk) == request.POST.get("session")), None)
    if session is None:
        raise Refused("Cette séance n'est plus dans le temps de l'absence.")
    if asked == "cancel":
        covering.cancel(session, by)
        return "La séance est annulée. Les personnes concernées sont prévenues."
    if asked == "ask":
        chosen = set(request.POST.getlist("colleague"))
        made = covering.ask(session, [one for one in forms.teachers() if str(one.pk) in chosen], by)
        return f"La demande est envoyée à {len(made)} collègue{'s' if len(made) > 1 else ''}."
    call = next((one for one in session.calls.select_related("colleague")
                 if str(one.pk) == request.POST.get("call")), None)  # fmt: skip
    if asked == "confirm" and call:
        covering.confirm(call, by)
        return "Le remplacement est confirmé. Les personnes concernées sont prévenues."
    raise Refused("Choisissez ce qu'il faut faire de cette séance.")


@access("timetable.answer_call")
def calls(request: HttpRequest) -> HttpResponse:
    """What colleagues ask of me."""
    return render(request, "timetable/calls.html", {"calls": covering.calls_of(request.acting.person_id)})


@access("timetable.answer_call", _call)
@require_POST
def answer(request: HttpRequest, call: ReplacementCall) -> HttpResponse:
    """Yes, or no."""
    yes = request.POST.get("answer") == "yes"
    try:
        covering.answer(call, yes=yes)
        said = "Merci : la direction va confirmer." if yes else "Votre réponse est transmise."
        messages.success(request, said)
    except Refused as error:
        messages.error(request, str(error))
    return redirect("timetable:calls")
