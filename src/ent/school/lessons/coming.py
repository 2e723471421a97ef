"""Work and tests of the next days, for what families are sent."""

from datetime import date
from uuid import UUID

from ent.kernel.text import dated
from ent.school.lessons.models import Homework
from ent.school.lessons.queries import homework_of_pupils
from ent.school.lessons.text import plain
from ent.school.notifications.coming import coming

# Of a text, what a line holds.
MOST = 90


@coming("Travail et contrôles", "lessons:homework", order=10)
def work(pupils: list[UUID], first: date, last: date) -> dict[UUID, list[str]]:
    """« lundi 23 novembre : Mathématiques, contrôle, les fractions »."""
    return {pupil: [_line(one) for one in works] for pupil, works in homework_of_pupils(pupils, first, last).items()}


def _line(one: Homework) -> str:
    words = " ".join(plain(one.content).split())
    short = words if len(words) <= MOST else f"{words[:MOST]}…"
    said = [f"{dated(one.due_on)} : {one.title}", "contrôle" if one.is_test else "", short]
    return ", ".join(part for part in said if part)
