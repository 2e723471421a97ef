"""A school's way to its opening: its checklist, its place in the plan, its state, its history."""

from collections.abc import Callable
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from ent.kernel.access import access
from platform_admin.console import find_school
from platform_admin.rollout import actions, agreements, documents, moves, queries, training
from platform_admin.rollout.forms import MoveForm, PostponeForm, ReasonForm, StepForm
from platform_admin.rollout.models import Deployment, Step, StepRecord
from platform_admin.rollout.wave_views import by
from tenants import states
from tenants.models import School

MOVES_PER_PAGE = 30


def _deployment(school: School) -> Deployment:
    found = Deployment.objects.select_related("wave", "school").filter(pk=school.pk).first()
    if found is None:
        raise Http404("Cet établissement n’est dans aucune vague.")
    return found


@access("rollout.view", find_school)
@require_GET
def school(request: HttpRequest, school: School) -> HttpResponse:
    """The checklist, what can be done now, and the history."""
    return _page(request, school)


def _page(request: HttpRequest, school: School, wrong: forms.Form | None = None, where: str = "") -> HttpResponse:
    """The page; with the form that was refused where it stands, as it was typed."""
    deployment = Deployment.objects.select_related("wave", "school__authority").filter(pk=school.pk).first()
    row = queries.rows([deployment])[0] if deployment else None
    may = request.user.has_perm
    context: dict[str, object] = {
        "subject": school,
        "deployment": deployment,
        "row": row,
        "warnings": agreements.warnings_of(school),
        "trained": training.seats_of(school),
        "history": Paginator(school.moves.all(), MOVES_PER_PAGE).get_page(request.GET.get("page")),
        "withdrawn": queries.withdrawn_steps(deployment) if deployment else [],
        "may_note": may("rollout.record_step", school),
        "may_plan": may("rollout.manage_waves", school),
        "may_change": may("rollout.change_state", school),
        "where": where,
    }
    if row:
        shown = any(where == f"step-{step.step}" and step.is_next and not step.is_observed for step in row.steps)
        # Someone else noted it meanwhile, say: the form is gone, the refusal is told all the same.
        context["refusals"] = wrong.non_field_errors() if wrong and where.startswith("step-") and not shown else []
        context["steps"] = [
            (step, wrong if where == f"step-{step.step}" else StepForm(initial={"step": step.step}))
            for step in row.steps
        ]
    if context["may_change"]:
        done = {step.step for step in row.steps if step.record} if row else set()
        context |= {
            "why_not_open": moves.why_not_open(school, deployment, done),
            "may_suspend": not states.why_not(school, School.State.SUSPENDED),
            "may_close": not states.why_not(school, School.State.CLOSED),
            "may_archive": not states.why_not(school, School.State.ARCHIVED),
            "suspend_form": wrong if where == "suspend" else ReasonForm(prefix="suspend"),
            "close_form": wrong if where == "close" else ReasonForm(prefix="close"),
        }
    if context["may_plan"]:
        context |= {
            "move_form": wrong if where == "move" else MoveForm(current=deployment.wave if deployment else None),
            "postpone_form": wrong if where == "postpone" else PostponeForm(),
        }
    return render(request, "rollout/school.html", context, status=400 if wrong else 200)


def _act(
    request: HttpRequest, school: School, act: Callable[[], object], said: str,
    form: forms.Form | None = None, where: str = "",
) -> HttpResponse:  # fmt: skip
    """Do, then show the school again; a refusal is told where the form stands, with what was typed."""
    if form is not None and not form.is_valid():
        return _page(request, school, form, where)
    try:
        act()
    except moves.Refused as refused:
        if form is not None:
            form.add_error(None, refused.reasons)
            school.refresh_from_db()
            return _page(request, school, form, where)
        messages.error(request, str(refused))
    else:
        messages.success(request, said)
    return redirect("rollout:school", school.uai)


@access("rollout.record_step", find_school)
@require_POST
def note_step(request: HttpRequest, school: School) -> HttpResponse:
    """Note a step, with its document."""
    deployment = _deployment(school)
    step = request.POST.get("step", "")
    if step not in Step.values:
        raise BadRequest("Cette étape n’existe pas.")
    form = StepForm(request.POST, request.FILES)

    def act() -> None:
        chosen = form.cleaned_data
        actions.note_step(
            deployment, step, by(request), done_on=chosen["done_on"], note=chosen["note"],
            attachment=chosen["attachment"],
        )  # fmt: skip

    said = f"« {Step(step).label} » : c’est noté."
    return _act(request, school, act, said, form, f"step-{step}")


