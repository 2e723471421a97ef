"""What the school knows of a pupil's presence before the roll is taken: exemptions, outings, passages. One query."""

from uuid import UUID

from django.db.models import CharField, F, Q, Value
from django.utils import timezone

from ent.school.attendance.known import Known, provider
from ent.school.attendance.models import AttendanceState, Exemption, OutingPupil, Passage
from ent.school.timetable.models import Session

State = AttendanceState


@provider
def expected(session: Session, pupils: list[UUID]) -> Known:
    """Exempt from the subject, on an outing, or at this moment in the infirmary or an office."""
    exempt = Exemption.objects.filter(
        Q(subject=None) | Q(subject=session.subject_id), Q(weekday=None) | Q(weekday=session.day.isoweekday()),
        pupil__in=pupils, closed_at=None, starts_on__lte=session.day, ends_on__gte=session.day,
    )  # fmt: skip
    out = OutingPupil.objects.filter(
        pupil__in=pupils, stays=False, outing__closed_at=None, outing__starts_at__lt=session.ends_at,
        outing__ends_at__gt=session.starts_at,
    )  # fmt: skip
    passing = Passage.objects.filter(
        pupil__in=pupils, received_at__isnull=False, left_at=None, received_at__date=timezone.localdate()
    )
    rows = _rows(exempt, "exempt", F("must_attend")).union(
        _rows(out, "outing", Value(True), F("outing__title")),
        _rows(passing, "passage", Value(True), F("place")),
        all=True,
    )
    found: Known = {}
    for pupil, kind, attends, words in rows:
        if kind == "exempt":
            found.setdefault(pupil, (State.EXEMPT, "Dispensé" + ("" if attends else ", n'assiste pas au cours")))
        elif kind == "outing":
            found[pupil] = (State.ELSEWHERE, words)
        else:
            found[pupil] = (State.ELSEWHERE, str(Passage.Place(words).label))
    return found


def _rows(rows, kind: str, attends, words=None):
    plain = words if words is not None else Value("")
    return rows.order_by().values_list(
        "pupil", Value(kind, output_field=CharField()), attends, plain
    )  # fmt: skip
