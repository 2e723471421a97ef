"""Where settings stand in the console."""

from ent.kernel.navigation import entry
from platform_admin.console import school_tab

entry("platform", "Réglages", "configuring:settings", "settings", "settings.view", 50)
school_tab("Réglages", "configuring:school", "settings.view", 40)
