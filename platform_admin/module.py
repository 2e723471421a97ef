"""Where the console stands in the navigation."""

from ent.kernel.navigation import entry

entry("platform", "Console", "console", "map", "console.view", 10)
entry("platform", "Imports", "console_imports", "import", "console.import", 20)
