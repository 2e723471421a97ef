"""What every timetable file says, whatever its format: names, and lessons that refer to them by the file's own keys.

Nothing here knows the database.
"""

import hashlib
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, time, timedelta
from typing import Any

MAX_ODDITIES = 500
# A school year has at most 53 Mondays; more than this is a date mistyped.
MAX_WEEKS = 60
# Far beyond the largest school: subjects, people, classes, groups and rooms; pupils in groups; lessons.
MAX_NAMED, MAX_MEMBERSHIPS, MAX_LESSONS = 5_000, 200_000, 20_000


class Unreadable(Exception):
    """The file as a whole cannot be read; the message, in French, says what to do."""


@dataclass(frozen=True, slots=True)
class Oddity:
    """Something of the file that could not be taken as it stands."""

    where: str
    what: str


@dataclass(frozen=True, slots=True)
class Named:
    """A teacher, class, group, subject or room of a file.

    `extra`: `last_name`, `first_name`; a group's `divisions`; `object_id` where it is known whom it stands for.
    """

    key: str
    name: str
    code: str = ""
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ScheduledLesson:
    """A weekly lesson. `weeks`: the Mondays of its weeks (None: by `pattern`, "" for every week, else A or B)."""

    key: str
    weekday: int
    starts: time
    ends: time
    weeks: frozenset[date] | None = None
    pattern: str = ""
    cancelled_weeks: frozenset[date] = frozenset()
    subject: str = ""
    teachers: tuple[str, ...] = ()
    divisions: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    rooms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Service:
    """Who teaches what to whom, without hours of the day (STS)."""

    subject: str
    teacher: str
    division: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class PupilInGroup:
    """A pupil of a group, until a day where the file says it."""

    last_name: str
    first_name: str
    birth_date: date | None
    ends_on: date | None = None


@dataclass
class Schedule:
    """A file, read."""

    source: str
    starts_on: date | None = None
    ends_on: date | None = None
    subjects: dict[str, Named] = field(default_factory=dict)
    teachers: dict[str, Named] = field(default_factory=dict)
    divisions: dict[str, Named] = field(default_factory=dict)
    groups: dict[str, Named] = field(default_factory=dict)
    rooms: dict[str, Named] = field(default_factory=dict)
    lessons: list[ScheduledLesson] = field(default_factory=list)
    services: list[Service] = field(default_factory=list)
    pupils_in_groups: dict[str, list[PupilInGroup]] = field(default_factory=dict)
    oddities: tuple[Oddity, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Nothing to put in place."""
        return not self.lessons and not self.services

    def title(self, lesson: ScheduledLesson) -> str:
        """The name of a lesson's subject."""
        return self.subjects[lesson.subject].name if lesson.subject in self.subjects else ""


class Oddities:
    """Collects oddities: the same one is said once, and a flood is cut short."""

    def __init__(self) -> None:
        self._found: dict[Oddity, None] = {}
        self._left_out = 0
        # « {n} » in a reason is how often it was met.
        self.counts: Counter[str] = Counter()

    def note(self, where: str, what: str) -> None:
        """Something met at one place of the file."""
        oddity = Oddity(where[:200], what)
        if oddity in self._found:
            return
        if len(self._found) < MAX_ODDITIES:
            self._found[oddity] = None
        else:
            self._left_out += 1

    def all(self) -> tuple[Oddity, ...]:
        """What was noted, and how many more there were."""
        found = tuple(self._found)
        found += tuple(Oddity("Tout le fichier", why.replace("{n}", str(n))) for why, n in self.counts.items())
        if self._left_out:
            more = f"{self._left_out} autres anomalies ne sont pas détaillées : corrigez celles-ci d'abord."
            found += (Oddity("Tout le fichier", more),)
        return found


def mondays(starts_on: date, ends_on: date) -> list[date]:
    """The Mondays of all weeks that have a day between the two, both included."""
    first = starts_on - timedelta(days=starts_on.weekday())
    return [first + timedelta(weeks=week) for week in range(min((ends_on - first).days // 7 + 1, MAX_WEEKS))]


def year_is_possible(starts_on: date, ends_on: date) -> bool:
    """A school year: from a day to a later one, at most some fourteen months apart, in our time."""
    return 1990 <= starts_on.year <= 2100 and 0 < (ends_on - starts_on).days <= 7 * MAX_WEEKS


def parse_time(text: str) -> time | None:
    """« 8h », « 8h30 », « 08:30 », « 8.30 », « 08:30:00 »; anything else gives None."""
    hours, separator, rest = text.strip().lower().replace("h", ":").replace(".", ":").partition(":")
    minutes, _, seconds = rest.partition(":")
    parts = (hours.strip(), minutes.strip() or "0", seconds.strip() or "0")
    if not separator or any(not (part.isascii() and part.isdigit() and len(part) <= 2) for part in parts):
        return None
    try:
        return time(int(parts[0]), int(parts[1]), int(parts[2]))
    except ValueError:
        return None


def parse_iso_date(text: str) -> date | None:
    """« 2025-09-01 »; anything else gives None."""
    try:
        return date.fromisoformat(text.strip()) if len(text.strip()) == 10 else None
    except ValueError:
        return None


def fingerprint(*parts: object) -> str:
    """A short key made of what does not change from one export to the next."""
    return hashlib.sha256("\x1f".join(map(str, parts)).encode("utf-8", "replace")).hexdigest()[:20]


def keyed(found: Schedule) -> Schedule:
    """Give each lesson its key: day, hours, subject and audience (its teachers, where it has no audience), by name.

    Rooms, weeks and who teaches are left out: a lesson that changes room or teacher, or loses a week, stays the same
    lesson. Those alike in all the rest are told apart by their first week.
    """
    alike: dict[str, list[ScheduledLesson]] = defaultdict(list)
    for lesson in found.lessons:
        audience = [*_names(found.divisions, lesson.divisions), *_names(found.groups, lesson.groups)]
        key = fingerprint(lesson.weekday, lesson.starts, lesson.ends, lesson.pattern, found.title(lesson),
                          audience or _names(found.teachers, lesson.teachers))  # fmt: skip
        alike[key].append(lesson)
    found.lessons = []
    for key, twins in alike.items():
        twins.sort(key=lambda one: (min(one.weeks or (date.min,)), sorted(one.teachers), sorted(one.rooms)))
        found.lessons += [replace(one, key=f"{key}-{rank}" if rank > 1 else key) for rank, one in enumerate(twins, 1)]
    found.lessons.sort(key=lambda one: (one.weekday, one.starts, one.key))
    return found


def _names(named: dict[str, Named], keys: tuple[str, ...]) -> list[str]:
    return sorted(named[key].name if key in named else key for key in keys)


def bounded(count: int, most: int, label: str) -> None:
    """Refuse a file that holds more of something than any school has."""
    if count > most:
        raise Unreadable(f"Ce fichier a plus de {most} {label} : ce n'est pas l'export d'un établissement.")
