"""Launching a wave, and following it live."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ent.accounts.queries import me
from ent.exchange.aaf.reader import ExportError
from ent.exchange.aaf.upload import MOST_BYTES
from ent.kernel.access import access
from ent.kernel.documents import takes
from ent.kernel.live import follow
from platform_admin.forms import ExportChoiceForm
from platform_admin.rollout import launching
from platform_admin.rollout.actions import ready_to_launch
from platform_admin.rollout.launch_forms import LaunchForm
from platform_admin.rollout.models import Job, Launch, Wave
from platform_admin.rollout.wave_views import find_wave


def _launch(request: HttpRequest, pk: UUID) -> Launch:
    return get_object_or_404(Launch.objects.select_related("wave"), pk=pk)


def _job(request: HttpRequest, pk: UUID) -> Job:
    return get_object_or_404(Job.objects.select_related("launch", "school"), pk=pk)


@takes(MOST_BYTES)
@access("rollout.manage_waves", find_wave)
@require_http_methods(["GET", "HEAD", "POST"])
def launch_wave(request: HttpRequest, wave: Wave) -> HttpResponse:
    """Choose an export and how many schools at once; the ready schools are named first."""
    form = LaunchForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            launch = launching.start(
                wave, form.cleaned_data["folder"], form.cleaned_data["at_most"],
                author=request.acting.name, account_id=me(request).pk,
            )  # fmt: skip
        except launching.LaunchRefused as error:
            form.add_error(None, str(error))
        else:
            return redirect("rollout:launch", launch.pk)
    context = {"wave": wave, "form": form, "ready": ready_to_launch(wave)}
    return render(request, "rollout/launch_wave.html", context, status=400 if form.errors else 200)


def _progress(launch: Launch) -> dict[str, object]:
    jobs = list(launch.jobs.select_related("school"))
    counts = {state: sum(job.state == state for job in jobs) for state in Job.State}
    return {
        "jobs": jobs, "total": len(jobs), "done": counts[Job.State.DONE], "failed": counts[Job.State.FAILED],
        "running": counts[Job.State.RUNNING],
    }  # fmt: skip


@access("rollout.manage_waves", _launch)
@require_GET
def launch(request: HttpRequest, launch: Launch) -> HttpResponse:
    """Each school's progress; the fragment alone for who follows it live."""
    context = _progress(launch) | {"launch": launch}
    if request.htmx:
        return render(request, "rollout/_launch.html", context)
    return render(request, "rollout/launch.html", context | {"stream": follow(request, launch.topic)})


@access("rollout.manage_waves", _launch)
@require_POST
def pause(request: HttpRequest, launch: Launch) -> HttpResponse:
    """Start no other school."""
    launching.pause(launch, account_id=me(request).pk)
    return redirect("rollout:launch", launch.pk)


@access("rollout.manage_waves", _launch)
@require_POST
def resume(request: HttpRequest, launch: Launch) -> HttpResponse:
    """Go on."""
    launching.resume(launch, account_id=me(request).pk)
    return redirect("rollout:launch", launch.pk)


@access("rollout.manage_waves", _launch)
@require_POST
def retry(request: HttpRequest, launch: Launch) -> HttpResponse:
    """Take the failed schools up again."""
    try:
        number = launching.retry(launch, account_id=me(request).pk)
    except launching.LaunchRefused as error:
        messages.error(request, str(error))
    else:
        left = launching.told(launching.taken_elsewhere(launch))
        if left:
            messages.info(request, f"Laissés à un autre lancement en cours : {left}.")
        elif not number:
            messages.info(request, "Aucun établissement en échec : rien à reprendre.")
    return redirect("rollout:launch", launch.pk)


@takes(MOST_BYTES)
@access("rollout.manage_waves", _job)
@require_http_methods(["GET", "HEAD", "POST"])
def replace_export(request: HttpRequest, job: Job) -> HttpResponse:
    """Send another export for a school whose own was bad; its job starts again."""
    form = ExportChoiceForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            launching.replace_export(job, form.cleaned_data["folder"], account_id=me(request).pk)
        except (ExportError, launching.LaunchRefused) as error:
            form.add_error(None, str(error))
        else:
            return redirect("rollout:launch", job.launch_id)
    context = {"job": job, "form": form, "reason": launching.why_not_replace(job)}
    return render(request, "rollout/replace_export.html", context, status=400 if form.errors else 200)
