"""Where classes stand in the navigation."""

from ent.kernel.navigation import entry

entry("school", "Classes", "structure:divisions", "class", "structure.list", 20)
