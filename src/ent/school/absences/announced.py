"""What families announced, told to whoever takes a register."""

from django.utils import timezone

from ent.kernel.text import hour
from ent.school.absences.models import AbsenceNotice
from ent.school.attendance.models import AttendanceState
from ent.school.timetable.models import Session


def announced(session: Session, pupils) -> dict:
    """{pupil id: (state, words)} of those whose family said they would be away. The reason is not told."""
    notices = AbsenceNotice.objects.filter(
        pupil__in=pupils, starts_at__lt=session.ends_at, ends_at__gt=session.starts_at,
        kind=AbsenceNotice.Kind.ANNOUNCES,
    ).exclude(state__in=(AbsenceNotice.State.REFUSED, AbsenceNotice.State.WITHDRAWN))  # fmt: skip
    found = {}
    for notice in notices.only("pupil", "ends_at"):
        until = timezone.localtime(notice.ends_at)
        same = until.date() == session.day
        words = f"Absence annoncée par la famille, {'jusqu’à ' + hour(until) if same else f'jusqu’au {until:%d/%m}'}"
        found[notice.pupil_id] = (AttendanceState.ABSENT, words)
    return found
