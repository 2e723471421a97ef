"""The dashboards' pages, their tables as files, and the monthly report."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.text import slugify
from django.views.decorators.http import require_GET

from ent.kernel import documents, tables
from ent.kernel.access import access
from ent.kernel.measure import RoleGroup
from platform_admin.console import find_authority
from platform_admin.dashboards import charts, drawing, queries, report
from platform_admin.dashboards.drawing import Chart
from platform_admin.dashboards.models import Standing
from platform_admin.dashboards.queries import View
from platform_admin.dashboards.score import told
from tenants.models import Authority, School

PER_PAGE = 50
FIRST_TO_HELP = 8
REPORT_MONTHS = 24


@access("dashboards.view")
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """All the schools an officer sees."""
    return _dashboard(request, View.of(request.acting))


@access("dashboards.view", find_authority)
@require_GET
def of_authority(request: HttpRequest, authority: Authority) -> HttpResponse:
    """The schools of one collectivity."""
    return _dashboard(request, View.of(request.acting, authority))


def _dashboard(request: HttpRequest, view: View) -> HttpResponse:
    curves, days = queries.adoption(view), queries.service(view)
    groups = queries.alike_groups(view)
    drawn = {
        "roles": charts.by_role(curves, view.is_masked),
        "waves": charts.by_wave(curves, queries.wave_names(), view.is_masked),
        "weekly": charts.weekly(curves, view.is_masked),
    }
    for name, chart in drawn.items():
        if tables.asked(request, name):
            return _chart_file(request, chart)
    if tables.asked(request, "service"):
        header = ["Jour", "Pages", "Erreurs", "Temps médian (ms)", "Temps d’une page sur vingt (ms)"]
        rows = [[day["day"], day["asked"], day["failed"], day["median"], day["p95"]] for day in days]
        return tables.answer(request, "qualite-du-service", header, rows)
    if tables.asked(request, "alike"):
        header = ["Type et taille", "Établissements", "Comptes activés (%)", "Venus cette semaine (%)", "Temps (ms)"]
        rows = [[one.label, one.schools, one.activated, one.came, one.p95] for one in groups.values()]
        return tables.answer(request, "etablissements-semblables", header, rows)
    by = request.GET.get("by", "state")
    by = by if by in drawing.BY else "state"
    states = queries.states(view)
    total = sum(states.values())
    if total > drawing.MOST_POINTS:
        drawn_map = drawing.draw_clusters(queries.clusters(view))
    else:
        drawn_map = drawing.draw_map(queries.places(view), by)
    roles = _roles(view, curves, total)
    if tables.asked(request, "people"):
        header = ["Profil", "Comptes", "Comptes activés", "Venus cette semaine", "Venus aujourd’hui"]
        rows = [[row.label, row.accounts, row.activated, row.came, row.today] for row in roles]
        return tables.answer(request, "personnes", header, rows)
    first, help_count = queries.first_to_help(view, FIRST_TO_HELP)
    context = {
        "view": view,
        "curves": curves,
        "charts": drawn,
        "roles": roles,
        "everyone": roles[-1],
        "states": [(School.State(state).label, count) for state, count in states.items()],
        "schools": total,
        "opened": states.get(School.State.OPEN, 0),
        "help_first": [_help_row(one) for one in first],
        "help_count": help_count,
        "map": drawn_map,
        "by": by,
        "bys": drawing.BY,
        "service": queries.service_week(days),
        "service_days": days[::-1],
        "answers": charts.answers(days),
        "groups": groups.values(),
        "months": report.months_before(view.today, REPORT_MONTHS),
        "query": urlencode({"authority": view.authority.code}) if view.authority else "",
    }
    return render(request, "dashboards/home.html", context)


def _chart_file(request: HttpRequest, chart: Chart) -> HttpResponse:
    header = ["Jour", *(f"{line.label} ({chart.unit})" for line in chart.lines)]
    return tables.answer(request, slugify(chart.title), header, ([day, *values] for day, values in chart.rows))


@dataclass(frozen=True)
class RoleRow:
    """One group of roles (or everyone): None where hidden."""

    label: str
    accounts: int | None
    activated: int | None
    came: int | None
    today: int | None
    percent: int | None


def _roles(view: View, curves: queries.AdoptionCurves, schools: int) -> list[RoleRow]:
    """Counts by role and in all. An agent of a collectivity gets the totals of the same table as its schools' page."""
    counts = [curves.roles[role].get(curves.last, queries.Count3()) for role in RoleGroup.values]
    accounts, activated = [one.accounts for one in counts], [one.activated for one in counts]
    came: list[int | None]
    if view.is_masked:
        came = queries.comings(view).total
    else:
        came = [*(one.came for one in counts), sum(one.came for one in counts)]
    columns = [report.totalled(accounts, view.is_masked), report.totalled(activated, view.is_masked)]
    columns += [came, queries.came_today(view)]
    labels = [*(str(label) for label in RoleGroup.labels), "Ensemble"]
    rows = []
    for number, label in enumerate(labels):
        of_row = [column[number] for column in columns]
        known = of_row[0] is not None and of_row[1] is not None
        percent = queries.percent(of_row[1] or 0, of_row[0] or 0, view.is_masked) if known else None
        rows.append(RoleRow(label, of_row[0], of_row[1], of_row[2], of_row[3], percent))
    return rows


