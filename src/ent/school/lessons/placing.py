"""A whole plan laid on a class's sessions, and taken back at once."""

from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from ent.school.lessons.models import Attachment, Homework, LessonEntry, Placing, TeachingPlan
from ent.school.lessons.plans import Inserted, insert, laid
from ent.school.timetable.models import Session
from ent.school.timetable.queries import detailed


@transaction.atomic
def lay(plan: TeachingPlan, start: Session, first: int, by: UUID) -> Placing:
    """Write a plan's steps into a class's free sessions, as many as find a place."""
    list(Session.objects.select_for_update().filter(pk=start.pk))
    made = [(session, insert(step, session, by)) for step, session in laid(plan, start, first) if session]
    return Placing.objects.create(plan=plan, start=start, by_id=by, places=[_place(*one) for one in made])


def _place(session: Session, made: Inserted) -> dict[str, object]:
    return {
        "session": str(session.pk), "entry": str(made.entry.pk), "version": made.entry.version, "before": made.before,
        "works": [[str(one.pk), one.content] for one in made.works], "files": [str(one.pk) for one in made.files],
    }  # fmt: skip


def placings_of(plan: TeachingPlan, by: UUID) -> list[Placing]:
    """Where one laid a plan, the latest first, each `start` with its classes. Two queries."""
    found = list(Placing.objects.filter(plan=plan, by=by, undone_at=None)[:10])
    starts: QuerySet[Session] = detailed(Session.objects.filter(pk__in=[one.start_id for one in found]))
    known = {one.pk: one for one in starts} if found else {}
    for one in found:
        one.start, one.size = known[one.start_id], len(one.places)
    return found


@transaction.atomic
def take_back(placing: Placing) -> tuple[int, int]:
    """Each session is as it was before; (how many, how many left alone because someone changed them since)."""
    placing = Placing.objects.select_for_update().get(pk=placing.pk)
    if placing.undone_at:
        return 0, 0
    taken = sum(_taken_back(place) for place in placing.places)
    placing.undone_at = timezone.now()
    placing.save(update_fields=["undone_at"])
    return taken, len(placing.places) - taken


def _taken_back(place: dict) -> bool:
    entry = LessonEntry.objects.select_for_update().filter(pk=place["entry"]).first()
    if entry is None or entry.version != place["version"]:
        return False
    for pk, content in place["works"]:
        # Work that was changed, or that a pupil handed in, stays.
        for work in Homework.objects.filter(pk=pk, content=content, submissions=None):
            work.delete()
    for file in Attachment.objects.filter(pk__in=place["files"]):
        file.delete()
    if place["before"] is None and not entry.private_note and not entry.attachments.exists():
        entry.delete()
    else:
        entry.content, entry.version, entry.saved_at = place["before"] or "", entry.version + 1, timezone.now()
        entry.save(update_fields=["content", "version", "saved_at"])
    return True
