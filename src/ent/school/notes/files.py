"""Documents joined to notes, in the same storage as those of lessons."""

from pathlib import PurePath

from django.core.files.uploadedfile import UploadedFile
from django.db.models import Sum

from ent.school.lessons.files import GB
from ent.school.notes.models import Note, NoteFile


def room_left(quota_gb: int) -> float:
    """What notes leave of the school's storage, in gigabytes."""
    return quota_gb - (NoteFile.objects.aggregate(total=Sum("size"))["total"] or 0) / GB


def attach(note: Note, file: UploadedFile) -> NoteFile:
    """Keep a checked file."""
    name = PurePath(file.name or "document").name[-160:]
    made = NoteFile(note=note, name=name, size=file.size or 0)
    made.file.save(f"{made.pk}{PurePath(name).suffix.lower()}", file, save=False)
    made.save()
    return made
