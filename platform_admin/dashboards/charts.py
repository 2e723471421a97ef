"""The dashboards' curves, from their figures."""

from datetime import date

from ent.kernel.measure import RoleGroup
from platform_admin.dashboards.drawing import RIGHT, Chart, Line, draw_chart
from platform_admin.dashboards.queries import AdoptionCurves, Count3, percent

Counts = dict[date, Count3]


def _activated(counts: Counts, is_masked: bool) -> dict[date, float | None]:
    return {day: percent(one.activated, one.accounts, is_masked) for day, one in counts.items()}


def _came(counts: Counts, is_masked: bool) -> dict[date, float | None]:
    return {day: percent(one.came, one.accounts, is_masked) for day, one in counts.items()}


def by_role(curves: AdoptionCurves, is_masked: bool, margin: int = RIGHT) -> Chart:
    """Accounts activated, by role."""
    lines = [Line(str(RoleGroup(role).label), _activated(counts, is_masked)) for role, counts in curves.roles.items()]
    return draw_chart("Comptes activés, par profil", lines, curves.days, highest=100, margin=margin)


def by_wave(curves: AdoptionCurves, names: dict[int, str], is_masked: bool) -> Chart:
    """Accounts activated, by wave."""
    lines = [
        Line(names.get(number, f"Vague {number}"), _activated(counts, is_masked))
        for number, counts in curves.waves.items()
    ]
    return draw_chart("Comptes activés, par vague", lines, curves.days, highest=100)


def weekly(curves: AdoptionCurves, is_masked: bool) -> Chart:
    """People who came in the week, by role."""
    lines = [Line(str(RoleGroup(role).label), _came(counts, is_masked)) for role, counts in curves.roles.items()]
    return draw_chart("Personnes venues dans la semaine, par profil", lines, curves.days, highest=100)


def answers(days: list[dict]) -> Chart:
    """How fast pages came, day by day."""
    lines = [
        Line("Une page sur vingt", {day["day"]: day["p95"] for day in days}),
        Line("Page médiane", {day["day"]: day["median"] for day in days}),
    ]
    return draw_chart("Temps de réponse", lines, [day["day"] for day in days], unit="ms")
