"""Which missing registers were already asked for today: what a second click escalates."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from ent.school.notifications.models import Kind, Notification
from ent.school.timetable.models import Session, SessionTeacher


def register_path(session: UUID) -> str:
    """Where a register is taken."""
    return f"/sessions/{session}/register/"


def reminders(sessions: Iterable[Session]) -> dict[UUID, datetime]:
    """{session: when its teachers were last reminded today}. One query."""
    paths = {register_path(one.pk): one.pk for one in sessions}
    leaders = SessionTeacher.objects.filter(session__in=list(paths.values())).values("teacher")
    told = Notification.objects.filter(
        person__in=leaders, kind=Kind.WORK, path__in=list(paths), created_at__date=timezone.localdate()
    )
    return {paths[path]: at for path, at in told.order_by("created_at").values_list("path", "created_at")}
