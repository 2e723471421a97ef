"""iCalendar (RFC 5545): the calendar of one teacher or class, which the caller names, as weekly lessons.

Every event is a lesson: SUMMARY is its subject, LOCATION its room, both taken whole (publishers write more in them,
each in its own way). Floating times are those of Europe/Paris, and hours are those that clocks show there: a lesson
stays at the same hour when clocks change. Repetitions are unfolded within the school year only, so one without end
stops there.

Bounds: a file of more than MAX_EVENTS events is refused before it is parsed; unfolding stops beyond MAX_OCCURRENCES,
or SECONDS. Rules that repeat within a day, and INTERVAL=0 (on which dateutil never returns), are left out and told.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from time import monotonic
from typing import Any, Literal
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events

from ent.exchange.timetable.schedule import Named, Oddities, Schedule, ScheduledLesson, Unreadable, fingerprint, keyed
from ent.school.timetable.models import monday_of

PARIS = ZoneInfo("Europe/Paris")
OWNER = "owner"
# A teacher's or a class's year is some 900 events when none repeats.
MAX_EVENTS, MAX_OCCURRENCES = 5_000, 20_000
MAX_COMPONENTS, MAX_LINES = 15_000, 200_000
# All dates added to repetitions or taken away: some 30,000.
LONGEST_DATES = 500_000
SECONDS = 10
# A rule that began before this cannot be about this year's lessons, and takes seconds to unfold.
OLDEST_RULE = timedelta(days=3660)
# What icalendar, dateutil and recurring-ical-events raise on values out of the ordinary.
_WRONG = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError)
_FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_AGAIN = "Exportez-le de nouveau au format iCalendar (.ics)."


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose calendar it is: `key` tells this owner's lessons from those of other calendars."""

    kind: Literal["teacher", "division"]
    key: str
    name: str


def read(content: bytes, owner: Owner, starts_on: date, ends_on: date) -> Schedule:
    """The lessons of a calendar from one day to the other, both included; `Unreadable` in French."""
    reading = _Reading(owner, starts_on, ends_on)
    for calendar in _calendars(_text(content)):
        reading.take(calendar)
    return reading.schedule()


def source_of(owner: Owner) -> str:
    """Each calendar is a source of its own: one person's leaves another's lessons alone."""
    return f"ics-{fingerprint(owner.kind, owner.key)[:12]}"