@access("rollout.record_step", find_school)
@require_POST
def withdraw_step(request: HttpRequest, school: School) -> HttpResponse:
    """Withdraw a step: it stays in the history."""
    noted = StepRecord.objects.filter(
        deployment=_deployment(school), step=request.POST.get("step", ""), withdrawn_at=None
    ).first()
    reason = request.POST.get("reason", "").strip()[:500]
    if noted is None or not reason:
        messages.error(request, "Dites pourquoi vous annulez cette étape." if noted else "Cette étape n’est pas notée.")
        return redirect("rollout:school", school.uai)
    return _act(
        request, school, lambda: actions.withdraw_step(noted, reason, by(request)),
        f"« {Step(noted.step).label} » est annulée ; l’historique la garde.",
    )  # fmt: skip


@access("rollout.manage_waves", find_school)
@require_POST
def postpone(request: HttpRequest, school: School) -> HttpResponse:
    """Give it a later day."""
    deployment, form = _deployment(school), PostponeForm(request.POST)

    def act() -> None:
        actions.postpone(deployment, form.cleaned_data["day"], form.cleaned_data["reason"], by(request))

    return _act(request, school, act, "L’ouverture est reportée.", form, "postpone")


@access("rollout.manage_waves", find_school)
@require_POST
def rejoin(request: HttpRequest, school: School) -> HttpResponse:
    """Its wave's day counts again."""
    deployment = _deployment(school)
    return _act(request, school, lambda: actions.rejoin(deployment, by(request)), "La date de la vague vaut.")


@access("rollout.manage_waves", find_school)
@require_POST
def move(request: HttpRequest, school: School) -> HttpResponse:
    """Place it in a wave, or move it to another."""
    current = Deployment.objects.select_related("wave").filter(pk=school.pk).first()
    form = MoveForm(request.POST, current=current.wave if current else None)

    def act() -> None:
        wave, reason = form.cleaned_data["wave"], form.cleaned_data["reason"]
        if current:
            _, refused = actions.move(wave, [school.pk], by(request), reason)
        else:
            _, refused = actions.place(wave, [school.pk], by(request))
        moves.refuse_if([reason for _, reasons in refused for reason in reasons])

    return _act(request, school, act, "C’est fait : la vague est enregistrée.", form, "move")


@access("rollout.manage_waves", find_school)
@require_POST
def remove(request: HttpRequest, school: School) -> HttpResponse:
    """Take it out of the plan."""
    deployment = _deployment(school)
    return _act(request, school, lambda: actions.remove(deployment, by(request)), "L’établissement est retiré du plan.")


@access("rollout.change_state", find_school)
@require_POST
def change_state(request: HttpRequest, school: School) -> HttpResponse:
    """Open, open again, suspend or close."""
    what = request.POST.get("what", "")
    if what == "open":
        return _act(request, school, lambda: actions.open_school(school, by(request)), "L’établissement est ouvert.")
    if what not in ("suspend", "close"):
        raise BadRequest("Ce geste n’existe pas.")
    form = ReasonForm(request.POST, prefix=what)
    act, said = (
        (actions.suspend, "L’établissement est suspendu : plus personne n’y entre pour l’instant.")
        if what == "suspend"
        else (actions.close, "L’établissement est fermé : plus personne n’y entre, ses données restent.")
    )
    return _act(request, school, lambda: act(school, form.cleaned_data["reason"], by(request)), said, form, what)


@access("rollout.change_state", find_school)
@require_POST
def archive(request: HttpRequest, school: School) -> HttpResponse:
    """Archive it, named a second time; its export is written first."""
    return _act(
        request, school, lambda: actions.archive(school, request.POST.get("named_again", ""), by(request)),
        "L’établissement est archivé ; son export est écrit.",
    )  # fmt: skip


def _noted(request: HttpRequest, pk: UUID) -> School:
    """The school of a noted step, if the officer sees it; `noted` is the step."""
    noted = get_object_or_404(StepRecord.objects.select_related("deployment__school"), pk=pk)
    school = find_school(request, noted.deployment.school.uai)
    school.noted = noted
    return school


@access("rollout.view", _noted)
@require_GET
def step_document(request: HttpRequest, school: School) -> HttpResponseBase:
    """A step's document, as an attachment."""
    noted = school.noted
    return documents.served(noted.attachment, f"{school.uai}-{noted.step}-{noted.done_on}")
