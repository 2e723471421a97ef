"""Lessons of tests, each in one line."""

from datetime import timedelta

from django.utils import timezone

from ent.school.lessons import plans
from ent.school.lessons.models import TeachingPlan
from ent.school.people.models import Person
from ent.school.structure.models import Division
from ent.school.timetable.models import Session
from tests import factories


def weekly(teacher: Person, division: Division, count: int = 4, in_days: int = 7) -> list[Session]:
    """Sessions of a class to come, one a week."""
    begins = timezone.now() + timedelta(days=in_days)
    return [factories.session(teacher, division, begins + timedelta(weeks=week)) for week in range(count)]


def plan(owner: Person, *titles: str, sharing: str = "private") -> TeachingPlan:
    """A plan in mathematics; each session has a content and work."""
    made = plans.make(owner.pk, title="Fractions 5e", subject=factories.subject(), grade="5e", sharing=sharing)
    for title in titles:
        plans.write_step(made, None, title=title, content=f"Cours : {title}", homework=f"Revoir {title}", minutes=15)
    return made
