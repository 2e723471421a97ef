"""Where the console stands in the navigation, and its own page about a school."""

from ent.kernel.navigation import entry
from platform_admin.console import school_tab
from platform_admin.officers.journal import tell

entry("platform", "Établissements", "console", "map", "console.view", 20)
entry("platform", "Imports", "console_imports", "import", "console.import", 70)
school_tab("Vue d’ensemble", "console_school", "console.view", 10)
tell("schools.provision", "Espace demandé", "a demandé l’espace de {school}")
tell("imports.plan", "Import préparé", "a préparé l’import de « {export} »")
tell("imports.apply", "Import lancé", "a lancé l’import de « {export} »")
tell("imports.undo", "Import annulé", "a demandé l’annulation de l’import de « {export} »")
