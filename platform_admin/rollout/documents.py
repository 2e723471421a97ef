"""Signed documents: PDF or image, known by their content, kept apart from io import BytesIO
import io
from what is served, given as attachments."""

import io
import uuid

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404
from PIL import Image, UnidentifiedImageError

# A signed agreement of twenty scanned pages weighs 3 to 6 MB.
MOST_BYTES = 10 * 1024 * 1024
# First bytes of what is accepted, its extension and its type.
KNOWN = [
    (b"%PDF-", "pdf", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "png", "image/png"),
    (b"\xff\xd8\xff", "jpg", "image/jpeg"),
]
ACCEPT = "application/pdf,image/png,image/jpeg"


def checked(upload: UploadedFile | None) -> ContentFile | None:
    """The document under a name of ours; refused, in French, where its content is not what is accepted."""
    if not upload:
        return None
    if (upload.size or 0) > MOST_BYTES:
        raise ValidationError(f"Ce fichier dépasse {MOST_BYTES // 1024**2} Mo : envoyez-en un plus léger.")
    content = upload.read()
    extension = next((extension for start, extension, _ in KNOWN if content.startswith(start)), None)
    if extension is None or not _is_whole(content, extension):
        raise ValidationError("Ce fichier n’est ni un PDF ni une image (PNG, JPEG) : envoyez le document signé.")
    return ContentFile(content, name=f"{uuid.uuid4()}.{extension}")


def _is_whole(content: bytes, extension: str) -> bool:
    if extension == "pdf":
        return b"%%EOF" in content[-2048:]
    try:
        with Image.open(ContentFile(content), formats=["PNG", "JPEG"]) as image:
            image.verify()
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return False
    return True


def served(file: FieldFile, name: str) -> FileResponse:
    """The document as an attachment, of the type its content has; called by a view that checked the right."""
    if not file:
        raise Http404("Aucun document n’est joint.")
    try:
        with file.open("rb") as opened:
            content = opened.read()
    except FileNotFoundError:
        raise Http404("Ce document n’est plus sur le serveur.") from None
    extension = file.name.rsplit(".", 1)[-1]
    kind = next((kind for _, known, kind in KNOWN if known == extension), "application/octet-stream")
    return FileResponse(io.BytesIO(content), as_attachment=True, filename=f"{name}.{extension}", content_type=kind)
