"""Where settings stand in the console."""

from ent.kernel.navigation import entry
from platform_admin.console import school_tab
from platform_admin.officers.journal import tell

entry("platform", "Réglages", "configuring:settings", "settings", "settings.view", 50)
school_tab("Réglages", "configuring:school", "settings.view", 40)
tell("settings.change", "Réglage changé", "a changé le réglage « {setting} » ({place})")
tell("settings.undo", "Changement de réglage annulé", "a annulé un changement du réglage « {setting} » ({place})")
