"""Setting a value, returning to what is inherited, undoing a change: each is kept, and in the audit trail."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from ent.kernel.audit.models import record
from tenants.configuration import images
from tenants.configuration.kinds import Picture
from tenants.configuration.models import SettingChange, SettingValue
from tenants.configuration.queries import Place, forget, last_change, standing
from tenants.configuration.registry import SETTINGS, Setting


@dataclass(frozen=True)
class Author:
    """Who changes a value; `function` is what others are shown."""

    account_id: UUID | None
    function: str


class ChangedMeanwhile(Exception):
    """Someone else changed the value after it was read: nobody's change is lost without being seen."""

    def __init__(self, change: SettingChange):
        super().__init__("Ce réglage a été modifié entre-temps.")
        self.change = change


class UndoRefused(Exception):
    """Why a change cannot be undone, in French."""


def version(change: SettingChange | None) -> str:
    """What says which value one has read."""
    return str(change.pk) if change else ""


@transaction.atomic
def set_value(setting: Setting, place: Place, raw: Any, *, read: str, author: Author) -> SettingChange | None:
    """Set a value at a level; None where it stood so already. `read` is the `version` one had before one's eyes."""
    value = setting.clean(raw)
    current = _locked(setting, place, read, value)
    if current is not None and current.value == value:
        return None
    if isinstance(setting.kind, Picture):
        images.keep(value)
    return _change(setting, place, current, value, author)


@transaction.atomic
def unset_value(setting: Setting, place: Place, *, read: str, author: Author) -> SettingChange | None:
    """Return to what is inherited; None where nothing was set."""
    current = _locked(setting, place, read, None)
    return _change(setting, place, current, None, author) if current else None


@transaction.atomic
def undo(change: SettingChange, place: Place, *, author: Author) -> SettingChange:
    """Put back what a change replaced, unless a later one stands on it."""
    setting = SETTINGS[change.key]
    _lock(setting, place)
    check_undo(change, place)
    if change.before is not None:
        setting.clean(change.before)
    current = SettingValue.objects.filter(key=setting.key, **place.row).first()
    return _change(setting, place, current, change.before, author, undoes=change)


def check_undo(change: SettingChange, place: Place) -> None:
    """Refuse, with the reason, to undo a change that is not the last one standing."""
    if change.undoes_id:
        raise UndoRefused("Ce changement en annule déjà un autre. Choisissez plutôt à nouveau la valeur voulue.")
    if SettingChange.objects.filter(undoes=change).exists():
        raise UndoRefused("Ce changement est déjà annulé.")
    if change.pk not in standing(place):
        raise UndoRefused("Un changement plus récent s'appuie sur celui-ci. Annulez d'abord le plus récent.")


def _lock(setting: Setting, place: Place) -> None:
    """One change of a value at a time, even where there is no row yet."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"setting:{setting.key}:{place.key}"])


def _locked(setting: Setting, place: Place, read: str, wanted: Any) -> SettingValue | None:
    """The value as it stands, nobody else changing it, if it is still the one that was read (or the one wanted)."""
    _lock(setting, place)
    current = SettingValue.objects.filter(key=setting.key, **place.row).first()
    last = last_change(setting, place)
    if last and version(last) != read and (current.value if current else None) != wanted:
        raise ChangedMeanwhile(last)
    return current


def _change(
    setting: Setting, place: Place, current: SettingValue | None, value: Any, author: Author,
    undoes: SettingChange | None = None,
) -> SettingChange:  # fmt: skip
    before = current.value if current else None
    if value is None:
        SettingValue.objects.filter(key=setting.key, **place.row).delete()
    else:
        SettingValue.objects.update_or_create(key=setting.key, **place.row, defaults={"value": value})
    change = SettingChange.objects.create(
        key=setting.key, **place.row, before=before, after=value,
        account_id=author.account_id, author=author.function, undoes=undoes,
    )  # fmt: skip
    record(
        "settings.undo" if undoes else "settings.change",
        account_id=author.account_id,
        object_id=change.pk,
        key=setting.key,
        setting=setting.label,
        place=place.label,
        before=before,
        after=value,
    )
    # At once for what follows here, and once more when others can see it.
    forget(place)
    transaction.on_commit(lambda: forget(place))
    return change
