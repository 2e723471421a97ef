"""What every timetable file says, whatever its format: names, and lessons that refer to them by the file's own keys."""

from dataclasses import dataclass, field
from datetime import date, time
from typing import Any


class Unreadable(Exception):
    """The file as a whole cannot be read; the message, in French, says what to do."""


@dataclass(frozen=True)
class Oddity:
    """Something of the file that could not be taken as it stands."""

    where: str
    what: str


@dataclass(frozen=True)
class Named:
    """A teacher, class, group, subject or room of a file. `extra`: `last_name`, `first_name`; a group's `divisions`."""

    key: str
    name: str
    code: str = ""
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
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
    label: str = ""


@dataclass(frozen=True)
class Service:
    """Who teaches what to whom, without hours of the day (STS)."""

    subject: str
    teacher: str
    division: str = ""
    group: str = ""


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
    # Per group: (last name, first name, birth date) of its pupils.
    pupils_in_groups: dict[str, list[tuple[str, str, date | None]]] = field(default_factory=dict)
    oddities: list[Oddity] = field(default_factory=list)
