"""What families attach: photographs and PDF, looked into before they are kept, served as what they are."""

from pathlib import PurePath

import puremagic
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, Http404, HttpResponse
from django.utils.text import get_valid_filename

from ent.school.absences.models import AbsenceNotice

LARGEST = 25 * 1024 * 1024
# Extension → what the content may be taken for, and what it is served as.
KINDS = {
    ".pdf": ({".pdf"}, "application/pdf"),
    ".jpg": ({".jpg", ".jpeg", ".jfif", ".jpe"}, "image/jpeg"),
    ".jpeg": ({".jpg", ".jpeg", ".jfif", ".jpe"}, "image/jpeg"),
    ".png": ({".png"}, "image/png"),
    ".webp": ({".webp"}, "image/webp"),
}
ACCEPT = ",".join(sorted(KINDS))
TOO_LARGE = "Ce document dépasse 25 Mo. Photographiez-le avec une qualité moindre, ou apportez-le à l’établissement."
WRONG_KIND = "Envoyez une photo (JPEG, PNG ou WebP) ou un PDF."
NOT_WHAT_IT_SAYS = "Ce fichier n’est pas ce que son nom annonce. Photographiez le document, puis recommencez."


def problem(file: UploadedFile) -> str:
    """Why a document cannot be kept, in words for whoever sent it; empty when it can."""
    if (file.size or 0) > LARGEST:
        return TOO_LARGE
    suffix = PurePath(file.name or "").suffix.lower()
    if suffix not in KINDS:
        return WRONG_KIND
    file.seek(0)
    head = file.read(4096)
    file.seek(0)
    try:
        found = {one.extension for one in puremagic.magic_string(head)}
    except (puremagic.PureError, ValueError):
        found = set()
    return "" if found & KINDS[suffix][0] else NOT_WHAT_IT_SAYS


def kept_name(file: UploadedFile) -> str:
    """The name shown, without what a path could hide in it."""
    name = PurePath(file.name or "document").name
    return get_valid_filename(name)[-150:]


def serve(notice: AbsenceNotice) -> HttpResponse:
    """The document, shown by the browser that runs nothing of it."""
    if not notice.document or not notice.document.storage.exists(notice.document.name):
        raise Http404
    kind = KINDS.get(PurePath(notice.document.name).suffix.lower(), (set(), "application/octet-stream"))[1]
    answer = FileResponse(notice.document.open("rb"), content_type=kind, filename=notice.document_name or "document")
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer  # type: ignore[return-value]


def document_bytes() -> int:
    """What the documents of the school take on disk."""
    kept = [one.document for one in AbsenceNotice.objects.exclude(document="").only("document").iterator()]
    return sum(file.size for file in kept if file.storage.exists(file.name))
