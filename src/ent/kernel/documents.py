"""Documents people send: bounded, looked into before they are kept, served as what they are and run by nobody."""

from collections.abc import Callable, Set
from pathlib import PurePath
from typing import cast

import puremagic
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header

MB, GB = 1024**2, 1024**3
LARGEST = 25 * MB
# Of a whole request: four of the largest documents, and the words around them.
LARGEST_REQUEST = 4 * LARGEST + 5 * MB
# Before one is known, nothing but forms is sent.
LARGEST_OF_VISITOR = MB
LONGEST_NAME = 150

# Extension → what the content must look like ("zip": an archive of any sort; "": text, whatever it says).
KINDS = {
    ".pdf": ".pdf", ".png": ".png", ".jpg": ".jpg", ".jpeg": ".jpg", ".gif": ".gif", ".webp": ".webp",
    ".odt": "zip", ".ods": "zip", ".odp": "zip", ".docx": "zip", ".xlsx": "zip", ".pptx": "zip", ".zip": "zip",
    ".ggb": "zip", ".sb3": "zip", ".mp3": ".mp3", ".m4a": ".mp4", ".ogg": ".ogg", ".mp4": ".mp4",
    ".txt": "", ".csv": "", ".py": "",
}  # fmt: skip
IMAGES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp"})
ALL = frozenset(KINDS)
# What one photographs or scans.
PAPERS = frozenset({".pdf", ".png", ".jpg", ".jpeg", ".webp"})
ZIPS = {".zip", ".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp", ".epub", ".jar", ".ggb", ".sb3", ".apk"}
SAME = {".jpeg": ".jpg", ".jfif": ".jpg", ".jpe": ".jpg", ".m4v": ".mp4", ".m4a": ".mp4"}
KINDS_IN_WORDS = {
    ALL: "un PDF, une image, un texte, un tableur, une présentation, un son, une vidéo ou une archive ZIP",
    PAPERS: "une photo (JPEG, PNG ou WebP) ou un PDF",
}


def checked(file: UploadedFile, kinds: Set[str] = ALL) -> UploadedFile:
    """The same file, if it may be kept; `ValidationError` in French that says what to do."""
    name, size = PurePath(file.name or "document").name, file.size or 0
    if size > LARGEST:
        raise ValidationError(f"« {name} » dépasse 25 Mo : envoyez un fichier plus petit, ou un lien.")
    if size == 0:
        raise ValidationError(f"« {name} » est vide : choisissez-le de nouveau.")
    suffix = suffix_of(name)
    if suffix not in kinds:
        raise ValidationError(f"« {name} » n'est pas d'un type accepté : envoyez {KINDS_IN_WORDS[frozenset(kinds)]}.")
    file.seek(0)
    head = file.read(4096)
    file.seek(0)
    if not _looks_like(KINDS[suffix], head):
        raise ValidationError(f"Le contenu de « {name} » n'est pas ce que son nom annonce : enregistrez-le de nouveau.")
    return file


def _looks_like(kind: str, head: bytes) -> bool:
    if kind == "":
        return b"\0" not in head
    try:
        found = {SAME.get(one.extension, one.extension) for one in puremagic.magic_string(head)}
    except (puremagic.PureError, ValueError):
        return False
    return bool(found & ZIPS) and head[:2] == b"PK" if kind == "zip" else kind in found


def suffix_of(name: str) -> str:
    """« .pdf », in lower case."""
    return PurePath(name).suffix.lower()


def is_image(name: str) -> bool:
    """Whether it is shown on a page."""
    return suffix_of(name) in IMAGES


def shown_name(file: UploadedFile) -> str:
    """The name people see, without what a path could hide in it; its extension is kept."""
    name = PurePath(file.name or "document").name
    return "".join(sign for sign in name if sign.isprintable())[-LONGEST_NAME:]


def keep(field: FieldFile, key: object, file: UploadedFile) -> None:
    """Store a checked file under a key of our own; the row is saved by its owner."""
    field.save(f"{key}{suffix_of(file.name or '')}", file, save=False)


def served(field: FieldFile, name: str) -> HttpResponse:
    """The document: images and PDF shown, all else downloaded, nothing of it run."""
    if not field or not field.storage.exists(str(field.name)):
        raise Http404("Ce document n'est plus là.")
    suffix = suffix_of(str(field.name))
    shown = suffix in IMAGES or suffix == ".pdf"
    response = FileResponse(field.open("rb"), as_attachment=not shown, filename=name or "document")
    # Chromium's PDF reader is a plug-in with its own style: a sandbox leaves the page blank.
    allowed = "object-src 'self'" if suffix == ".pdf" else "sandbox"
    response["Content-Security-Policy"] = f"default-src 'none'; style-src 'unsafe-inline'; {allowed}"
    # Our own pages show them in their place.
    response["X-Frame-Options"] = "SAMEORIGIN"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    # A streamed answer is one like any other to the view.
    return cast(HttpResponse, response)


def pdf(content: bytes, name: str, *, shown: bool = False) -> HttpResponse:
    """A PDF drawn for whoever asks: to keep under its name, or shown in the browser."""
    headers = {"Content-Disposition": content_disposition_header(not shown, name)}
    return HttpResponse(content, content_type="application/pdf", headers=headers)


# --- a request too large -----------------------------------------------------------------------------------------
def takes(most: int):
    """A view to which more than documents is sent: an archive of a school's photos, a directory export."""

    def decorate(view: Callable) -> Callable:
        view.largest_request = most
        return view

    return decorate


class RequestSizeMiddleware:
    """Refuses a request too large by what it announces, before anything of it is read."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view, args, kwargs) -> HttpResponse | None:
        """Before the token of the form is looked for in it."""
        announced = request.META.get("CONTENT_LENGTH") or "0"
        size = int(announced) if announced.isascii() and announced.isdigit() else 0
        if size <= LARGEST_OF_VISITOR:
            return None
        most = getattr(view, "largest_request", LARGEST_REQUEST) if request.user.is_authenticated else 0
        return render(request, "413.html", {"most": most // MB}, status=413) if size > most else None
