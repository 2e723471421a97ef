"""What is in force where, and from where: a school's own value, else its collectivity's, else the academy's."""

from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any
from uuid import uuid4

from django.core.cache import cache
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django_tenants.utils import schema_context

from tenants.configuration.models import Level, SettingChange, SettingValue
from tenants.configuration.registry import SETTINGS, Setting
from tenants.models import Authority, School

KEPT_SECONDS = 3600


@dataclass(frozen=True)
class Place:
    """A level and whose it is: a school, else a collectivity, else the academy."""

    authority: Authority | None = None
    school: School | None = None

    @property
    def level(self) -> Level:
        return Level.SCHOOL if self.school else Level.AUTHORITY if self.authority else Level.ACADEMY

    @property
    def label(self) -> str:
        """Its name."""
        return str(self.school or self.authority or "Académie de Clermont-Ferrand")

    @property
    def row(self) -> dict[str, Any]:
        """What its values and changes are looked up and written by."""
        return {"authority": self.authority, "school": self.school}

    @property
    def key(self) -> str:
        """Its name in the cache and in locks."""
        return f"{self.level}:{self.school.pk if self.school else self.authority.pk if self.authority else ''}"

    @property
    def above(self) -> list["Place"]:
        """What it inherits from, the nearest first."""
        if self.school:
            mine = self.school.authority
            return [Place(authority=mine), ACADEMY] if mine else [ACADEMY]
        return [ACADEMY] if self.authority else []


ACADEMY = Place()


@dataclass(frozen=True)
class Effective:
    """A value in force, and the level it was set at (None: as delivered)."""

    value: Any
    level: Level | None = None


def effective(school: School | None) -> dict[str, Effective]:
    """What is in force in a school (on the platform's own pages: in the academy). No query once warm.

    Beside the values stand the stamps of the levels they were read from. A change gives its level another stamp, so
    that it is seen at once below, wherever it was made, and what was read just before it is not taken for new.
    """
    authority_id = school.authority_id if school else None
    stamps = [_stamp("academy:")]
    stamps += [_stamp(f"authority:{authority_id}")] if authority_id else []
    stamps += [_stamp(f"school:{school.pk}")] if school else []
    own = f"settings:{school.pk if school else ''}:{authority_id or ''}"
    with schema_context("public"):
        known = cache.get_many([own, *stamps])
    current = [known.get(stamp) for stamp in stamps]
    stamped, values = known.get(own) or (None, {})
    # What an older version kept may lack a setting.
    if stamped == current and values.keys() == SETTINGS.keys():
        return values
    values = _merged(_rows(authority_id, school.pk if school else None))
    with schema_context("public"):
        cache.set(own, (current, values), KEPT_SECONDS)
    return values


@dataclass(frozen=True)
class InForce:
    """What is in force at a level, and what would be if it set nothing itself."""

    values: dict[str, Effective]
    inherited: dict[str, Effective]


def in_force_at(place: Place) -> InForce:
    """What holds at a level, asked of the database. One query."""
    if place.school:
        rows = _rows(place.school.authority_id, place.school.pk)
    else:
        rows = _rows(place.authority.pk if place.authority else None, None)
    return InForce(_merged(rows), _merged([row for row in rows if row.level != place.level]))


def academy_value(key: str) -> Any:
    """A value that only the academy sets."""
    return effective(None)[key].value


def forget(place: Place) -> None:
    """Let nobody below this level go on with what was read before now."""
    with schema_context("public"):
        # Outlives whatever was kept under the stamp before it.
        cache.set(_stamp(place.key), str(uuid4()), 2 * KEPT_SECONDS)


def _stamp(key: str) -> str:
    return f"settings-stamp:{key}"


def _rows(authority_id: int | None, school_id: int | None) -> list[SettingValue]:
    levels = [Q(authority=None, school=None)]
    levels += [Q(authority=authority_id)] if authority_id else []
    levels += [Q(school=school_id)] if school_id else []
    return list(SettingValue.objects.filter(reduce(or_, levels)))


def _merged(rows: list[SettingValue]) -> dict[str, Effective]:
    """From the farthest to the nearest: the last one said is the one in force."""
    found = {key: Effective(setting.default) for key, setting in SETTINGS.items()}
    for row in sorted(rows, key=lambda row: list(Level).index(row.level)):
        if row.key in found:
            found[row.key] = Effective(row.value, row.level)
    return found


def touched(setting: Setting, place: Place, value: Any) -> QuerySet[School]:
    """The schools where something else is in force once `value` is set at this level. The query is made when read."""
    schools = School.objects.exclude(state__in=(School.State.CLOSED, School.State.ARCHIVED))
    schools = schools.select_related("authority").order_by("authority__code", "name", "uai")
    if value == in_force_at(place).values[setting.key].value:
        return schools.none()
    if place.school:
        return schools.filter(pk=place.school.pk)
    own = SettingValue.objects.filter(key=setting.key)
    schools = schools.exclude(Exists(own.filter(school=OuterRef("pk"))))
    if place.authority:
        return schools.filter(authority=place.authority)
    return schools.exclude(Exists(own.filter(authority=OuterRef("authority"))))


def set_below(place: Place) -> dict[str, int]:
    """How many collectivities and schools below have a value of their own, by setting."""
    if place.school:
        return {}
    rows = SettingValue.objects.exclude(authority=None, school=None)
    if place.authority:
        rows = rows.filter(school__authority=place.authority)
    return dict(rows.values_list("key").annotate(n=Count("pk")))


def last_change(setting: Setting, place: Place) -> SettingChange | None:
    """The last change of a value at a level: which version of it one has read."""
    return SettingChange.objects.filter(key=setting.key, **place.row).first()


def changes(place: Place, setting: Setting | None = None) -> QuerySet[SettingChange]:
    """What was changed at a level, the latest first, with what undid it."""
    found = SettingChange.objects.filter(**place.row).select_related("undone_by", "undoes")
    return found.filter(key=setting.key) if setting else found.filter(key__in=SETTINGS)


def standing(place: Place) -> set[Any]:
    """The changes that can be undone: of each value at a level, the last that neither undoes nor was undone."""
    found = SettingChange.objects.filter(undoes=None, undone_by=None, **place.row)
    return set(found.order_by("key", "-at", "-pk").distinct("key").values_list("pk", flat=True))
