"""What registers said of a case's hours and what was decided, in order: families read roles, never names or notes."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from ent.school.absences.models import AbsenceCase, CaseEvent
from ent.school.attendance.models import AttendanceEvent
from ent.school.people.models import Person, Profile, StaffFunction

SCHOOL = "L'établissement"


@dataclass(frozen=True)
class Line:
    """A line of a history: when, who, what changed."""

    at: datetime
    who: str
    words: str
    note: str = ""


def trail(case: AbsenceCase, *, family: bool, health: bool = True) -> list[Line]:
    """The history of a case. Three queries."""
    said = AttendanceEvent.objects.filter(
        pupil=case.pupil_id, session__starts_at__lt=case.ends_at, session__ends_at__gt=case.starts_at
    ).select_related("by", "session__subject")
    decided = case.events.select_related("by")
    events, acts = list(said), list(decided)
    roles = _roles({one.by_id for one in [*events, *acts] if one.by_id})

    def who(person: Person | None) -> str:
        if person is None:
            return SCHOOL
        role = roles.get(person.pk) or ("La famille" if person.profile == Profile.RELATIVE else SCHOOL)
        return role if family else f"{person.formal_name} ({role})"

    lines = [
        Line(one.at, who(one.by), f"{one.session.title} : {one.get_state_display().lower()}"
             + (f" ({one.minutes} min)" if one.minutes else ""), "" if family else one.reason)
        for one in events
    ]  # fmt: skip
    # A reason, or why it was refused, may tell of health.
    hides = {CaseEvent.Act.REASON} if family else set()
    lines += [
        Line(one.at, who(one.by), one.get_act_display(), one.words if health and one.act not in hides else "")
        for one in acts
    ]
    return sorted(lines, key=lambda line: line.at)


def _roles(people: set[UUID]) -> dict[UUID, str]:
    held = StaffFunction.objects.filter(person__in=people, closed_at=None).order_by("since")
    return {one.person_id: str(one.get_function_display()) for one in held}
