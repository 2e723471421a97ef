"""Rights over settings, level by level."""

from dataclasses import dataclass

from ent.kernel.access import Acting, Scope, relation, right
from platform_admin.officers.access import ACTS, SEES, is_granted, is_seen
from tenants.configuration.models import SettingChange
from tenants.configuration.queries import Place
from tenants.configuration.registry import Hand, Setting

right("settings.view", "Consulter les réglages", SEES)
right("settings.change", "Changer les réglages", ACTS)


@dataclass(frozen=True)
class Target:
    """What a page is about: a level, one of its settings, one of its changes."""

    place: Place
    setting: Setting | None = None
    change: SettingChange | None = None

    @property
    def pk(self) -> str:
        """Its level tells it apart."""
        return self.place.key


@relation(Target, Scope.SEEN_AUTHORITIES)
def is_level_seen(acting: Acting, target: Target) -> bool:
    """A level of a collectivity one sees, or of its school; the academy's is for the academy."""
    whose = target.place.school or target.place.authority
    return acting.sees is None if whose is None else is_seen(acting, whose)


@relation(Target, Scope.GRANTED_AUTHORITIES)
def is_level_granted(acting: Acting, target: Target) -> bool:
    """A level of a collectivity one acts for, or of its school."""
    whose = target.place.school or target.place.authority
    return acting.acts is None if whose is None else is_granted(acting, whose)


def hand_of(acting: Acting) -> Hand:
    """On whose behalf an officer changes a value."""
    return Hand.ACADEMY if acting.acts is None else Hand.AUTHORITY
