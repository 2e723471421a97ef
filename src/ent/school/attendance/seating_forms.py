"""What the seating plan's page sends: the size of the grid, and a row and a place for each pupil."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from ent.school.attendance.seating import LARGEST, Place
from ent.school.people.models import Person


@dataclass
class SeatLine:
    """A pupil, what was typed for them, and what is wrong with it."""

    pupil: Person
    row: str = ""
    column: str = ""
    error: str = ""


@dataclass
class SeatingForm:
    """The plan as typed; valid where nothing is wrong."""

    rows: str
    columns: str
    lines: list[SeatLine]
    error: str = ""
    places: dict[UUID, Place] = field(default_factory=dict)

    @property
    def is_valid(self) -> bool:
        return not self.error and not any(one.error for one in self.lines)


def shown(pupils: Sequence[Person], places: dict[UUID, Place], rows: int, columns: int) -> SeatingForm:
    """A plan as it stands."""
    lines = [SeatLine(one, *map(str, places.get(one.pk, ("", "")))) for one in pupils]
    return SeatingForm(str(rows), str(columns), lines, places=places)


def typed(data, pupils: Sequence[Person]) -> SeatingForm:
    """A plan as typed, each mistake told beside its pupil."""
    form = SeatingForm(data.get("rows", "").strip(), data.get("columns", "").strip(), [])
    rows, columns = number(form.rows), number(form.columns)
    if not rows or not columns:
        form.error = f"Donnez un nombre de rangées et de places, de 1 à {LARGEST}."
    taken: dict[Place, Person] = {}
    for pupil in pupils:
        line = SeatLine(pupil, data.get(f"row-{pupil.pk}", "").strip(), data.get(f"column-{pupil.pk}", "").strip())
        form.lines.append(line)
        if not line.row and not line.column:
            continue
        place = (number(line.row), number(line.column))
        if not all(place) or (not form.error and (place[0] > rows or place[1] > columns)):
            line.error = "Cette place n'est pas dans la salle : changez la rangée ou la place."
        elif place in taken:
            line.error = f"Cette place est déjà celle de {taken[place]} : choisissez-en une autre."
        else:
            taken[place] = pupil
            form.places[pupil.pk] = place
    return form


def number(text: str) -> int:
    """A number of a row or a place; 0 for what is not one."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 3 and int(text) <= LARGEST else 0
