"""The portal, and the academy's console."""

from uuid import UUID

from django.conf import settings
from django.core.paginator import Paginator
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from ent.exchange.models import ImportRun
from ent.kernel.access import access, open_to_all
from platform_admin import queries, tasks
from tenants import revisions
from tenants.hosts import url_of
from tenants.models import School

PER_PAGE = 50


@open_to_all("le portail mène chacun à son établissement")
def portal(request: HttpRequest) -> HttpResponse:
    """Find one's school, by its name or town."""
    words = request.GET.get("q", "")[:80].strip()
    found = queries.schools(words, state=School.State.OPEN)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    rows = [(school, url_of(school, "/sign-in/")) for school in page]
    return render(
        request,
        "platform_admin/portal.html",
        {"rows": rows, "page": page, "words": words, "query": f"q={words}&" if words else ""},
    )


@open_to_all("dit à la surveillance si le service va bien, sans aucune donnée")
def health(request: HttpRequest) -> JsonResponse:
    """503 while a school's schema is behind the code, or the database is lost."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    behind = revisions.schools_behind().count()
    return JsonResponse({"ok": not behind, "schools_behind": behind}, status=503 if behind else 200)


@access("console.view")
def dashboard(request: HttpRequest) -> HttpResponse:
    """Schools by authority with their state, and the list."""
    chosen = {name: request.GET.get(name, "")[:80] for name in ("q", "authority", "state")}
    found = queries.schools(chosen["q"], chosen["authority"], chosen["state"])
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "authorities": queries.authorities(),
        "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "states": School.State.choices,
        "chosen": chosen,
        "query": f"{query.urlencode()}&" if query else "",
    }
    return render(request, "platform_admin/dashboard.html", context)


def _school(request: HttpRequest, uai: str) -> School:
    return get_object_or_404(School.objects.select_related("authority"), uai=uai.upper())


@access("console.view", _school)
def school(request: HttpRequest, school: School) -> HttpResponse:
    """One school: who it is, how far it is."""
    return render(request, "platform_admin/school.html", _state(school))


@access("console.view", _school)
def school_progress(request: HttpRequest, school: School) -> HttpResponse:
    """The state alone, asked while a job runs."""
    return render(request, "platform_admin/_state.html", _state(school))


def _state(school: School) -> dict[str, object]:
    imports = school.imports.select_related("run").order_by("-at")[:10]
    return {"subject": school, "accounts": queries.accounts_of(school), "imports": imports, "address": url_of(school)}


@access("console.provision", _school)
@require_POST
def provision_school(request: HttpRequest, school: School) -> HttpResponse:
    """Create its space in the background; the school's page follows."""
    tasks.provision_in_background.delay(school.uai)
    return redirect("console_school", school.uai)


@access("console.import")
def imports(request: HttpRequest) -> HttpResponse:
    """Past imports, and the exports waiting in the imports' folder; a POST makes the plan of one."""
    waiting = settings.DATA_DIR / "imports"
    folders = sorted(path.name for path in waiting.glob("*") if path.is_dir()) if waiting.exists() else []
    if request.method == "POST":
        name = request.POST.get("folder", "")
        if name not in folders:
            raise Http404
        run = ImportRun.objects.create(digest="", folder=str(waiting / name), kind="", is_dry_run=True)
        tasks.import_in_background.delay(str(run.pk), run.folder, create_schools=True, dry_run=True)
        return redirect("console_import", run.pk)
    context = {"runs": ImportRun.objects.all()[:50], "folders": folders, "waiting": waiting}
    return render(request, "platform_admin/imports.html", context)


def _run(request: HttpRequest, pk: UUID) -> ImportRun:
    return get_object_or_404(ImportRun, pk=pk)


@access("console.import", _run)
def import_run(request: HttpRequest, run: ImportRun) -> HttpResponse:
    """A plan or a report; a POST applies the plan. Asked again by a script while it runs."""
    if request.method == "POST" and run.is_dry_run:
        applied = ImportRun.objects.create(digest="", folder=run.folder, kind=run.kind)
        tasks.import_in_background.delay(str(applied.pk), run.folder, create_schools=True, dry_run=False)
        return redirect("console_import", applied.pk)
    template = "platform_admin/_run.html" if request.htmx else "platform_admin/run.html"
    return render(request, template, {"run": run, "ended": run.state not in (ImportRun.State.RUNNING,)})
