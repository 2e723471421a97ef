"""Where the console stands in the navigation, and its own page about a school."""

from ent.kernel.navigation import entry
from platform_admin.console import school_tab

entry("platform", "Établissements", "console", "map", "console.view", 20)
entry("platform", "Imports", "console_imports", "import", "console.import", 70)
school_tab("Vue d’ensemble", "console_school", "console.view", 10)