def _text(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    unfolded = re.sub(r"\r?\n[ \t]", "", text)
    events = len(re.findall(r"(?im)^BEGIN:VEVENT", unfolded))
    if events > MAX_EVENTS:
        raise Unreadable(
            f"Ce calendrier a {events} événements, plus que les {MAX_EVENTS} permis. Exportez celui d'un seul "
            "enseignant ou d'une seule classe, pour la seule année scolaire."
        )
    dates = sum(len(match[0]) for match in re.finditer(r"(?im)^(?:RDATE|EXDATE).*", unfolded))
    components = len(re.findall(r"(?im)^BEGIN:", unfolded))
    if components > MAX_COMPONENTS or text.count("\n") > MAX_LINES or dates > LONGEST_DATES:
        raise Unreadable("Ce calendrier est démesuré pour un emploi du temps : exportez la seule année scolaire.")
    if "\0" in text or not unfolded.lstrip().upper().startswith("BEGIN:VCALENDAR"):
        raise Unreadable(f"Ce fichier n'est pas un calendrier. {_AGAIN}")
    if not unfolded.rstrip().upper().endswith("END:VCALENDAR"):
        raise Unreadable(f"Ce calendrier est coupé : il ne finit pas par END:VCALENDAR. {_AGAIN}")
    return text


def _calendars(text: str) -> list[Any]:
    try:
        return list(icalendar.Calendar.from_ical(text, multiple=True))
    except _WRONG as error:
        raise Unreadable(f"Ce calendrier est abîmé, illisible. {_AGAIN}") from error


class _Reading:
    def __init__(self, owner: Owner, starts_on: date, ends_on: date) -> None:
        self.owner, self.starts_on, self.ends_on = owner, starts_on, ends_on
        self.subjects: dict[str, Named] = {}
        self.rooms: dict[str, Named] = {}
        self.weeks: dict[tuple[int, time, time, str, str], set[date]] = defaultdict(set)
        self.cancelled: dict[tuple[int, time, time, str, str], set[date]] = defaultdict(set)
        self.taken = 0
        self.oddities = Oddities()
        self.deadline = monotonic() + SECONDS

    def take(self, calendar: Any) -> None:
        """All events of a calendar, those of a same UID together."""
        is_cancelled = _line(calendar, "METHOD").upper() == "CANCEL"
        by_uid: dict[str, list[Any]] = defaultdict(list)
        for number, event in enumerate(calendar.walk("VEVENT")):
            by_uid[_line(event, "UID") or f"#{number}"].append(event)
        for events in by_uid.values():
            for base, changes in _series(events):
                for occurrence in self._unfolded(base, changes):
                    self._lesson(occurrence, is_cancelled=is_cancelled)

    def _unfolded(self, base: Any, changes: list[Any]) -> list[Any]:
        """The occurrences of the year; an event that does not repeat is its own."""
        rules = [rule for rule in _all(base, "RRULE") if rule]
        if not changes and not rules and "RDATE" not in base:
            return [base]
        where = _line(base, "SUMMARY") or "Événement sans titre"
        if monotonic() > self.deadline:
            raise Unreadable(
                f"Ce calendrier a des répétitions trop nombreuses ou impossibles (« {where[:60]} »). Exportez-le pour "
                "la seule année scolaire."
            )
        if any(not _is_possible(rule) for rule in rules):
            self.oddities.note(
                where, "La répétition est impossible ou a lieu plusieurs fois par jour : il est laissé de côté."
            )
            return []
        first = _value(base, "DTSTART")
        if rules and isinstance(first, date) and _day(first) < self.starts_on - OLDEST_RULE:
            self.oddities.note(where, "La répétition a commencé il y a plus de dix ans : il est laissé de côté.")
            return []
        alone = icalendar.Calendar()
        for event in (base, *changes):
            alone.add_component(event)
        try:
            return list(recurring_ical_events.of(alone).between(self.starts_on, self.ends_on + timedelta(days=1)))
        except _WRONG:
            self.oddities.note(where, "La répétition est illisible : il est laissé de côté. Vérifiez-le.")
            return []

    def _lesson(self, event: Any, *, is_cancelled: bool) -> None:
        title = _line(event, "SUMMARY")[:100] or "Séance"
        starts, ends = _value(event, "DTSTART"), _end(event)
        if not isinstance(starts, date):
            self.oddities.note(title, "Le début est absent ou illisible : l'événement est laissé de côté.")
            return
        if not isinstance(starts, datetime):
            self.oddities.counts[
                "{n} événement(s) d'une journée entière : ce ne sont pas des cours, ils sont laissés de côté."
            ] += 1
            return
        if not isinstance(ends, datetime):
            self.oddities.note(title, "La fin est absente ou illisible : l'événement est laissé de côté.")
            return
        margin = timedelta(days=1)
        outside = not self.starts_on - margin <= starts.date() <= self.ends_on + margin
        if (
            outside
            or abs(ends.year - starts.year) > 1
            or not self.starts_on <= _in_paris(starts).date() <= self.ends_on
        ):
            self.oddities.counts["{n} événement(s) hors de l'année scolaire, laissés de côté."] += 1
            return
        starts_at, ends_at = _in_paris(starts), _in_paris(ends)
        if ends_at <= starts_at or ends_at.date() != starts_at.date():
            self.oddities.note(
                f"{title}, {starts_at:%d/%m %H:%M}", "Il ne finit pas le même jour, après son début : laissé de côté."
            )
            return
        if starts.tzinfo is None and _zone(event):
            self.oddities.note(_zone(event), "Fuseau horaire inconnu : les heures sont prises pour celles de Paris.")
        self.taken += 1
        if self.taken > MAX_OCCURRENCES:
            raise Unreadable(
                f"Ce calendrier donne plus de {MAX_OCCURRENCES} séances dans l'année. Exportez celui d'un seul "
                "enseignant ou d'une seule classe."
            )
        room = _line(event, "LOCATION")[:60]
        self.subjects.setdefault(title, Named(title, title))
        if room:
            self.rooms.setdefault(room, Named(room, room))
        begins, finishes = (moment.time().replace(second=0, microsecond=0) for moment in (starts_at, ends_at))
        if begins < finishes:
            key, monday = (starts_at.isoweekday(), begins, finishes, title, room), monday_of(starts_at.date())
            self.weeks[key].add(monday)
            if is_cancelled or _line(event, "STATUS").upper() == "CANCELLED":
                self.cancelled[key].add(monday)

    def schedule(self) -> Schedule:
        """The occurrences of a same day, hours, title and room are one lesson."""
        owner = {OWNER: Named(OWNER, self.owner.name, extra={"object_id": self.owner.key})}
        is_teacher = self.owner.kind == "teacher"
        found = Schedule(
            source_of(self.owner), self.starts_on, self.ends_on, self.subjects, owner if is_teacher else {},
            {} if is_teacher else owner, rooms=self.rooms, oddities=self.oddities.all(),
        )  # fmt: skip
        found.lessons = [
            ScheduledLesson(
                key="", weekday=weekday, starts=starts, ends=ends, weeks=frozenset(weeks),
                cancelled_weeks=frozenset(self.cancelled.get((weekday, starts, ends, title, room), ())), subject=title,
                rooms=(room,) if room else (), teachers=(OWNER,) if is_teacher else (),
                divisions=() if is_teacher else (OWNER,),
            )
            for (weekday, starts, ends, title, room), weeks in self.weeks.items()
        ]  # fmt: skip
        return keyed(found)


def _series(events: list[Any]) -> list[tuple[Any, list[Any]]]:
    """Each event that is no change of another, with the changes of its occurrences.

    Some exports give one UID to events that have nothing in common: those are told apart by their start, and the
    highest SEQUENCE wins among those of a same start.
    """
    changes = [event for event in events if "RECURRENCE-ID" in event]
    bases: dict[str, Any] = {}
    for event in events:
        if "RECURRENCE-ID" not in event:
            start = _moment(event)
            if start not in bases or _sequence(event) >= _sequence(bases[start]):
                bases[start] = event
    if not bases:
        return [(change, []) for change in changes]
    repeated = next(
        (start for start, event in bases.items() if "RRULE" in event or "RDATE" in event), next(iter(bases))
    )
    return [(event, changes if start == repeated else []) for start, event in bases.items()]


def _is_possible(rule: Any) -> bool:
    """Repeats by days at least, with an interval that moves on."""
    try:
        intervals = [int(one) for one in rule.get("INTERVAL", [1])]
        frequencies = [str(one).upper() for one in rule.get("FREQ", [])]
    except _WRONG:
        return False
    within_a_day = any(part in rule for part in ("BYHOUR", "BYMINUTE", "BYSECOND"))
    known = len(frequencies) == 1 and frequencies[0] in _FREQUENCIES
    return known and not within_a_day and all(1 <= interval <= 1000 for interval in intervals)


def _all(component: Any, name: str) -> Iterator[Any]:
    """All values of a property, which may come once, several times or not at all."""
    value = component.get(name)
    yield from value if isinstance(value, list) else [] if value is None else [value]


def _line(component: Any, name: str) -> str:
    return " ".join(str(next(_all(component, name), "")).split())[:2000]


def _value(component: Any, name: str) -> Any:
    """A date, a moment or a duration; None where it is absent or illegible."""
    try:
        return getattr(next(_all(component, name), None), "dt", None)
    except _WRONG:
        return None


def _end(event: Any) -> Any:
    """DTEND, or the start and DURATION."""
    starts, ends, duration = (_value(event, name) for name in ("DTSTART", "DTEND", "DURATION"))
    if ends is None and isinstance(starts, date) and isinstance(duration, timedelta):
        try:
            return starts + duration
        except OverflowError:
            return None
    return ends


def _moment(event: Any) -> str:
    """An event's start as a text."""
    value = _value(event, "DTSTART")
    return value.isoformat() if isinstance(value, date) else ""


def _sequence(event: Any) -> int:
    text = _line(event, "SEQUENCE")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _zone(event: Any) -> str:
    params = getattr(next(_all(event, "DTSTART"), None), "params", {})
    return str(params.get("TZID", ""))


def _day(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


def _in_paris(moment: datetime) -> datetime:
    """The moment in Paris; a floating one is already."""
    return moment.replace(tzinfo=PARIS) if moment.tzinfo is None else moment.astimezone(PARIS)