def _help_row(standing: Standing) -> dict[str, object]:
    return {"school": standing.school, "score": standing.score, "reasons": [told(one) for one in standing.reasons]}


def _asked_view(request: HttpRequest) -> View:
    """The officer's schools, or those of the collectivity named in the address."""
    code = request.GET.get("authority", "")
    return View.of(request.acting, find_authority(request, code) if code else None)


@access("dashboards.view")
@require_GET
def help_first(request: HttpRequest) -> HttpResponse:
    """Every school that needs help, and why."""
    view = _asked_view(request)
    found = queries.needing_help(view)
    if tables.asked(request):
        header = ["Établissement", "UAI", "Commune", "État", "Points", "Raisons"]
        rows = (
            [one.school.name, one.school.uai, one.school.town, one.school.get_state_display(), one.score,
             " ; ".join(told(reason) for reason in one.reasons)]
            for one in found.iterator(chunk_size=1_000)
        )  # fmt: skip
        return tables.answer(request, "etablissements-a-aider", header, rows)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {"view": view, "page": page, "rows": [_help_row(one) for one in page]}
    return render(request, "dashboards/help.html", context)


@access("dashboards.view")
@require_GET
def schools(request: HttpRequest) -> HttpResponse:
    """The schools in use side by side: who came, and how each stands among those alike."""
    view = _asked_view(request)
    order = request.GET.get("order", "name")
    found = queries.compared(view, order)
    groups = queries.alike_groups(view)
    if tables.asked(request):
        came = queries.comings(view)
        header = [
            "Établissement", "UAI", "Type et taille", *(f"{label} venus" for label in RoleGroup.labels),
            "Venus en tout", "Comptes activés (%)", "Médiane des semblables (%)", "Temps d’une page sur vingt (ms)",
        ]  # fmt: skip
        rows = (
            [row["school"].name, row["school"].uai, row["group"].label,
             *("n. c." if cell is None else cell for cell in row["came"]),
             row["activated"], row["group"].activated, row["p95"]]
            for row in (_compared_row(view, one, came, groups) for one in found.iterator(chunk_size=1_000))
        )  # fmt: skip
        return tables.answer(request, "comparaison-des-etablissements", header, rows)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    came = queries.comings(view, [one.school_id for one in page])
    labels = [*(str(label) for label in RoleGroup.labels), "Ensemble"]
    shown = [_compared_row(view, one, came, groups) for one in page]
    context = {
        "view": view,
        "page": page,
        "rows": [row | {"came": zip(labels, row["came"], strict=True)} for row in shown],
        "total": zip(labels, came.total, strict=True) if view.is_masked or not page.has_other_pages() else None,
        "roles": RoleGroup.labels,
        "orders": [(key, label) for key, (label, _) in queries.ORDERS.items()],
        "order": order,
    }
    return render(request, "dashboards/schools.html", context)


def _compared_row(view: View, standing: Standing, came: queries.Comings, groups: dict) -> dict[str, Any]:
    group = groups[standing.alike]
    activated = queries.percent(standing.activated, standing.accounts, view.is_masked)
    gap = None if activated is None or group.activated is None else round(activated - group.activated)
    return {
        "school": standing.school,
        "group": group,
        "came": came.schools[standing.school_id],
        "activated": activated,
        "gap": None if gap is None else f"{gap:+d}",
        "points": abs(gap or 0),
        "p95": standing.p95_ms,
    }


@access("dashboards.view", find_authority)
@require_GET
def monthly_report(request: HttpRequest, authority: Authority) -> HttpResponse:
    """A collectivity's month on one page, to print."""
    months = report.months_before(View.of(request.acting).today, REPORT_MONTHS)
    asked = request.GET.get("month") or f"{months[0]:%Y-%m}"
    try:
        year, month = (int(part) for part in asked.split("-"))
        first = date(year, month, 1)
    except ValueError:
        raise Http404("Choisissez un mois, par exemple 2026-10.") from None
    if first not in months:
        raise Http404("Ce rapport n’existe pas : choisissez un mois passé.")
    drawn = report.draw(View(request.acting, authority, is_masked=True), first)
    return documents.pdf(drawn, f"rapport-{slugify(authority.name)}-{first:%Y-%m}.pdf", shown=True)
