"""An iCalendar file (RFC 5545) of one teacher or class: its events of the year, as weekly lessons.

A recurrence without end stops with the school year. Hours without a time zone are taken as French ones.
"""

import io
import re
from collections import defaultdict
from datetime import date, datetime, time, timedelta
from typing import BinaryIO
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events

from ent.exchange.timetable.schedule import Named, Oddity, Schedule, ScheduledLesson, Unreadable

PARIS = ZoneInfo("Europe/Paris")
MOST_EVENTS, MOST_OCCURRENCES = 5_000, 20_000
OWNER = "owner"
# Rules that unfold without end or within a day: no lesson repeats so.
ENDLESS = re.compile(rb"RRULE[^\r\n]*(INTERVAL=0+(?!\d)|FREQ=(SECONDLY|MINUTELY|HOURLY))", re.IGNORECASE)


def read(file: BinaryIO, starts_on: date, ends_on: date, *, is_teacher: bool, owner: str) -> Schedule:
    """The lessons of a calendar between two days, for its owner (a teacher's or a class's name)."""
    content = file.read()
    if content.count(b"BEGIN:VEVENT") > MOST_EVENTS:
        raise Unreadable(f"Ce calendrier a plus de {MOST_EVENTS} événements : exportez l'année en cours seulement, "
                         "pour un seul enseignant ou une seule classe.")  # fmt: skip
    if ENDLESS.search(content):
        raise Unreadable("Ce calendrier a une répétition de moins d'un jour, ou sans intervalle : retirez-la, puis "
                         "exportez-le de nouveau.")  # fmt: skip
    try:
        calendar = icalendar.Calendar.from_ical(io.BytesIO(content).read())
        occurrences = []
        query = recurring_ical_events.of(calendar, skip_bad_series=True)
        for one in query.after(datetime.combine(starts_on, time(), PARIS)):
            start = one.start
            day = start.date() if isinstance(start, datetime) else start
            if day > ends_on:
                break
            occurrences.append(one)
            if len(occurrences) > MOST_OCCURRENCES:
                raise Unreadable("Ce calendrier donne plus de 20 000 séances dans l'année : une répétition y est sans "
                                 "doute trop serrée.")  # fmt: skip
    except Unreadable:
        raise
    except Exception as error:  # the libraries raise as many kinds as there are ways to be malformed
        raise Unreadable("Ce fichier n'est pas un calendrier lisible : exportez-le de nouveau au format iCalendar "
                         "(.ics).") from error  # fmt: skip
    return _weekly(occurrences, starts_on, ends_on, is_teacher=is_teacher, owner=owner)


def _weekly(occurrences, starts_on: date, ends_on: date, *, is_teacher: bool, owner: str) -> Schedule:
    found = Schedule("ics", starts_on, ends_on)
    kind = found.teachers if is_teacher else found.divisions
    kind[OWNER] = Named(OWNER, owner)
    weeks: dict[tuple, set[date]] = defaultdict(set)
    cancelled: dict[tuple, set[date]] = defaultdict(set)
    for event in occurrences:
        start, end = event.start, event.end
        title = " ".join(str(event.get("SUMMARY", "")).split())[:120] or "Séance"
        if not isinstance(start, datetime) or not isinstance(end, datetime):
            found.oddities.append(Oddity(title, "événement d'une journée entière : laissé de côté"))
            continue
        start, end = _local(start), _local(end)
        if start.date() != end.date() or start >= end:
            found.oddities.append(Oddity(f"{title}, {start:%d/%m %H:%M}", "ne finit pas le même jour : laissé de côté"))
            continue
        room = " ".join(str(event.get("LOCATION", "")).split())[:60]
        key = (start.isoweekday(), start.time().replace(tzinfo=None), end.time().replace(tzinfo=None), title, room)
        monday = start.date() - timedelta(days=start.weekday())
        is_off = str(event.get("STATUS", "")).upper() == "CANCELLED"
        (cancelled if is_off else weeks)[key].add(monday)
        found.subjects.setdefault(title, Named(title, title))
        if room:
            found.rooms.setdefault(room, Named(room, room))
    for key in sorted(weeks):
        weekday, begins, ends, title, room = key
        found.lessons.append(
            ScheduledLesson(
                key=f"{owner[:30]}-{weekday}-{begins:%H%M}-{ends:%H%M}-{title}"[:90], weekday=weekday, starts=begins,
                ends=ends, weeks=frozenset(weeks[key]), cancelled_weeks=frozenset(cancelled.get(key, ())),
                subject=title, label=title, rooms=(room,) if room else (),
                teachers=(OWNER,) if is_teacher else (), divisions=() if is_teacher else (OWNER,),
            )
        )  # fmt: skip
    return found


def _local(moment: datetime) -> datetime:
    return moment.replace(tzinfo=PARIS) if moment.tzinfo is None else moment.astimezone(PARIS)
