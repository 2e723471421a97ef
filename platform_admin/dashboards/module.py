"""The dashboard's place in the navigation."""

from ent.kernel.navigation import entry

entry("platform", "Tableau de bord", "dashboards:home", "report", "dashboards.view", 10)
