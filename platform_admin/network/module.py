"""The network's page among those of a school."""

from platform_admin.console import school_tab

school_tab("Réseau", "network:school", "network.view", 50)
