"""Where classes stand in the navigation."""

from ent.kernel.navigation import entry, module

module("structure", "Classes", "structure:", "api:division-", "api:group-")
entry("school", "Classes", "structure:divisions", "class", "structure.list", 20)
