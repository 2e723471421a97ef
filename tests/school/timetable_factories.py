"""One line each: a teacher who is away, a colleague who is asked, a line of the grid, a lesson as typed."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from ent.school.people.models import Person
from ent.school.structure.models import Division, Group
from ent.school.timetable import covering, weekly
from ent.school.timetable.models import RecurringLesson, ReplacementCall, Session, TeacherAbsence, TimeSlot
from ent.school.timetable.weekly import Typed
from tests import factories

# A Wednesday at noon, in a school year whose holidays are known.
NOW = datetime(2026, 11, 25, 12, tzinfo=ZoneInfo("Europe/Paris"))


def tomorrow(teacher: Person, audience, hours: int = 0, **values) -> Session:
    """A session of tomorrow, or so many hours later."""
    return factories.session(teacher, audience, starts=timezone.now() + timedelta(days=1, hours=hours), **values)


def away(teacher: Person, days: int = 3) -> TeacherAbsence:
    """A teacher is away from now on."""
    now = timezone.now()
    return covering.record_absence(teacher, now, now + timedelta(days=days), "Rendez-vous médical", None)


def asked(session: Session, colleague: Person, by: Person | None = None) -> ReplacementCall:
    """A colleague is asked to stand in."""
    return covering.ask(session, [colleague], by.pk if by else None)[0]


def slot(label: str, starts: str, ends: str) -> TimeSlot:
    """A line of the grid."""
    return TimeSlot.objects.create(label=label, starts_at=starts, ends_at=ends)


def typed_lesson(audience: Division | Group, starts: str = "08:00", ends: str = "08:55", since: date | None = None,
                 rooms: tuple | list = (), **values) -> Typed:  # fmt: skip
    """A weekly lesson as typed: Mondays from now on, unless told otherwise."""
    heard = {"divisions": [audience]} if isinstance(audience, Division) else {"groups": [audience]}
    return Typed(starts=time.fromisoformat(starts), ends=time.fromisoformat(ends), since=since or NOW.date(),
                 rooms=[factories.room(name) for name in rooms],
                 **{"weekday": 1, "subject": factories.subject()} | heard | values)  # fmt: skip


def weekly_saved(typed: Typed) -> RecurringLesson:
    """The same, saved, with its sessions."""
    return weekly.save(typed, factories.year(), "A")[0]
