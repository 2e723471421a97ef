"""Sessions that people filled and whose lesson left the timetable: what hangs on them moves to another session."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import models, transaction

from ent.kernel.refused import Refused
from ent.school.timetable.models import Session, SessionAudience, SessionTeacher

NEAR = timedelta(days=21)
PROPOSED = 6
# What moves with the lesson; a register is a fact of its own day, and stays.
MOVING = ("lessons",)


@dataclass(frozen=True)
class Orphan:
    """An orphan and where it could go, the nearest first."""

    session: Session
    audiences: tuple[str, ...]
    teachers: tuple[str, ...]
    targets: tuple[Session, ...]


def proposals() -> list[Orphan]:
    """Each orphan with the sessions of the same subject for the same class or group, near its date. Five queries."""
    left = list(Session.objects.filter(is_orphan=True).select_related("subject").order_by("starts_at")[:200])
    rows = SessionAudience.objects.filter(session__in=left).select_related("division", "group")
    heard: dict = {}
    for row in rows:
        heard.setdefault(row.session_id, []).append(row.division or row.group)
    led: dict = {}
    for leader in SessionTeacher.objects.filter(session__in=left).select_related("teacher"):
        led.setdefault(leader.session_id, []).append(leader.teacher.display_name)
    if not left:
        return []
    same = models.Q(subject__in={one.subject_id for one in left if one.subject_id}) | models.Q(
        subject=None, label__in={one.label for one in left if not one.subject_id}
    )
    near = Session.objects.filter(
        same, is_orphan=False, state=Session.State.PLANNED, day__range=(left[0].day - NEAR, left[-1].day + NEAR)
    ).select_related("subject")
    by_audience: dict = {}
    for row in SessionAudience.objects.filter(session__in=near).select_related("session__subject"):
        by_audience.setdefault((row.division_id or row.group_id, _what(row.session)), []).append(row.session)
    found = []
    for one in left:
        audiences = heard.get(one.pk, [])
        targets = {t.pk: t for audience in audiences for t in by_audience.get((audience.pk, _what(one)), ())
                   if abs(t.day - one.day) <= NEAR}  # fmt: skip
        nearest = sorted(targets.values(), key=lambda t: abs(t.starts_at - one.starts_at))[:PROPOSED]
        found.append(Orphan(one, tuple(map(str, audiences)), tuple(led.get(one.pk, ())), tuple(nearest)))
    return found


def _what(session: Session) -> UUID | str:
    """What is taught there: a subject, or a title that stands for one."""
    return session.subject_id or session.label


def keep(orphan: Session) -> None:
    """Leave an orphan where it is, on its own: no timetable will claim it again."""
    Session.objects.filter(pk=orphan.pk).update(is_orphan=False, lesson=None, planned_on=None)


@transaction.atomic
def move(orphan: Session, target: Session) -> None:
    """Move log and homework; `Refused` where the target has its own. An orphan with nothing left is removed."""
    stays = False
    for relation in Session._meta.related_objects:
        model: type[models.Model] = relation.related_model
        if relation.on_delete is not models.PROTECT and model._meta.app_label not in MOVING:
            continue
        mine = model._default_manager.filter(**{relation.field.name: orphan})
        if model._meta.app_label not in MOVING:
            stays = stays or mine.exists()
            continue
        if relation.one_to_one and mine.exists() and model._default_manager.filter(
            **{relation.field.name: target}
        ).exists():  # fmt: skip
            raise Refused("La séance choisie a déjà un contenu : choisissez-en une autre.")
        mine.update(**{relation.field.name: target})
    Session.objects.filter(pk=target.pk).update(is_kept=True)
    if stays:
        keep(orphan)
    else:
        orphan.delete()
