"""One quota for all that is sent: lessons, notes, absences; right again after a deletion."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from ent.kernel.measure import counted_now
from ent.school.absences import reasons
from ent.school.absences.models import AbsenceNotice
from ent.school.lessons import actions
from ent.school.lessons.models import Attachment
from ent.school.notes.models import NoteFile
from tests import factories
from tests.school.notes_factories import draft

pytestmark = pytest.mark.django_db
FULL = "espace de stockage de l&#x27;établissement est plein"


def picture(size: int = 400) -> SimpleUploadedFile:
    return SimpleUploadedFile("photo.png", factories.image("PNG", (size, size)), "image/png")


def used() -> int:
    return counted_now("storage_bytes", timezone.localdate())


@pytest.fixture
def room(monkeypatch):
    """So many bytes are left for each « Go » of the school's quota (50)."""
    return lambda size: monkeypatch.setattr("ent.school.people.storage.GB", (used() + size) / 50)


@pytest.fixture
def cast(school):
    """A teacher, their session, a pupil and a parent."""
    division = factories.division()
    teacher, pupil = factories.staff(teaches=division), factories.pupil(division=division)
    return teacher, factories.session(teacher, division), pupil, factories.guardian(of=pupil)


def announced(pupil, document):
    reason = next(one for one in reasons.for_parents())
    return f"/absences/announce/{pupil.pk}/", {"when": "today", "reason": str(reason.pk), "document": document}


def test_lessons_notes_and_absences_fill_one_quota(cast, room, sign_in):
    teacher, session, pupil, parent = cast
    size = picture().size
    room(2.5 * size)
    client = sign_in(teacher)
    assert client.post(f"/sessions/{session.pk}/log/documents/", {"files": picture()}).status_code == 302
    note = draft(teacher, factories.division())
    values = {"title": "Sortie", "content": "Au musée", "kind": "sign", "asks": "one",
              "divisions": factories.division().pk, "due_on": timezone.localdate() + timedelta(days=2)}  # fmt: skip
    assert client.post(f"/notes/drafts/{note.pk}/edit/", values | {"files": picture()}).status_code == 302
    path, words = announced(pupil, picture())
    refused = sign_in(parent).post(path, words)
    assert FULL in refused.text.replace("'", "&#x27;")
    assert not AbsenceNotice.objects.exists()
    NoteFile.objects.get().delete()
    assert FULL not in sign_in(parent).post(path, announced(pupil, picture())[1]).text.replace("'", "&#x27;")
    assert AbsenceNotice.objects.get().document


def test_several_documents_at_once_are_added_up(cast, room, sign_in):
    teacher, session, *_ = cast
    room(1.5 * picture().size)
    answer = sign_in(teacher).post(f"/sessions/{session.pk}/log/documents/", {"files": [picture(), picture()]})
    assert answer.status_code == 400
    assert FULL in answer.text
    assert not Attachment.objects.exists()


def test_a_copied_document_counts_once_and_its_file_goes_with_the_last(
    cast, sign_in, django_capture_on_commit_callbacks
):
    teacher, session, *_ = cast
    before = used()
    actions.join(session, teacher.pk, [picture()])
    actions.write(session, teacher.pk, content="Cours", private_note="", based_on=0)
    other = factories.session(teacher, factories.division("5B"))
    actions.copy(session, other, teacher.pk)
    first, second = Attachment.objects.order_by("added_at")
    assert first.file.name == second.file.name
    assert used() - before == first.size
    client, kept = sign_in(teacher), first.file.storage
    for one, stays in ((first, True), (second, False)):
        with django_capture_on_commit_callbacks(execute=True):
            client.post(f"/attachments/{one.pk}/remove/", {"confirmed": "1"})
        assert kept.exists(one.file.name) == stays
        assert used() - before == (first.size if stays else 0)
