"""Pages of teaching plans: prepare, share, lay on the calendar, slide."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from ent.kernel import tables
from ent.kernel.access import access
from ent.kernel.ids import is_uuid
from ent.kernel.refused import Refused
from ent.school.lessons import placing, plans, queries, sequences
from ent.school.lessons.access import OwnPlan, PlanToRead
from ent.school.lessons.models import Placing, PlanStep, TeachingPlan
from ent.school.lessons.plan_forms import PlanForm, StepForm
from ent.school.lessons.text import plain, typed
from ent.school.lessons.views import find_session, is_meant
from ent.school.timetable.models import Session


def _plan(request: HttpRequest, plan: UUID) -> TeachingPlan:
    return get_object_or_404(TeachingPlan.objects.select_related("subject", "owner"), pk=plan, removed_at=None)


def _to_read(request: HttpRequest, plan: UUID) -> PlanToRead:
    return PlanToRead(_plan(request, plan))


def _own(request: HttpRequest, plan: UUID) -> OwnPlan:
    return OwnPlan(_plan(request, plan))


def _placing(request: HttpRequest, placing: UUID) -> Placing:
    return get_object_or_404(Placing, pk=placing)


def _step(request: HttpRequest, step: UUID) -> PlanStep:
    return get_object_or_404(PlanStep.objects.select_related("plan__subject"), pk=step, plan__removed_at=None)


@access("lessons.plan")
def own_plans(request: HttpRequest) -> HttpResponse:
    """One's plans and those shared; a new one, by hand or out of a log."""
    return _list(request, PlanForm(teacher=request.acting.person_id))


def _list(request: HttpRequest, form: PlanForm, status: int = 200) -> HttpResponse:
    me = request.acting.person_id
    found = list(plans.plans_of(me))
    return render(request, "lessons/plans.html", {
        "mine": [one for one in found if one.owner_id == me], "shared": [one for one in found if one.owner_id != me],
        "sources": plans.sources_of(me), "form": form,
    }, status=status)  # fmt: skip


@access("lessons.plan")
@require_POST
def make_plan(request: HttpRequest) -> HttpResponse:
    """A new plan, empty."""
    form = PlanForm(request.POST, teacher=request.acting.person_id)
    if not form.is_valid():
        return _list(request, form, 400)
    made = plans.make(request.acting.person_id, **form.cleaned_data)
    messages.success(request, "La progression est créée. Ajoutez sa première séance.")
    return redirect("lessons:plan", made.pk)


@access("lessons.plan")
@require_POST
def make_plan_from_log(request: HttpRequest) -> HttpResponse:
    """A plan out of what one wrote for a class."""
    asked = request.POST.get("source", "")
    source = next((one for one in plans.sources_of(request.acting.person_id) if one.key == asked), None)
    if source is None:
        messages.error(request, "Choisissez la classe dont vous reprenez le cahier de textes.")
        return redirect("lessons:plans")
    made = plans.make_from(request.acting.person_id, source)
    messages.success(request, "La progression est faite. Relisez-la, puis placez-la sur le calendrier.")
    return redirect("lessons:plan", made.pk)


@access("lessons.read_plan", _to_read)
def plan(request: HttpRequest, seen: PlanToRead) -> HttpResponse:
    """A plan, session by session."""
    found = seen.plan
    steps = list(found.steps.prefetch_related("attachments"))
    if tables.asked(request):
        rows = ([one.position, one.title, plain(one.content), plain(one.homework), one.minutes] for one in steps)
        return tables.answer(request, "progression", ["N°", "Séance", "Contenu", "Travail", "Minutes"], rows)
    return render(request, "lessons/plan.html", {
        "plan": found, "steps": steps, "edits": request.user.has_perm("lessons.edit_plan", found),
        "is_own": found.owner_id == request.acting.person_id,
        "placings": placing.placings_of(found, request.acting.person_id),
    })  # fmt: skip


