"""Pages of the plan: calendar, predicted openings, agreements, training."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ent.accounts.queries import me
from ent.kernel import tables
from ent.kernel.access import access
from ent.kernel.audit.models import record
from platform_admin.officers.access import seen_authorities, seen_schools
from platform_admin.rollout import agreements as conventions
from platform_admin.rollout import documents, exports, queries
from platform_admin.rollout import training as sessions
from platform_admin.rollout.forecast import ASSUMED
from platform_admin.rollout.forms import AgreementForm, AttendanceForm, SeatsForm, TrainingForm
from platform_admin.rollout.models import Agreement, Step, Wave
from platform_admin.rollout.months import months
from platform_admin.rollout.moves import Refused
from platform_admin.rollout.predictions import current_pace
from platform_admin.rollout.wave_views import PER_PAGE, by
from tenants.liaison import training as seats
from tenants.liaison.models import Training
from tenants.models import Authority


@access("rollout.view")
@require_GET
def calendar(request: HttpRequest) -> HttpResponse:
    """Month by month, and the pace so far."""
    today = timezone.localdate()
    rhythm = current_pace(today)
    context = {
        "months": months(request.acting, today),
        "late": queries.deployments(request.acting).filter(queries.LATE).count(),
        "ending": conventions.ending(request.acting).count(),
        "pace": [(Step(step).label, rhythm[step]) for step in ASSUMED],
    }
    return render(request, "rollout/plan.html", context)


@access("rollout.view")
@require_GET
def predictions(request: HttpRequest) -> HttpResponse:
    """Each school's predicted opening, the late ones first with why."""
    words, only_late = request.GET.get("q", "")[:80].strip(), request.GET.get("late") == "1"
    chosen = request.GET.get("wave", "")
    found = queries.narrowed(queries.deployments(request.acting), words, only_late)
    if chosen.isdigit():
        found = found.filter(wave=int(chosen))
    if tables.asked(request):
        return exports.deployments(request, queries.late_first(found), "ouvertures-previsibles")
    page = Paginator(queries.late_first(found), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": queries.rows(page),
        "waves": Wave.objects.all(),
        "chosen": chosen,
        "words": words,
        "only_late": only_late,
    }
    return render(request, "rollout/predictions.html", context)


def _acted_for(request: HttpRequest):
    """The collectivities for which an officer acts."""
    found = Authority.objects.exclude(kind=Authority.Kind.ACADEMY)
    return found if request.acting.acts is None else found.filter(pk__in=request.acting.acts)


@access("rollout.view")
@require_GET
def agreements(request: HttpRequest) -> HttpResponse:
    """Framework agreements by collectivity, then schools' own, those that end first, first."""
    if tables.asked(request, "frameworks"):
        return exports.frameworks(request, conventions.frameworks(request.acting))
    if tables.asked(request):
        return exports.agreements(request, conventions.of_schools(request.acting))
    page = Paginator(conventions.of_schools(request.acting), PER_PAGE).get_page(request.GET.get("page"))
    today = timezone.localdate()
    for one in page:
        one.ends_soon, one.is_over = conventions.is_ending(one, today), one.expires_on < today
        one.may_withdraw = request.user.has_perm("rollout.manage_agreements", one)
    context = {
        "frameworks": [
            (one, one.agreement is not None and request.user.has_perm("rollout.manage_agreements", one.agreement))
            for one in conventions.frameworks(request.acting)
        ],
        "page": page,
        "may_manage": request.user.has_perm("rollout.manage_agreements") and _acted_for(request).exists(),
    }
    return render(request, "rollout/agreements.html", context)


