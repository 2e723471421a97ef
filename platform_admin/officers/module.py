"""Where agents stand in the navigation."""

from ent.kernel.navigation import entry

entry("platform", "Agents", "officers:officers", "users", "console.manage_officers", 80, within=("officers:journal",))
