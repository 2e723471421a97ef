"""What people do with notes: write, send, answer, enter papers, remind, withdraw."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from ent.kernel import documents
from ent.kernel.audit.models import record
from ent.kernel.live import announce
from ent.school.lessons.text import cleaned, plain
from ent.school.notes.addressing import addressed
from ent.school.notes.models import Note, NoteAnswer, NoteAudience, NoteFile, NoteRecipient, is_asked
from ent.school.notifications.actions import tell
from ent.school.notifications.models import Kind

VERBS = {Note.Kind.READ: "À lire", Note.Kind.SIGN: "À signer", Note.Kind.PERMISSION: "Autorisation à donner"}


class NotAsked(Exception):
    """This person is not asked for this pupil, or not any more."""


class TooLate(Exception):
    """The day is past: an answer already given stands."""


# --- writing -----------------------------------------------------------------------------------------------------
@transaction.atomic
def save_draft(
    draft: Note, *, content: str, audiences: Iterable[dict], files: Iterable[UploadedFile] = (),
    removed: Iterable[NoteFile] = (), **values,
) -> Note:  # fmt: skip
    """Keep a draft as it is now; nothing is sent. `audiences`: {"division": …}, {"group": …} or {"pupil": …} each."""
    draft.content = cleaned(content)
    for name, value in values.items():
        setattr(draft, name, value)
    draft.save()
    draft.audiences.all().delete()
    NoteAudience.objects.bulk_create(NoteAudience(note=draft, **one) for one in audiences)
    for file in removed:
        _erase(file)
    # A page come back to brings the same documents again.
    there = {(one.name, one.size): one for one in draft.files.all()}
    for upload in files:
        if same := there.pop((documents.shown_name(upload), upload.size or 0), None):
            _erase(same)
        _attach(draft, upload)
    return draft


@transaction.atomic
def delete_draft(draft: Note) -> None:
    """A draft that nobody received leaves nothing behind."""
    for file in draft.files.all():
        _erase(file)
    draft.delete()


def _erase(file: NoteFile) -> None:
    kept, name = file.file.storage, file.file.name
    file.delete()
    transaction.on_commit(lambda: kept.delete(name))


@transaction.atomic
def send(draft: Note, *, account_id: UUID | None) -> int:
    """Write down who answers, and tell them; how many pupils it is for. Sending twice sends once."""
    note = Note.objects.select_for_update().get(pk=draft.pk)
    if note.sent_at:
        return note.recipients.values("pupil").distinct().count()
    found = addressed(note)
    if not found.pupils:
        return 0
    NoteRecipient.objects.bulk_create(
        NoteRecipient(note=note, pupil_id=pupil, person_id=person)
        for pupil, person in sorted(found.pairs, key=str)
    )  # fmt: skip
    note.sent_at = timezone.now()
    note.save(update_fields=["sent_at"])
    _tell(note, found.pairs)
    record("notes.send", account_id=account_id, object_id=note.pk, pupils=len(found.pupils))
    return len(found.pupils)


def _tell(note: Note, pairs: Iterable[tuple[UUID, UUID | None]], before: str = "") -> None:
    """Tell who answers, each once, of (pupil, person) pairs."""
    about = _about(pairs)
    title = f"{before}{VERBS[Note.Kind(note.kind)]} avant le {date_format(note.due_on, 'j F')} : {note.title}"
    tell(about, Kind.NOTE, title, text=plain(note.content)[:400], path=reverse("notes:note", args=[note.pk]),
         about=about)  # fmt: skip


def _about(pairs: Iterable[tuple[UUID, UUID | None]]) -> dict[UUID, set[UUID]]:
    """{person: the pupils they answer for}."""
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for pupil, person in pairs:
        if person:
            found[person].add(pupil)
    return found


@transaction.atomic
def withdraw(note: Note, *, account_id: UUID | None) -> None:
    """Nobody has to answer any more; those who were asked are told; answers stay."""
    note = Note.objects.select_for_update().get(pk=note.pk)
    if note.withdrawn_at:
        return
    note.withdrawn_at = timezone.now()
    note.save(update_fields=["withdrawn_at"])
    title = f"Retiré, rien à faire : {note.title}"
    about = _about(_still_asked(note.recipients.all()))
    tell(about, Kind.NOTE, title, path=reverse("notes:note", args=[note.pk]), about=about)
    record("notes.withdraw", account_id=account_id, object_id=note.pk)
    announce(f"note.{note.pk}")


def _still_asked(rows: QuerySet[NoteRecipient]) -> set[tuple[UUID, UUID]]:
    """Of these lines, (pupil, person) who may still answer: whoever lost authority since is told nothing more."""
    return set(rows.filter(is_asked()).exclude(person=None).values_list("pupil", "person"))


# --- answering ---------------------------------------------------------------------------------------------------
@transaction.atomic
def answer(note: Note, pupil: UUID, person: UUID, value: str) -> NoteRecipient:
    """A guardian (or a pupil of age) answers, or changes their mind until the day it is due."""
    mine = _locked(note).filter(pupil=pupil, person=person).first()
    if mine is None or note.withdrawn_at:
        raise NotAsked
    if mine.answer == value:
        return mine
    if mine.answer and note.is_over:
        raise TooLate
    return _write(mine, note, value, timezone.localdate())


@transaction.atomic
def enter_papers(note: Note, rows: Iterable[tuple[UUID, str, str]], on: date, by: UUID) -> int:
    """Write down papers brought back: (recipient, answer, name on the paper); how many."""
    if note.withdrawn_at:
        raise NotAsked
    given = list(rows)
    found = {one.pk: one for one in _locked(note).filter(pk__in=[key for key, _, _ in given])}
    for key, value, name in given:
        _write(found[key], note, value, on, on_paper=True, signer=name, entered_by_id=by)
    return len(given)


def _locked(note: Note):
    return NoteRecipient.objects.select_for_update().filter(note=note)


def _write(mine: NoteRecipient, note: Note, value: str, on: date, **paper) -> NoteRecipient:
    is_late = on > note.due_on
    NoteAnswer.objects.create(recipient=mine, answer=value, answered_on=on, is_late=is_late, **paper)
    mine.answer, mine.answered_on, mine.is_late = value, on, is_late
    mine.on_paper, mine.signer = paper.get("on_paper", False), paper.get("signer", "")
    mine.save(update_fields=["answer", "answered_on", "is_late", "on_paper", "signer"])
    announce(f"note.{note.pk}")
    return mine


# --- following ---------------------------------------------------------------------------------------------------
@transaction.atomic
def remind(note: Note) -> int | None:
    """Tell again those who have not answered; how many. None: they were reminded today already."""
    note = Note.objects.select_for_update().get(pk=note.pk)
    today = timezone.localdate()
    if note.reminded_on == today:
        return None
    pairs = _still_asked(note.recipients.waiting())
    if pairs:
        _tell(note, pairs, "Rappel. ")
        note.reminded_on = today
        note.save(update_fields=["reminded_on"])
    return len({person for _, person in pairs})


def remind_of_tomorrow() -> None:
    """The evening before: once, unless families were reminded that day by hand."""
    tomorrow = timezone.localdate() + timedelta(days=1)
    for note in Note.objects.filter(due_on=tomorrow, sent_at__isnull=False, withdrawn_at=None):
        remind(note)


def send_to_newcomers() -> None:
    """Pupils who came to a class since, and guardians known since, are asked too while there is time."""
    today = timezone.localdate()
    for note in Note.objects.filter(due_on__gte=today, sent_at__isnull=False, withdrawn_at=None):
        _send_to_newcomers(note)


@transaction.atomic
def _send_to_newcomers(note: Note) -> None:
    Note.objects.select_for_update().get(pk=note.pk)
    known = set(note.recipients.values_list("pupil", "person"))
    found = addressed(note)
    new = {pair for pair in found.pairs - known if pair[1] or pair[0] not in {pupil for pupil, _ in known}}
    if not new:
        return
    # Somebody answers now for a pupil who had nobody.
    note.recipients.filter(person=None, answer="", pupil__in={pupil for pupil, person in new if person}).delete()
    NoteRecipient.objects.bulk_create(
        NoteRecipient(note=note, pupil_id=pupil, person_id=person) for pupil, person in sorted(new, key=str)
    )
    _tell(note, new)
    announce(f"note.{note.pk}")


def _attach(note: Note, file: UploadedFile) -> NoteFile:
    """Keep a checked file."""
    made = NoteFile(note=note, name=documents.shown_name(file), size=file.size or 0)
    documents.keep(made.file, made.pk, file)
    made.save()
    return made
