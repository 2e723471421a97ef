"""Where waves and plan stand in the console, and the rollout's page about a school."""

from ent.kernel.navigation import entry
from platform_admin.console import school_tab

entry("platform", "Vagues", "rollout:waves", "wave", "rollout.view", 30)
entry("platform", "Plan", "rollout:plan", "calendar", "rollout.view", 40)
school_tab("Déploiement", "rollout:school", "rollout.view", 20)
