"""Seating plans: per teacher, class or group, and room; drawn as a grid with the board in front."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from ent.school.attendance.models import Seat, SeatingPlan
from ent.school.people.models import Person
from ent.school.timetable.models import RoomUse, Session, SessionAudience, SessionTeacher

LARGEST = 12
Place = tuple[int, int]


def key_of(session: Session, person: UUID | None) -> dict[str, UUID | None] | None:
    """What the plan of a session is kept under: its teacher (oneself, if one leads it), audience and room. Three
    queries; None where nobody leads it."""
    led = SessionTeacher.objects.filter(session=session).present()
    teachers = list(led.order_by("part", "pk").values_list("teacher", flat=True))
    if not teachers:
        return None
    rows = SessionAudience.objects.filter(session=session).order_by("pk").values_list("division", "group")
    division, group = next(iter(sorted(rows, key=lambda one: one[1] is None)), (None, None))
    room = RoomUse.objects.filter(session=session).order_by("pk").values_list("room", flat=True).first()
    return {"teacher_id": person if person in teachers else teachers[0], "division_id": division, "group_id": group,
            "room_id": room}  # fmt: skip


def plan_of(session: Session, person: UUID | None) -> SeatingPlan | None:
    """The plan of a session, with its seats. One query, and one for the seats."""
    led = SessionTeacher.objects.filter(session=session).present()
    rows = SessionAudience.objects.filter(session=session)
    rooms = RoomUse.objects.filter(session=session).values("room")
    kept = SeatingPlan.objects.filter(teacher__in=led.values("teacher")).prefetch_related("seats")
    of_it = kept.filter(division__in=rows.values("division")) | kept.filter(group__in=rows.values("group"))
    found = list((of_it.filter(room__in=rooms) | of_it.filter(room=None)).distinct())
    found.sort(key=lambda one: (one.teacher_id != person, one.group_id is None, one.room_id is None))
    return found[0] if found else None


@dataclass(frozen=True)
class Grid:
    """Rows from the board backwards, each seat with what sits there or None; and who has no seat."""

    columns: int
    rows: tuple[tuple, ...]
    unseated: tuple

    @property
    def cells(self) -> list:
        """Every seat, row after row, from the board backwards."""
        return [cell for row in self.rows for cell in row]


def grid(items: Iterable, places: Mapping[UUID, Place], rows: int, columns: int, pupil_of=lambda one: one) -> Grid:
    """Items (pupils, or lines of a register) at their places."""
    there: dict[Place, object] = {}
    unseated = []
    for one in items:
        place = places.get(pupil_of(one).pk)
        if place and place[0] <= rows and place[1] <= columns and place not in there:
            there[place] = one
        else:
            unseated.append(one)
    drawn = tuple(tuple(there.get((row, column)) for column in range(1, columns + 1)) for row in range(1, rows + 1))
    return Grid(columns, drawn, tuple(unseated))


def places_of(plan: SeatingPlan) -> dict[UUID, Place]:
    """{pupil: (row, column)}."""
    return {one.pupil_id: (one.row, one.column) for one in plan.seats.all()}


def by_name(pupils: Iterable[Person], columns: int) -> dict[UUID, Place]:
    """Everyone in the order of names, from the first row: where a new plan begins."""
    return {one.pk: (at // columns + 1, at % columns + 1) for at, one in enumerate(pupils)}


@transaction.atomic
def seat(key: Mapping[str, UUID | None], rows: int, columns: int, places: Mapping[UUID, Place]) -> SeatingPlan:
    """Keep a plan: the seats given replace those there were."""
    plan, _ = SeatingPlan.objects.select_for_update().update_or_create(
        **key, defaults={"rows": rows, "columns": columns}
    )
    plan.seats.all().delete()
    Seat.objects.bulk_create(
        Seat(plan=plan, pupil_id=pupil, row=row, column=column) for pupil, (row, column) in places.items()
    )
    return plan
