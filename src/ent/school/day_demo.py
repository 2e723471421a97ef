"""A believable year of school life, module after module, for an invented school in force."""

import random
from datetime import date

from ent.school.absences import demo as absences
from ent.school.attendance import demo as attendance
from ent.school.conduct import demo as conduct
from ent.school.lessons import demo as lessons
from ent.school.notes import demo as notes
from ent.school.timetable import demo as timetable

# Those that stand on others come after them.
MODULES = (timetable, attendance, absences, lessons, conduct, notes)


def build(seed: str, today: date) -> None:
    """The year up to today, and what is planned beyond; the same for the same seed and day."""
    rng = random.Random(seed)  # noqa: S311
    for module in MODULES:
        module.build(rng, today)
