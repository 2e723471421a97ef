"""One line each: a teacher who is away, a colleague who is asked."""

from datetime import timedelta

from django.utils import timezone

from ent.school.people.models import Person
from ent.school.timetable import covering
from ent.school.timetable.models import ReplacementCall, Session, TeacherAbsence
from tests import factories


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
