"""Pages of the network in the console."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from ent.accounts.queries import me
from ent.exchange.connectivity.importer import declare, import_connectivity
from ent.exchange.connectivity.reader import ConnectivityListError
from ent.kernel import tables
from ent.kernel.access import access
from ent.kernel.audit.models import record
from platform_admin.console import find_school
from platform_admin.network import queries
from platform_admin.network.forms import ConnectivityForm, ListForm
from platform_admin.officers.access import acted_schools
from tenants.liaison.models import Connectivity, Declaration, SlowNetwork, SpeedTest
from tenants.liaison.network import expected_of
from tenants.models import School

PER_PAGE, HISTORY = 50, 20


@access("network.view")
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Where the service will be slow, and why; counts by collectivity."""
    chosen = {name: request.GET.get(name, "")[:80].strip() for name in ("q", "authority", "technology", "level")}
    found = queries.lines(request.acting)
    kept = queries.chosen(found, chosen["q"], chosen["authority"], chosen["technology"], chosen["level"])
    counts = queries.by_authority(found)
    if tables.asked(request, "authorities"):
        header = ["Collectivité", *(label for _, label in queries.LEVELS), "Tous"]
        return tables.answer(
            request, "reseau-par-collectivite", header, ([name, *counted, total] for _, name, counted, total in counts)
        )
    if tables.asked(request):
        header = ["Établissement", "UAI", "Commune", "Collectivité", "Technologie", "Mbit/s", "Mesuré",
                  "Zone blanche", "Service attendu", "Pourquoi"]  # fmt: skip
        labels = dict(queries.LEVELS)
        rows = (
            [line.name, line.uai, line.town, line.authority, line.technology_label, line.down_mbps,
             "oui" if line.is_measured else "non", "oui" if line.is_white_zone else "non",
             labels[line.level_key], " ; ".join(line.expected.reasons)]
            for line in kept
        )  # fmt: skip
        return tables.answer(request, "reseau", header, rows)
    context = {
        "counts": [
            (code, name, list(zip((label for _, label in queries.LEVELS), counted, strict=True)), total)
            for code, name, counted, total in counts
        ],
        "levels": queries.LEVELS,
        "technologies": Connectivity.Technology.choices,
        "page": Paginator(kept, PER_PAGE).get_page(request.GET.get("page")),
        "chosen": chosen,
        "may_declare": request.user.has_perm("network.declare"),
    }
    return render(request, "network/overview.html", context)


@access("network.declare")
@require_http_methods(["GET", "HEAD", "POST"])
def import_list(request: HttpRequest) -> HttpResponse:
    """Send a CSV list; the answer says what it did, and each line left out with its reason."""
    form = ListForm(request.POST or None, request.FILES or None)
    outcome = None
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            with transaction.atomic():
                outcome = import_connectivity(
                    file.read(), author=request.acting.name, schools=acted_schools(request.acting)
                )
                record("network.import", account_id=me(request).pk, file=file.name[:120], taken=outcome.taken)
        except ConnectivityListError as error:
            form.add_error("file", str(error))
    problems = sorted([*outcome.list.problems, *outcome.unknown], key=lambda one: one.line) if outcome else []
    context = {"form": form, "outcome": outcome, "problems": problems}
    return render(request, "network/import.html", context, status=400 if form.errors else 200)


@access("network.view", find_school)
@require_http_methods(["GET", "HEAD", "POST"])
def school(request: HttpRequest, school: School) -> HttpResponse:
    """One school's connection: what is declared, measured, and what to expect of it."""
    may_declare = request.user.has_perm("network.declare", school)
    before = Connectivity.objects.filter(school=school).first()
    form = ConnectivityForm(request.POST or None, instance=before or Connectivity(school=school))
    if request.method == "POST":
        if not may_declare:
            return render(request, "403.html", status=403)
        if form.is_valid():
            if form.has_changed() or before is None:
                form.instance.declared_on = timezone.localdate()
                with transaction.atomic():
                    declare([form.instance], author=request.acting.name)
                    record("network.declare", account_id=me(request).pk, uai=school.uai, changed=form.changed_data)
            messages.success(request, "La connexion est enregistrée.")
            return redirect("network:school", school.uai)
    tests = list(SpeedTest.objects.filter(school=school)[:HISTORY])
    context = {
        "subject": school,
        "form": form,
        "declared": before,
        "may_declare": may_declare,
        "expected": expected_of(school, before, tests[0] if tests else None),
        "tests": tests,
        "declarations": Declaration.objects.filter(school=school)[:HISTORY],
        "slow_for_all": SlowNetwork.objects.filter(school=school).first(),
    }
    return render(request, "network/school.html", context, status=400 if form.errors else 200)
