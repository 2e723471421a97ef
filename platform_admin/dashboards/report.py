"""A collectivity's month on one printed page, drawn by Typst."""

from datetime import date, timedelta
from pathlib import Path

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.dateformat import format as date_format

from ent.kernel.letters import drawn_pdf
from ent.kernel.measure import RoleGroup
from ent.kernel.text import dated
from platform_admin.dashboards import charts, drawing, queries
from platform_admin.dashboards.masking import masked
from platform_admin.dashboards.queries import View
from platform_admin.dashboards.score import told
from tenants.models import School

TEMPLATE = Path(__file__).with_name("report") / "report.typ"
HELP_ROWS = 10
NOT_TOLD = "n. c."


def months_before(today: date, count: int) -> list[date]:
    """The first days of the last months, this one first."""
    first = today.replace(day=1)
    found = [first]
    while len(found) < count:
        first = (first - timedelta(days=1)).replace(day=1)
        found.append(first)
    return found


def totalled(counts: list[int], is_masked: bool) -> list[int | None]:
    """A column and its total, small numbers hidden if so asked."""
    return masked([counts])[0] if is_masked else [*counts, sum(counts)]


def draw(view: View, first: date) -> bytes:
    """The PDF of the month that begins on `first`."""
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    curves = queries.adoption(view, until=last)
    days = queries.service(view, since=first, until=last)
    states = queries.states(view)
    help_list = list(queries.needing_help(view)[:HELP_ROWS])
    places = queries.places(view)
    drawn_map = drawing.draw_map(places) if len(places) <= drawing.MOST_POINTS else (
        drawing.draw_clusters(queries.clusters(view))
    )  # fmt: skip
    chart = charts.by_role(curves, view.is_masked, drawing.NAMES)
    whole = _whole(days)
    data = {
        "title": f"Rapport de {date_format(first, 'F Y')}" if first.month not in (4, 8, 10) else (
            f"Rapport d’{date_format(first, 'F Y')}"
        ),
        "authority": view.authority.name if view.authority else "",
        "printed": dated(timezone.localdate(), "j F Y"),
        "figures": [
            ["Établissements ouverts", f"{states.get(School.State.OPEN, 0)} sur {sum(states.values())}"],
            ["Pages servies", _number(whole["asked"])],
            ["Page médiane", _unit(whole["median"], "ms")],
            ["Une page sur vingt", _unit(whole["p95"], "ms")],
            ["Erreurs", _number(whole["failed"])],
            ["Lettres d’activation", _number(whole["letters"])],
        ],
        "roles": _roles(curves, first, view.is_masked),
        "chart": _svg("dashboards/_chart.html", {"chart": chart, "paper": True}) if chart.lines else "",
        "chart_told": _chart_told(chart),
        "map": _svg("dashboards/_map.html", {"map": drawn_map, "paper": True}),
        "legend": [[layer.look.shape, layer.look.colour, f"{layer.look.label} : {layer.count}", drawing.SHAPES[
            layer.look.shape]] for layer in drawn_map.layers],
        "help": [
            [one.school.name, one.school.town, " ; ".join(told(reason) for reason in one.reasons)] for one in help_list
        ],
    }  # fmt: skip
    return drawn_pdf(TEMPLATE, data)


def _whole(days: list[dict]) -> dict:
    """The month in one line."""
    asked = sum(day["asked"] for day in days)
    return {
        "asked": asked,
        "failed": sum(day["failed"] for day in days),
        "letters": sum(day["letters"] for day in days),
        "median": queries.mean_of(days, "median"),
        "p95": queries.mean_of(days, "p95"),
    }


def _roles(curves: queries.AdoptionCurves, first: date, is_masked: bool) -> list[list[str]]:
    """Accounts at the month's end, and people who came in a week of it (the middle one of its Thursdays')."""
    within = [day for day in curves.days if day >= first]
    at_end = within[-1] if within else None
    counts = [curves.roles[role].get(at_end, queries.Count3()) for role in RoleGroup.values]
    came = [
        sorted(curves.roles[role].get(day, queries.Count3()).came for day in within)[len(within) // 2] if within else 0
        for role in RoleGroup.values
    ]
    columns = [
        totalled([one.accounts for one in counts], is_masked),
        totalled([one.activated for one in counts], is_masked),
        totalled(came, is_masked),
    ]
    labels = [*(str(label) for label in RoleGroup.labels), "Ensemble"]
    return [[label, *(_number(column[row]) for column in columns)] for row, label in enumerate(labels)]


def _chart_told(chart: drawing.Chart) -> str:
    """The chart in words, for who does not see it."""
    last = chart.days[-1] if chart.days else None
    values = [f"{line.label} {line.values.get(last):g} %" for line in chart.lines if line.values.get(last) is not None]
    return f"{chart.title} : {', '.join(values)}." if values else ""


def _svg(template: str, context: dict) -> str:
    return render_to_string(template, context).strip()


def _number(count: int | None) -> str:
    return NOT_TOLD if count is None else f"{count:,}".replace(",", "\u202f")


def _unit(count: int | None, unit: str) -> str:
    return "–" if count is None else f"{_number(count)} {unit}"