@access("lessons.own_plan", _own)
def settle_plan(request: HttpRequest, seen: OwnPlan) -> HttpResponse:
    """Name it, share it, or give it up."""
    found = seen.plan
    initial = {name: getattr(found, name) for name in ("title", "subject", "grade", "sharing")}
    form = PlanForm(request.POST or None, initial=initial, teacher=request.acting.person_id, plan=found)
    if request.method == "POST" and form.is_valid():
        plans.settle(found, **form.cleaned_data)
        messages.success(request, "La progression est enregistrée.")
        return redirect("lessons:plan", found.pk)
    return render(request, "lessons/plan_settings.html", {"plan": found, "form": form},
                  status=400 if form.errors else 200)  # fmt: skip


@access("lessons.own_plan", _own)
@require_POST
def remove_plan(request: HttpRequest, seen: OwnPlan) -> HttpResponse:
    """The plan is no longer listed."""
    if not is_meant(request):
        return redirect("lessons:plan", seen.plan.pk)
    plans.remove(seen.plan)
    messages.success(request, "La progression est supprimée. Ce qui en était placé reste dans les séances.")
    return redirect("lessons:plans")


@access("lessons.read_plan", _to_read)
@require_POST
def copy_plan(request: HttpRequest, seen: PlanToRead) -> HttpResponse:
    """A copy of one's own."""
    made = plans.copy(seen.plan, request.acting.person_id)
    messages.success(request, "Voici votre copie : vous seul la voyez tant que vous ne la partagez pas.")
    return redirect("lessons:plan", made.pk)


@access("lessons.edit_plan", _plan)
def add_step(request: HttpRequest, found: TeachingPlan) -> HttpResponse:
    """A planned session more."""
    return _edited(request, found, None)


@access("lessons.edit_plan", _step)
def edit_step(request: HttpRequest, step: PlanStep) -> HttpResponse:
    """Change a planned session."""
    return _edited(request, step.plan, step)


def _edited(request: HttpRequest, found: TeachingPlan, step: PlanStep | None) -> HttpResponse:
    initial = {"title": step.title, "content": typed(step.content), "homework": typed(step.homework),
               "minutes": step.minutes} if step else {}  # fmt: skip
    form = StepForm(request.POST or None, request.FILES or None, initial=initial)
    if step and step.minutes not in dict(form.fields["minutes"].choices):
        form.fields["minutes"].choices = [*form.fields["minutes"].choices, (step.minutes, f"{step.minutes} minutes")]
    if request.method == "POST" and form.is_valid():
        made = plans.write_step(found, step, **form.cleaned_data)
        messages.success(request, f"La séance « {made.title} » est enregistrée.")
        return redirect("lessons:plan", found.pk)
    return render(request, "lessons/plan_step.html", {
        "plan": found, "step": step, "form": form, "files": step.attachments.all() if step else (),
    }, status=400 if form.errors else 200)  # fmt: skip


@access("lessons.edit_plan", _step)
@require_POST
def move_step(request: HttpRequest, step: PlanStep) -> HttpResponse:
    """One place earlier or later."""
    plans.move_step(step, up=request.POST.get("way") == "up")
    return redirect(f"/plans/{step.plan_id}/#s{step.pk}")


@access("lessons.edit_plan", _step)
@require_POST
def remove_step(request: HttpRequest, step: PlanStep) -> HttpResponse:
    """A planned session no longer."""
    if not is_meant(request):
        return redirect("lessons:plan", step.plan_id)
    plans.remove_step(step)
    messages.success(request, f"La séance « {step.title} » est retirée de la progression.")
    return redirect("lessons:plan", step.plan_id)


