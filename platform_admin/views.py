"""The portal, and the academy's console."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ent.accounts.queries import me
from ent.exchange.aaf.reader import ExportError
from ent.exchange.aaf.upload import MOST_BYTES
from ent.exchange.models import ImportRun
from ent.kernel import tables
from ent.kernel.access import Acting, access, open_to_all
from ent.kernel.documents import takes
from ent.kernel.live import follow
from platform_admin import actions, queries, tasks
from platform_admin.console import find_school
from platform_admin.forms import ExportForm
from platform_admin.officers.access import seen_schools
from tenants import revisions
from tenants.hosts import url_of
from tenants.models import School

PER_PAGE = 50


@open_to_all("le portail mène chacun à son établissement")
def portal(request: HttpRequest) -> HttpResponse:
    """Find one's school, by its name or town."""
    words = request.GET.get("q", "")[:80].strip()
    found = queries.schools(School.objects.all(), words, state=School.State.OPEN)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    rows = [(school, url_of(school, "/sign-in/")) for school in page]
    return render(
        request,
        "platform_admin/portal.html",
        {"rows": rows, "page": page, "words": words},
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
    chosen = {name: request.GET.get(name, "")[:80] for name in ("q", "authority", "state", "departement")}
    found = queries.schools(
        seen_schools(request.acting), chosen["q"], chosen["authority"], chosen["state"], chosen["departement"]
    )
    authorities = queries.authorities(request.acting)
    if tables.asked(request, "authorities"):
        rows = ([one.name, one.total, one.with_space, one.opened] for one in authorities)
        return tables.answer(
            request, "collectivites", ["Collectivité", "Établissements", "Espaces créés", "Ouverts"], rows
        )
    if tables.asked(request):
        header = ["Nom", "UAI", "Type", "Commune", "Département", "Collectivité", "Effectif", "État"]
        rows = (
            [one.name, one.uai, one.get_kind_display(), one.town, one.departement, str(one.authority or ""),
             one.headcount, one.get_state_display()]
            for one in found.iterator(chunk_size=1_000)
        )  # fmt: skip
        return tables.answer(request, "etablissements", header, rows)
    context = {
        "authorities": authorities,
        "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "states": School.State.choices,
        "chosen": chosen,
    }
    return render(request, "platform_admin/dashboard.html", context)


@access("console.view", find_school)
def school(request: HttpRequest, school: School) -> HttpResponse:
    """One school: who it is, how far it is."""
    context = _state(school, request.acting) | {
        "stream": follow(request, f"school:{school.uai}"),
        "may_provision": request.user.has_perm("console.provision", school),
    }
    return render(request, "platform_admin/school.html", context)


@access("console.view", find_school)
def school_progress(request: HttpRequest, school: School) -> HttpResponse:
    """The state alone, asked while a job runs."""
    return render(request, "platform_admin/_state.html", _state(school, request.acting))


def _state(school: School, acting: Acting) -> dict[str, object]:
    is_masked = acting.sees is not None
    return {
        "subject": school,
        "accounts": queries.accounts_of(school, is_masked=is_masked),
        "is_masked": is_masked,
        "imports": school.imports.select_related("run").order_by("-at")[:10],
        "address": url_of(school),
    }


@access("console.provision", find_school)
@require_POST
def provision_school(request: HttpRequest, school: School) -> HttpResponse:
    """Create its space in the background; the school's page follows."""
    actions.ask_space(me(request), school)
    return redirect("console_school", school.uai)


@takes(MOST_BYTES)
@access("console.import")
@require_http_methods(["GET", "HEAD", "POST"])
def imports(request: HttpRequest) -> HttpResponse:
    """Past imports, and a form for a new one; a POST makes its plan."""
    form = ExportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        run = actions.plan_import(
            me(request), form.cleaned_data["folder"], create_schools=form.cleaned_data["create_schools"]
        )
        return redirect("console_import", run.pk)
    if tables.asked(request):
        rows = (
            [run.started_at, "Préparation" if run.is_dry_run else "Import", run.kind, run.get_state_display()]
            for run in ImportRun.objects.defer("report").iterator(chunk_size=1_000)
        )
        return tables.answer(request, "imports", ["Début", "Quoi", "Export", "État"], rows)
    runs = Paginator(ImportRun.objects.defer("report"), PER_PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "page": runs, "waiting": tasks.imports_folder()}
    return render(request, "platform_admin/imports.html", context, status=400 if form.errors else 200)


def _run(request: HttpRequest, pk: UUID) -> ImportRun:
    return get_object_or_404(ImportRun, pk=pk)


@access("console.import", _run)
@require_GET
def import_run(request: HttpRequest, run: ImportRun) -> HttpResponse:
    """A plan or a report; the fragment alone for who follows it live."""
    context = queries.import_report(run) | {"run": run}
    if request.htmx:
        return render(request, "platform_admin/_run.html", context)
    return render(request, "platform_admin/run.html", context | {"stream": follow(request, run.topic)})


@access("console.import", _run)
@require_POST
def apply_import(request: HttpRequest, run: ImportRun) -> HttpResponse:
    """Do what a plan says, or go on with an import that failed."""
    return _done(request, run, lambda: actions.apply_import(me(request), run))


@access("console.import", _run)
@require_POST
def undo_import(request: HttpRequest, run: ImportRun) -> HttpResponse:
    """Take an import back, within seven days."""
    return _done(request, run, lambda: actions.undo_import(me(request), run))


def _done(request: HttpRequest, run: ImportRun, act: Callable[[], ImportRun]) -> HttpResponse:
    try:
        run = act()
    except ExportError as error:
        messages.error(request, str(error))
    return redirect("console_import", run.pk)
