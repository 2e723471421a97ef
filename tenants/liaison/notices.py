"""What a school's pages know of the platform at every request, read from the cache: one key, no query once warm."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone
from django.utils.dateformat import format as date_format
from django.utils.translation import gettext as _

from ent.kernel.cache import forget_in
from ent.kernel.text import dated
from tenants.liaison.models import Announcement, SlowNetwork, SupportRequest
from tenants.liaison.network import expected_at
from tenants.models import School

# What is forgotten too early by a change made elsewhere comes back right after this long.
KEPT_SECONDS = 600
KEY = "notices"


@dataclass(frozen=True)
class Notice:
    """An announcement as a school's pages show it."""

    id: UUID
    is_maintenance: bool
    title: str
    body: str
    speaker: str
    shown_from: datetime
    shown_until: datetime
    starts_at: datetime | None
    ends_at: datetime | None

    @property
    def key(self) -> str:
        """What a browser that dismissed it remembers: the random end of its identifier."""
        return self.id.hex[-12:]

    @property
    def when(self) -> str:
        """Of a maintenance: « Maintenance dimanche 6 décembre, de 6 h à 8 h », then « Maintenance en cours… »."""
        if self.starts_at is None or self.ends_at is None:
            return ""
        return maintenance_words(self.starts_at, self.ends_at, timezone.now())


@dataclass(frozen=True)
class Notices:
    """Of one school: announcements present and to come, its network, answers that wait for its administrator."""

    announcements: tuple[Notice, ...] = ()
    slow_for_all: bool = False
    is_slow: bool = False
    answered: int = 0

    def shown(self, dismissed: frozenset[str] = frozenset()) -> list[Notice]:
        """What is to be shown now, maintenance first and never dismissed."""
        now = timezone.now()
        current = [one for one in self.announcements if one.shown_from <= now < one.shown_until]
        kept = [one for one in current if one.is_maintenance or one.key not in dismissed]
        return sorted(kept, key=lambda one: not one.is_maintenance)

    @property
    def maintenance(self) -> list[Notice]:
        """The maintenance to be shown now."""
        return [one for one in self.shown() if one.is_maintenance]


def notices_of(school: School) -> Notices:
    """What the pages of the school in force are to know; asked of its cache first. Five queries when cold."""
    known = cache.get(KEY)
    if known is None:
        known = _read(school)
        cache.set(KEY, known, KEPT_SECONDS)
    return known


def forget_notices(*schools: int) -> None:
    """Drop what is remembered of schools (by primary key), once the change is committed."""
    schemas = list(School.objects.filter(pk__in=schools).order_by().values_list("schema_name", flat=True))
    transaction.on_commit(lambda: forget_in(schemas, KEY))


def _read(school: School) -> Notices:
    found = Announcement.objects.filter(schools=school, withdrawn_at=None, shown_until__gt=timezone.now())
    return Notices(
        announcements=tuple(map(notice_of, found.select_related("authority").order_by("starts_at", "shown_from"))),
        slow_for_all=SlowNetwork.objects.filter(school=school).exists(),
        is_slow=expected_at(school).is_slow,
        answered=SupportRequest.objects.filter(school=school, state=SupportRequest.State.ANSWERED).count(),
    )


def notice_of(announcement: Announcement) -> Notice:
    """An announcement as schools' pages show it."""
    return Notice(
        id=announcement.pk,
        is_maintenance=announcement.kind == Announcement.Kind.MAINTENANCE,
        title=announcement.title,
        body=announcement.body,
        speaker=announcement.speaker,
        shown_from=announcement.shown_from,
        shown_until=announcement.shown_until,
        starts_at=announcement.starts_at,
        ends_at=announcement.ends_at,
    )


def maintenance_words(starts_at: datetime, ends_at: datetime, now: datetime) -> str:
    """When the service will be closed, as people say it."""
    starts, ends = timezone.localtime(starts_at), timezone.localtime(ends_at)
    same_day = starts.date() == ends.date()
    if starts_at <= now:
        if timezone.localtime(now).date() == ends.date():
            return _("Maintenance en cours, jusqu’à %(end)s") % {"end": _hour(ends)}
        return _("Maintenance en cours, jusqu’au %(day)s, %(end)s") % {"day": _day(ends), "end": _hour(ends)}
    if same_day:
        said = {"day": _day(starts), "start": _hour(starts), "end": _hour(ends)}
        return _("Maintenance %(day)s, de %(start)s à %(end)s") % said
    said = {"day": _day(starts), "start": _hour(starts), "last": _day(ends), "end": _hour(ends)}
    return _("Maintenance du %(day)s, %(start)s, au %(last)s, %(end)s") % said


def _day(moment: datetime) -> str:
    return dated(moment, "l j F").lower()


def _hour(moment: datetime) -> str:
    return date_format(moment, "G \\h i" if moment.minute else "G \\h")
