"""Reads of sessions, shaped for a day or a week on a page. One query each, whatever the number of sessions."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Concat, JSONObject, Trim

from ent.kernel.prepared import prepared
from ent.school.structure.models import Enrolment, GroupEnrolment
from ent.school.timetable.access import enrolled_on
from ent.school.timetable.models import RoomUse, Session, SessionAudience, SessionChange, SessionTeacher

Part = SessionTeacher.Part


def headed(sessions: QuerySet[Session]) -> QuerySet[Session]:
    """The same sessions, each with its subject and whom it is for: `division_codes`, `group_codes`."""
    heard = SessionAudience.objects.filter(session=OuterRef("pk")).order_by("division__code", "group__code")
    codes = JSONObject(division="division__code", group="group__code")
    shown = ArraySubquery(heard.values(codes=codes))
    return sessions.select_related("subject").annotate(heard=shown)  # type: ignore[no-redef]


def detailed(sessions: QuerySet[Session]) -> QuerySet[Session]:
    """The same sessions, each also with its `room_names`, `teacher_names`, `absent_names` and `last_change`
    ({kind, before, after, reason}, or None).

    One subquery a table, whatever is read of it: compiling them is most of what a home page costs.
    """
    mine = OuterRef("pk")
    formal = Trim(Concat("teacher__title", Value(" "), "teacher__last_name"))
    led = SessionTeacher.objects.filter(session=mine).order_by("teacher__sort_key")
    change = SessionChange.objects.filter(session=mine, undone_at=None).order_by("-at")
    return headed(
        sessions
    ).annotate(  # type: ignore[no-redef]
        led=ArraySubquery(led.values(shown=JSONObject(name=formal, part="part"))),
        room_names=ArraySubquery(RoomUse.objects.filter(session=mine).order_by("room__name").values("room__name")),
        last_change=Subquery(
            change.values(data=JSONObject(kind="kind", before="before", after="after", reason="reason"))[:1]
        ),
    )


@prepared
def sessions_of_teacher(teacher: UUID, first: date, last: date) -> QuerySet[Session]:
    """The sessions a teacher leads or stands in for, between two days; not those of which they are absent."""
    led = SessionTeacher.objects.filter(teacher=teacher, day__range=(first, last)).present()
    return detailed(Session.objects.filter(pk__in=led.values("session"))).order_by("starts_at", "pk")


@prepared
def session_pupils(pupils: Collection[UUID], first: date, last: date) -> QuerySet[Any, tuple[UUID, UUID, date]]:
    """(session, pupil, day) of these pupils between two days, each day as they were enrolled then. One query."""
    days = {"day__range": (first, last)}
    held = {"pupil__in": pupils}
    divisions = SessionAudience.objects.filter(
        enrolled_on(F("day"), "division__enrolments__"),
        **days, **{f"division__enrolments__{key}": value for key, value in held.items()},
    ).values_list("session", "division__enrolments__pupil", "day")  # fmt: skip
    groups = SessionAudience.objects.filter(
        enrolled_on(F("day"), "group__enrolments__"),
        **days, **{f"group__enrolments__{key}": value for key, value in held.items()},
    ).values_list("session", "group__enrolments__pupil", "day")  # fmt: skip
    return divisions.union(groups)


@prepared
def _detailed(sessions: set[UUID]) -> QuerySet[Session]:
    return detailed(Session.objects.filter(pk__in=sessions))


def sessions_of_pupils(pupils: Iterable[UUID], first: date, last: date) -> dict[UUID, list[Session]]:
    """{pupil: their sessions, in order of time} between two days. Two queries."""
    wanted = list(pupils)
    return _gathered(wanted, session_pupils(wanted, first, last))


def sessions_ahead(pupils: Iterable[UUID], today: date, last: date) -> dict[UUID, list[Session]]:
    """{pupil: their sessions of today and of their next day with any}, until a last day. Two queries."""
    wanted = list(pupils)
    pairs = session_pupils(wanted, today, last)
    following: dict[UUID, date] = {}
    for _, pupil, day in pairs:
        if day > today:
            following[pupil] = min(day, following.get(pupil, day))
    return _gathered(wanted, [row for row in pairs if row[2] in (today, following.get(row[1]))])


def _gathered(pupils: list[UUID], pairs: list[tuple[UUID, UUID, date]]) -> dict[UUID, list[Session]]:
    sessions = {one.pk: one for one in _detailed({session for session, *_ in pairs})}
    found: dict[UUID, list[Session]] = {pupil: [] for pupil in pupils}
    for session, pupil, _ in pairs:
        if session in sessions:
            found[pupil].append(sessions[session])
    for mine in found.values():
        mine.sort(key=lambda one: (one.starts_at, one.pk))
    return found


def by_day(sessions: Iterable[Session]) -> dict[date, list[Session]]:
    """The same sessions, day by day."""
    days: dict[date, list[Session]] = defaultdict(list)
    for one in sessions:
        days[one.day].append(one)
    return dict(days)


def shared_pupils(divisions: Iterable[UUID], groups: Iterable[UUID]) -> tuple[dict[UUID, int], dict[UUID, int]]:
    """({class: how many}, {group: how many}) of the pupils that these classes and groups have in common with each.

    Themselves are among them, even empty. Two queries.
    """
    divisions, groups = list(divisions), list(groups)
    counts: list[dict[UUID, int]] = [dict.fromkeys(divisions, 0), dict.fromkeys(groups, 0)]
    if not divisions and not groups:
        return counts[0], counts[1]
    enrolled = Enrolment.objects.filter(division__in=divisions, closed_at=None).values("pupil")
    grouped = GroupEnrolment.objects.filter(group__in=groups, closed_at=None).values("pupil")
    for found, model, column in ((counts[0], Enrolment, "division"), (counts[1], GroupEnrolment, "group")):
        rows = model.objects.filter(Q(pupil__in=enrolled) | Q(pupil__in=grouped), closed_at=None)
        found |= dict(rows.values_list(column).annotate(Count("pupil", distinct=True)))
    return counts[0], counts[1]
