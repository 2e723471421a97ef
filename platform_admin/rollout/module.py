"""Where waves and plan stand in the console, and the rollout's page about a school."""

from ent.kernel.navigation import entry
from platform_admin.console import school_tab
from platform_admin.officers.journal import tell

entry("platform", "Vagues", "rollout:waves", "wave", "rollout.view", 30)
entry("platform", "Plan", "rollout:plan", "calendar", "rollout.view", 40)
school_tab("Déploiement", "rollout:school", "rollout.view", 20)

for _action, _label, _sentence in (
    ("launched", "Établissement lancé", "a lancé {school} dans « {after} »"),
    ("launch_paused", "Lancement mis en pause", "a mis en pause le lancement de « {wave} »"),
    ("launch_resumed", "Lancement repris", "a repris le lancement de « {wave} »"),
    (
        "launch_retried",
        "Échecs réessayés",
        "a réessayé les établissements en échec ({number}) du lancement de « {wave} »",
    ),
    ("export_replaced", "Export remplacé", "a envoyé un autre export pour {school}, dans le lancement de « {wave} »"),
):
    tell(f"rollout.{_action}", _label, _sentence)
