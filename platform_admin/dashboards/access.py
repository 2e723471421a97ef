"""Rights over the dashboards."""

from ent.kernel.access import right
from platform_admin.officers.access import SEES

right("dashboards.view", "Consulter le tableau de bord", SEES)
