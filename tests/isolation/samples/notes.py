"""A note of the sample's teacher to the sample class, sent (the pupil is asked too) with a document; and a draft."""

from datetime import timedelta
from typing import TYPE_CHECKING

from django.core.files.base import ContentFile
from django.utils import timezone

from ent.school.notes.models import Note, NoteFile, NoteRecipient

if TYPE_CHECKING:
    from tests.isolation.cast import Sample


def add(objects: "Sample") -> None:
    """`pupil`, `note`, `draft`, `note_file`."""
    objects.day.setdefault("pupil", objects.pupil)
    due = timezone.localdate() + timedelta(days=5)
    written = {"title": "Sortie", "content": "<p>Au musée.</p>", "due_on": due, "author": objects.leader}
    note = Note.objects.create(**written, sent_at=timezone.now())
    draft = Note.objects.create(**written)
    # The draft is for nobody yet: it cannot be sent away from under the next address that is tried.
    note.audiences.create(division=objects.division)
    for person in (objects.guardian, objects.pupil):
        NoteRecipient.objects.create(note=note, pupil=objects.pupil, person=person)
    objects.day["note"], objects.day["draft"] = note, draft
    objects.day["note_file"] = NoteFile.objects.create(
        note=note, name="programme.txt", size=9, file=ContentFile(b"Programme", "programme.txt")
    )
