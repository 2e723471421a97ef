"""Pages of the waves: their list, one of them, and the schools picked for it."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ent.accounts.queries import me
from ent.kernel import tables
from ent.kernel.access import access
from platform_admin.rollout import actions, exports, moves, queries
from platform_admin.rollout.actions import Author, Refusals
from platform_admin.rollout.forms import FilterForm, PasteForm, WaveForm, sort_uais
from platform_admin.rollout.models import Wave
from tenants.models import School

PER_PAGE = 50
PICKED_PER_PAGE = 100


def find_wave(request: HttpRequest, pk: int) -> Wave:
    """The wave of an address."""
    return get_object_or_404(Wave, pk=pk)


def by(request: HttpRequest) -> Author:
    """The officer who acts."""
    return Author(request.acting.name, me(request).pk)


@access("rollout.view")
@require_GET
def waves(request: HttpRequest) -> HttpResponse:
    """Every wave with its dates and how far it is."""
    found = queries.waves(request.acting)
    if tables.asked(request):
        return exports.waves(request, found)
    context = {"waves": found, "may_manage": request.user.has_perm("rollout.manage_waves")}
    return render(request, "rollout/waves.html", context)


@access("rollout.manage_waves")
@require_http_methods(["GET", "HEAD", "POST"])
def new_wave(request: HttpRequest) -> HttpResponse:
    """Add a wave after the last one."""
    last = Wave.objects.aggregate(last=Max("number"))["last"] or 0
    return _edit(request, Wave(), {"number": last + 1})


@access("rollout.manage_waves", find_wave)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_wave(request: HttpRequest, wave: Wave) -> HttpResponse:
    """Change a wave."""
    return _edit(request, wave, {})


def _edit(request: HttpRequest, wave: Wave, initial: dict[str, int]) -> HttpResponse:
    name = wave.name
    form = WaveForm(request.POST or None, instance=wave, initial=initial)
    if request.method == "POST" and form.is_valid():
        saved = actions.save_wave(form.save(commit=False), by(request))
        messages.success(request, f"La vague « {saved.name} » est enregistrée.")
        return redirect("rollout:wave", saved.pk)
    context = {"form": form, "name": name, "wave": wave}
    return render(request, "rollout/wave_form.html", context, status=400 if form.errors else 200)


@access("rollout.manage_waves", find_wave)
@require_POST
def delete_wave(request: HttpRequest, wave: Wave) -> HttpResponse:
    """Delete a wave that holds nothing."""
    try:
        actions.delete_wave(wave, by(request))
    except moves.Refused as refused:
        messages.error(request, f"La vague « {wave.name} » ne peut pas être supprimée. {refused}")
        return redirect("rollout:wave", wave.pk)
    messages.success(request, f"La vague « {wave.name} » est supprimée.")
    return redirect("rollout:waves")


@access("rollout.view", find_wave)
@require_GET
def wave(request: HttpRequest, wave: Wave) -> HttpResponse:
    """Its schools, the late ones first, with why."""
    found = queries.deployments(request.acting).filter(wave=wave)
    counts = queries.wave_counts(found)
    words, only_late = request.GET.get("q", "")[:80].strip(), request.GET.get("late") == "1"
    found = queries.narrowed(found, words, only_late)
    if tables.asked(request):
        return exports.deployments(request, queries.late_first(found), f"vague-{wave.number}")
    page = Paginator(queries.late_first(found), PER_PAGE).get_page(request.GET.get("page"))
    may_manage = request.user.has_perm("rollout.manage_waves", wave)
    context = {
        "wave": wave,
        "counts": counts,
        "launches": wave.launches.all()[:5] if may_manage else [],
        "ready": actions.ready_to_launch(wave).count() if may_manage else 0,
        "page": page,
        "rows": queries.rows(page),
        "words": words,
        "only_late": only_late,
        "may_manage": may_manage,
        "today": timezone.localdate(),
    }
    return render(request, "rollout/wave.html", context)


@access("rollout.manage_waves", find_wave)
@require_http_methods(["GET", "HEAD", "POST"])
def pick(request: HttpRequest, wave: Wave) -> HttpResponse:
    """Pick schools from a filtered list: those of no wave are placed, those of another are moved."""
    chosen = request.GET.dict()
    moving = bool(chosen.get("placed"))
    if request.method == "POST":
        if "all" in request.POST:
            form = FilterForm(request.GET)
            keys = list(
                queries.pickable(form.cleaned_data if form.is_valid() else {}, wave).values_list("pk", flat=True)
            )
        else:
            keys = [int(key) for key in request.POST.getlist("school") if key.isdigit()]
        if not keys:
            messages.error(request, "Cochez au moins un établissement.")
        else:
            done, refused = (actions.move if moving else actions.place)(wave, keys, by(request))
            _tell(request, wave, done, refused, moving)
        return redirect(request.get_full_path())
    return render(request, "rollout/pick.html", _pick_context(request, wave) | {"paste": PasteForm()})


def _chosen(form: FilterForm) -> dict[str, str]:
    return form.cleaned_data if form.is_valid() else {}


def _pick_context(request: HttpRequest, wave: Wave) -> dict[str, object]:
    form = FilterForm(request.GET)
    chosen = _chosen(form)
    page = Paginator(queries.pickable(chosen, wave), PICKED_PER_PAGE).get_page(request.GET.get("page"))
    return {"wave": wave, "form": form, "page": page,
            "moving": bool(chosen.get("placed"))}  # fmt: skip


def _tell(request: HttpRequest, wave: Wave, done: list[School], refused: Refusals, moving: bool) -> None:
    if done:
        verb = "déplacé" if moving else "placé"
        plural = "s" if len(done) > 1 else ""
        messages.success(request, f"{len(done)} établissement{plural} {verb}{plural} dans la vague « {wave.name} ».")
    for school, reasons in refused:
        messages.error(request, f"{school.name} ({school.uai}) : {' '.join(reasons)}")


@access("rollout.manage_waves", find_wave)
@require_http_methods(["GET", "HEAD", "POST"])
def paste(request: HttpRequest, wave: Wave) -> HttpResponse:
    """Place the schools whose UAIs are pasted; the report says what became of each, and what was typed stays."""
    form = PasteForm(request.POST or None)
    context: dict[str, object] = {"wave": wave, "paste": form}
    if request.method == "POST" and form.is_valid():
        known, invalid, unknown = sort_uais(form.cleaned_data["uais"])
        moving = request.POST.get("moving") == "1"
        with transaction.atomic():
            if moving:
                done, refused = actions.move(wave, [one.pk for one in known.values()], by(request))
            else:
                done, refused = actions.place(wave, [one.pk for one in known.values()], by(request))
        elsewhere = queries.in_another_wave([school for school, _ in refused], wave)
        context |= {
            "done": done,
            "invalid": invalid,
            "unknown": unknown,
            "refused": [(school, reasons) for school, reasons in refused if school.pk not in elsewhere],
            "elsewhere": [(school, elsewhere[school.pk], why) for school, why in refused if school.pk in elsewhere],
            "moved": moving,
            "reported": True,
        }
    return render(request, "rollout/paste.html", context, status=400 if form.errors else 200)
