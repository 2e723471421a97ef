"""A case on its page, with its trail; deciding, answering a family, calling it: what was typed is never lost."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ent.accounts.views import own_path
from ent.kernel import tables
from ent.kernel.access import access
from ent.kernel.ids import is_uuid
from ent.kernel.live import follow
from ent.kernel.text import of
from ent.school.absences import actions, forms, queries, reasons, trails
from ent.school.absences.models import AbsenceCase, AbsenceNotice, FollowUp
from ent.school.absences.views import by_whom, find_case, find_notice
from ent.school.absences.wording import span_words
from ent.school.people.access import find_pupil
from ent.school.people.models import Person, Profile

ONE_TAP = (FollowUp.Act.CALL_MADE, FollowUp.Act.REACHED, FollowUp.Act.VOICEMAIL)


@access("absences.view", find_case)
@require_GET
def case(request: HttpRequest, case: AbsenceCase) -> HttpResponse:
    """What was noted, decided, by whom, when; and what may be decided."""
    return _page(request, case)


def _page(request: HttpRequest, case: AbsenceCase, form: forms.DecideForm | None = None) -> HttpResponse:
    user, is_family = request.user, request.acting.profile != Profile.STAFF
    health = user.has_perm("absences.view_health")
    may_decide = user.has_perm("absences.settle") and not case.removed_at
    return render(request, "absences/case.html", {
        "case": case, "one": queries.shown([case], health=health, family=is_family)[0], "is_family": is_family,
        "when": span_words(case.starts_at, case.ends_at), "trail": trails.trail(case, family=is_family, health=health),
        "form": (form or _decide_form(case)) if may_decide else None,
        "justifies": user.has_perm("absences.announce") and not case.is_settled and not case.removed_at,
    }, status=400 if form else 200)  # fmt: skip


def _decide_form(case: AbsenceCase, data=None) -> forms.DecideForm:
    form = forms.DecideForm(data, initial={"reason": case.reason_id})
    form.fields["reason"].choices = [("", "Sans changement"), *((one.pk, one.label) for one in reasons.current())]
    return form


@access("absences.settle", find_case)
@require_POST
def decide(request: HttpRequest, case: AbsenceCase) -> HttpResponse:
    """Settle, accept, refuse saying why, give a reason, or reopen."""
    form = _decide_form(case, request.POST)
    if case.removed_at:
        messages.error(request, "L'appel est corrigé : il n'y a plus rien à décider.")
        return redirect("absences:case", case.pk)
    if not form.is_valid():
        return _page(request, case, form)
    found, by = form.cleaned_data, by_whom(request)
    if found["verb"] == form.SETTLE:
        actions.settle([case], by)
    elif found["verb"] == form.REOPEN:
        actions.reopen([case], by)
    elif found["verb"] == form.REASON:
        actions.give_reason([case], found["reason"], by)
    else:
        actions.decide([case], found["verb"] == form.VALID, by, found["reason"], found["words"])
    messages.success(request, "C'est enregistré.")
    return _back(request, "absences:case", case.pk)


def _back(request: HttpRequest, name: str, key) -> HttpResponse:
    """The page the form says it was on, if it is one of ours."""
    asked = request.POST.get("next", "")
    return redirect(own_path(request, asked)) if asked else redirect(name, key)


@access("absences.settle", find_notice)
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, notice: AbsenceNotice) -> HttpResponse:
    """Accept, refuse saying why, or ask for a document."""
    form = forms.AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if actions.answer(notice, form.cleaned_data["verb"], by_whom(request), form.cleaned_data["words"]):
            messages.success(request, f"La famille {of(str(notice.pupil))} est prévenue.")
        else:
            messages.error(request, "Quelqu'un a déjà répondu à cette famille.")
        return redirect("absences:to_treat")
    health = request.user.has_perm("absences.view_health")
    concerned = actions.cases_of(notice).select_related("pupil", "reason")
    return render(request, "absences/answer.html", {
        "notice": notice, "form": form, "when": span_words(notice.starts_at, notice.ends_at),
        "cases": queries.shown(concerned, health=health), "health": health,
        "waits": notice.state in (AbsenceNotice.State.RECEIVED, AbsenceNotice.State.CERTIFICATE),
    }, status=400 if form.errors else 200)  # fmt: skip


@access("absences.record")
@require_GET
def calls(request: HttpRequest) -> HttpResponse:
    """Who is away without a word, whom to call, and what was promised for today."""
    waiting = queries.to_call(phones=request.user.has_perm("people.view_contact"))
    if tables.asked(request):
        lines = (
            [str(one.case.pupil), one.case.starts_at, one.half_days,
             ", ".join(f"{name} : {number or 'pas de téléphone'}" for name, number in one.phones),
             ", ".join(done.get_act_display() for done in one.follow_ups)]
            for one in waiting
        )  # fmt: skip
        header = ["Élève", "Depuis", "Demi-journées sur 30 jours", "Téléphones", "Ce qui a été fait"]
        return tables.answer(request, "appels", header, lines)
    context = {
        "calls": waiting, "due": list(queries.due_follow_ups()), "acts": [(one.value, one.label) for one in ONE_TAP],
    }  # fmt: skip
    if request.htmx:
        return render(request, "absences/_calls.html", context)
    return render(request, "absences/calls.html", context | {"stream": follow(request, actions.TOPIC)})


@access("absences.record", find_pupil)
@require_http_methods(["GET", "HEAD", "POST"])
def follow_up(request: HttpRequest, pupil: Person) -> HttpResponse:
    """Note a call or a message to the family: one tap from the list, or here with a note and what comes next."""
    form = forms.FollowUpForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        found, key = form.cleaned_data, request.POST.get("case", "")
        concerned = AbsenceCase.objects.filter(pupil=pupil, pk=key).first() if is_uuid(key) else None
        actions.follow_up(pupil, found["act"], by_whom(request), case=concerned, note=found["note"],
                          next_step=found["next_step"], next_on=found["next_on"])  # fmt: skip
        messages.success(request, f"C'est noté pour {pupil}.")
        return _back(request, "absences:of_pupil", pupil.pk)
    return render(
        request, "absences/follow_up.html", {"pupil": pupil, "form": form}, status=400 if form.errors else 200
    )