@access("lessons.read_plan", _to_read)
def lay_plan(request: HttpRequest, seen: PlanToRead) -> HttpResponse:
    """Choose where it begins, see where each session falls, then lay it."""
    found = seen.plan
    asked = request.POST if request.method == "POST" else request.GET
    places = plans.places_for(found, request.acting.person_id)
    start = next((one for one in places if str(one.pk) == asked.get("start", "")), None)
    number = asked.get("first", "")
    first = int(number) if number.isascii() and number.isdigit() and len(number) < 5 else 1
    if request.method == "POST" and start:
        count = len(placing.lay(found, start, first, request.acting.person_id).places)
        plural = "s" if count > 1 else ""
        messages.success(request, f"{count} séance{plural} de la progression {'sont' if count > 1 else 'est'} "
                                  f"placée{plural} sur le calendrier. Vous pouvez tout annuler ici.")  # fmt: skip
        return redirect("lessons:plan", found.pk)
    return render(request, "lessons/plan_laid.html", {
        "plan": found, "places": places, "start": start, "first": first, "steps": found.steps.all(),
        "laid": plans.laid(found, start, first) if start else [],
        "problem": "" if start or not asked.get("start") else "Cette séance n'est plus à venir : choisissez-en une.",
    })  # fmt: skip


@access("lessons.take_back_plan", _placing)
@require_POST
def take_back_plan(request: HttpRequest, found: Placing) -> HttpResponse:
    """All that was laid at once goes."""
    taken, left = placing.take_back(found)
    if taken:
        messages.success(request, f"Le placement est annulé : {taken} séance{'s' if taken > 1 else ''} "
                                  f"{'reviennent' if taken > 1 else 'revient'} à l'état d'avant.")  # fmt: skip
    if left:
        messages.warning(request, f"{left} séance{'s' if left > 1 else ''} modifiée{'s' if left > 1 else ''} depuis "
                                  f"{'sont laissées' if left > 1 else 'est laissée'} comme {'elles sont' if left > 1 else 'elle est'}.")  # fmt: skip # noqa: E501
    return redirect("lessons:plan", found.plan_id)


@access("lessons.write", find_session)
def insert(request: HttpRequest, session: Session) -> HttpResponse:
    """« Depuis ma progression »: the planned sessions of this subject, one of which goes into this session."""
    me = request.acting.person_id
    wanted = plans.plans_of(me).filter(subject=session.subject_id)
    if request.method == "POST":
        key = request.POST.get("step", "")
        step = PlanStep.objects.filter(pk=key, plan__in=wanted.values("pk")).first() if is_uuid(key) else None
        if step:
            plans.insert(step, session, me)
            messages.success(request, f"« {step.title} » est dans cette séance.")
        else:
            messages.error(request, "Cette séance n'est plus dans la progression : choisissez-en une autre.")
        return redirect("lessons:session", session.pk)
    sources, asked = queries.copy_sources(session, me), request.GET.get("from", "")
    source = next((one for one in sources if one.key == asked), None)
    return render(request, "lessons/plan_insert.html", {
        "session": session, "plans": wanted.prefetch_related("steps"), "sources": sources, "source": source,
        "found": queries.copied_from(session, me, source.audience.pk) if source else [],
    })  # fmt: skip


# --- sliding -----------------------------------------------------------------------------------------------------
@access("lessons.write", find_session)
def slide(request: HttpRequest, session: Session) -> HttpResponse:
    """What would move to the following sessions; then it moves."""
    try:
        if request.method == "POST":
            sequences.slide(session, request.acting.person_id)
            messages.success(request, "Ce qui était préparé est décalé d'une séance.")
            return redirect("lessons:session", session.pk)
        moves, problem = sequences.to_slide(session), ""
    except Refused as error:
        moves, problem = [], str(error)
    return render(request, "lessons/slide.html", {"session": session, "moves": moves, "problem": problem},
                  status=400 if problem and request.method == "POST" else 200)  # fmt: skip


@access("lessons.write", find_session)
@require_POST
def take_back_slide(request: HttpRequest, session: Session) -> HttpResponse:
    """The last slide of a session is undone."""
    slid = session.slides.filter(undone_at=None).first()
    try:
        if slid is None:
            raise Refused("Il n'y a plus de décalage à annuler.")
        sequences.take_back(slid)
        messages.success(request, "Le décalage est annulé : chaque contenu est revenu à sa place.")
    except Refused as error:
        messages.error(request, str(error))
    return redirect("lessons:session", session.pk)
