"""A private calendar address (iCalendar, RFC 5545): read by any calendar application, revoked at will."""

import secrets
from datetime import timedelta
from uuid import UUID

import icalendar
from django.utils import timezone

from ent.accounts.codes import digest
from ent.school.people.access import authority_of
from ent.school.people.models import Person, Profile
from ent.school.timetable.models import CalendarFeed, Session
from ent.school.timetable.queries import sessions_of_pupils, sessions_of_teacher

BEFORE, AFTER = timedelta(days=30), timedelta(days=120)


def open_feed(person: UUID, about: Person) -> str:
    """A new address's secret, shown once: only its digest is kept."""
    secret = secrets.token_urlsafe(32)
    CalendarFeed.objects.create(person_id=person, about=about, digest=digest(secret))
    return secret


def found(secret: str) -> CalendarFeed | None:
    """The feed of an address, while its owner is here and, for a child's, keeps a parent's rights. Two queries."""
    feeds = CalendarFeed.objects.filter(digest=digest(secret), revoked_at=None, person__closed_at=None)
    feed = feeds.select_related("about", "person").first()
    if feed is None or feed.person.profile != Profile.RELATIVE:
        return feed
    return feed if authority_of(feed.person_id).filter(pupil=feed.about_id).exists() else None


def note(feed: CalendarFeed) -> None:
    """It was read."""
    CalendarFeed.objects.filter(pk=feed.pk).update(read_at=timezone.now())


def revoke(feed: CalendarFeed) -> None:
    """The address answers no more."""
    feed.revoked_at = timezone.now()
    feed.save(update_fields=["revoked_at"])


def calendar_of(feed: CalendarFeed, host: str) -> bytes:
    """The sessions of the person a feed is about, a month back and four months on; cancelled ones say so."""
    today, about = timezone.localdate(), feed.about
    first, last = today - BEFORE, today + AFTER
    if about.profile == Profile.PUPIL:
        sessions = sessions_of_pupils([about.pk], first, last)[about.pk]
    else:
        sessions = sessions_of_teacher(about.pk, first, last)
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//ENT Auvergne//emploi du temps//FR")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", f"Emploi du temps – {about}")
    for session in sessions:
        calendar.add_component(_event(session, host, about.profile == Profile.PUPIL))
    return calendar.to_ical()


def _event(session: Session, host: str, is_pupil: bool) -> icalendar.Event:
    event = icalendar.Event()
    event.add("uid", f"{session.pk}@{host}")
    event.add("dtstamp", session.starts_at)
    event.add("dtstart", session.starts_at)
    event.add("dtend", session.ends_at)
    who = ", ".join(session.teacher_names) if is_pupil else session.audience
    event.add("summary", f"{session.title}{f' · {who}' if who else ''}")
    if session.room_names:
        event.add("location", ", ".join(session.room_names))
    event.add("status", "CANCELLED" if session.is_cancelled else "CONFIRMED")
    return event