@access("rollout.manage_agreements")
@require_http_methods(["GET", "HEAD", "POST"])
def new_agreement(request: HttpRequest) -> HttpResponse:
    """Record a framework agreement, or a school's own."""
    initial = {name: request.GET.get(name, "") for name in ("authority", "uai")}
    form = AgreementForm(request.POST or None, request.FILES or None, authorities=_acted_for(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        agreement = form.save(commit=False)
        agreement.school = form.cleaned_data.get("school")
        try:
            conventions.sign(agreement, by(request))
        except Refused as refused:
            form.add_error(None, refused.reasons)
        else:
            messages.success(request, "La convention est enregistrée.")
            return redirect("rollout:agreements")
    return render(request, "rollout/agreement_form.html", {"form": form}, status=400 if form.errors else 200)


def find_agreement(request: HttpRequest, pk: UUID) -> Agreement:
    """An agreement of a collectivity, or of a school, that the officer sees."""
    agreement = get_object_or_404(Agreement.objects.select_related("authority", "school"), pk=pk)
    mine = (
        seen_schools(request.acting).filter(pk=agreement.school_id)
        if agreement.school_id
        else seen_authorities(request.acting).filter(pk=agreement.authority_id)
    )
    if not mine.exists():
        record("console.refused", account_id=me(request).pk, path=request.path, authority=agreement.authority.code)
        raise Http404("Cette convention n’existe pas, ou n’est pas de votre ressort.")
    return agreement


@access("rollout.manage_agreements", find_agreement)
@require_POST
def withdraw_agreement(request: HttpRequest, agreement: Agreement) -> HttpResponse:
    """Recorded by mistake."""
    conventions.withdraw(agreement, by(request))
    messages.success(request, "La convention est retirée.")
    return redirect("rollout:agreements")


@access("rollout.view", find_agreement)
@require_GET
def agreement_document(request: HttpRequest, agreement: Agreement) -> HttpResponseBase:
    """The signed document, as an attachment."""
    whose = agreement.school.uai if agreement.school else agreement.authority.code
    return documents.served(agreement.document, f"convention-{whose}-{agreement.signed_on}")


@access("rollout.view")
@require_GET
def trainings(request: HttpRequest) -> HttpResponse:
    """Sessions to come, then those past."""
    now = timezone.now()
    found = sessions.seen(request.acting)
    if tables.asked(request):
        return exports.trainings(request, found)
    context = {
        "coming": found.filter(ends_at__gte=now).order_by("starts_at"),
        "page": Paginator(found.filter(ends_at__lt=now).order_by("-starts_at"), PER_PAGE).get_page(
            request.GET.get("page")
        ),
        "may_manage": request.user.has_perm("rollout.manage_training"),
    }
    return render(request, "rollout/trainings.html", context)


@access("rollout.manage_training")
@require_http_methods(["GET", "HEAD", "POST"])
def new_training(request: HttpRequest) -> HttpResponse:
    """Add a session."""
    form = TrainingForm(request.POST or None, authorities=_acted_for(request), of_academy=request.acting.acts is None)
    if request.method == "POST" and form.is_valid():
        training = sessions.organise(form.save(commit=False), by(request))
        messages.success(request, "La formation est enregistrée : les établissements peuvent s’inscrire.")
        return redirect("rollout:training", training.pk)
    return render(request, "rollout/training_form.html", {"form": form}, status=400 if form.errors else 200)


def find_training(request: HttpRequest, pk: UUID) -> Training:
    """A session of the academy or of a collectivity the officer sees."""
    return get_object_or_404(sessions.seen(request.acting), pk=pk)


@access("rollout.view", find_training)
@require_GET
def training(request: HttpRequest, training: Training) -> HttpResponse:
    """Places, schools signed up, attendance."""
    return _training_page(request, training, SeatsForm())


def _training_page(
    request: HttpRequest,
    training: Training,
    seats_form: SeatsForm,
    attendance: AttendanceForm | None = None,
    status: int = 200,
) -> HttpResponse:
    # Of the schools signed up, an officer sees their own; the count is of all.
    taken = list(
        training.taken.filter(school__in=seen_schools(request.acting)).select_related("school").order_by("school__name")
    )
    attendance = attendance or AttendanceForm(seats=taken)
    may_manage = request.user.has_perm("rollout.manage_training", training)
    context = {
        "training": training,
        "rows": [(one, attendance[f"came-{one.pk}"]) for one in taken],
        "seats_form": seats_form,
        "is_past": training.starts_at <= timezone.now(),
        "may_manage": may_manage,
        "may_sign_up": request.user.has_perm("rollout.manage_training"),
        "may_note": may_manage and taken and not sessions.why_not_note_attendance(training),
        "may_cancel": may_manage and not sessions.why_not_cancel(training),
    }
    return render(request, "rollout/training.html", context, status=status)


@access("rollout.view", find_training)
@require_POST
def take_seats(request: HttpRequest, training: Training) -> HttpResponse:
    """Sign a school up, or change its places; zero gives them back."""
    form = SeatsForm(request.POST)
    if form.is_valid():
        uai, wanted = form.cleaned_data["uai"].strip().upper(), form.cleaned_data["taken"]
        school = seen_schools(request.acting).filter(uai=uai).first()
        if school is None:
            form.add_error("uai", "Aucun de vos établissements n’a cet UAI : vérifiez-le.")
        elif not request.user.has_perm("rollout.manage_training", school):
            raise PermissionDenied
        else:
            try:
                if wanted:
                    seats.take(training, school, wanted)
                else:
                    seats.give_back(training, school)
            except seats.SeatsRefused as refused:
                form.add_error("taken", str(refused))
            else:
                messages.success(request, f"{school.name} : {wanted} place{'s' if wanted > 1 else ''}.")
                return redirect("rollout:training", training.pk)
    return _training_page(request, training, form, status=400)


@access("rollout.manage_training", find_training)
@require_POST
def note_attendance(request: HttpRequest, training: Training) -> HttpResponse:
    """Write how many came."""
    taken = list(training.taken.filter(school__in=seen_schools(request.acting)).select_related("school"))
    form = AttendanceForm(request.POST, seats=taken)
    if not form.is_valid():
        return _training_page(request, training, SeatsForm(), form, status=400)
    try:
        sessions.note_attendance(training, {one.pk: form.cleaned_data[f"came-{one.pk}"] for one in taken}, by(request))
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "Les présences sont enregistrées.")
    return redirect("rollout:training", training.pk)


@access("rollout.manage_training", find_training)
@require_POST
def cancel_training(request: HttpRequest, training: Training) -> HttpResponse:
    """Cancel a session to come."""
    try:
        sessions.cancel(training, by(request))
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "La formation est annulée : les établissements inscrits le voient chez eux.")
    return redirect("rollout:training", training.pk)
