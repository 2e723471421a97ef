"""Rights over what is declared of schools' connections."""

from ent.kernel.access import right
from platform_admin.officers.access import ACTS, SEES

right("network.view", "Voir la connexion des établissements", SEES)
right("network.declare", "Déclarer la connexion d'un établissement", ACTS)
