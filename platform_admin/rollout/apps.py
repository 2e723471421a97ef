"""The rollout: waves, each school's way to its opening, agreements, training."""

from django.apps import AppConfig


class RolloutConfig(AppConfig):
    name = "platform_admin.rollout"
    label = "rollout"

    def ready(self) -> None:
        from platform_admin.rollout import access, module  # noqa: F401
