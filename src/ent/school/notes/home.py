"""On the home page: what a parent has to sign; what a member of staff still waits for."""

from datetime import date, timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from ent.kernel.home import block, pupil_block
from ent.kernel.prepared import prepared
from ent.school.notes import queries
from ent.school.notes.models import NoteRecipient

SOON = timedelta(days=3)
# What was due longer ago is in the list only.
PAST = timedelta(days=30)


@prepared
def _waiting(person: UUID, pupils: list[UUID], since: date) -> QuerySet[NoteRecipient]:
    waiting = NoteRecipient.objects.waiting().filter(person=person, pupil__in=pupils, note__due_on__gte=since)
    return waiting.select_related("note").order_by("note__due_on", "note")


@pupil_block("notes.view_own", order=18, template="notes/_home_pupil.html", url_name="notes:own")
def to_answer(request: HttpRequest, pupils):
    """{pupil: the notes that wait for this person}, those due first. One query."""
    found: dict = {}
    for one in _waiting(request.acting.person_id, pupils, timezone.localdate() - PAST):
        found.setdefault(one.pupil_id, []).append(one.note)
    return found


@block("notes.write", order=24, template="notes/_home_staff.html", url_name="notes:sent")
def near_due(request: HttpRequest):
    """One's own notes that are due soon, or just were, with the families still to answer. One query."""
    today = timezone.localdate()
    return queries.unanswered_of(request.acting.person_id, today - SOON, today + SOON)
