"""Logos: whatever is sent becomes a small WebP drawn anew here, so that nothing of the sent file is ever served."""

import base64
from hashlib import sha256
from io import BytesIO
from typing import IO, Any

from django.core.cache import cache
from django.core.exceptions import ValidationError
from django_tenants.utils import schema_context
from PIL import Image, ImageOps, UnidentifiedImageError

from tenants.configuration.models import SettingImage

LARGEST_FILE = 2 * 1024 * 1024
LARGEST_AREA = 16_000_000
FORMATS = ("PNG", "JPEG", "WEBP")
# Shown 48 points high at most; twice that for fine screens.
BOX = (384, 96)
# Sign-in and home together stay below 60 kB.
LARGEST_KEPT = 8 * 1024
PENDING_SECONDS = 3600
REFUSED_SVG = (
    "Les images SVG ne sont pas acceptées : elles peuvent contenir un programme. "
    "Enregistrez votre logo en PNG, puis recommencez."
)
TOO_LARGE = "Cette image a trop de points. Réduisez-la à moins de 4 000 points de côté, puis recommencez."


def take(file: IO[bytes]) -> dict[str, Any]:
    """Draw a sent image anew and lay it aside until the change is confirmed; returns the setting's value."""
    data = file.read(LARGEST_FILE + 1)
    if not data:
        raise ValidationError("Ce fichier est vide. Choisissez une image, puis recommencez.")
    if len(data) > LARGEST_FILE:
        raise ValidationError("Ce fichier dépasse 2 Mo. Réduisez l'image, puis recommencez.")
    if b"<svg" in data[:4096].lower() or data.lstrip()[:5].lower() == b"<?xml":
        raise ValidationError(REFUSED_SVG)
    drawn = _redrawn(data)
    content = _encoded(drawn)
    digest = sha256(content).hexdigest()
    with schema_context("public"):
        cache.set(_pending(digest), content, PENDING_SECONDS)
    return {"digest": digest, "width": drawn.width, "height": drawn.height}


def keep(value: dict[str, Any]) -> None:
    """Keep an image laid aside, once the setting names it."""
    if SettingImage.objects.filter(pk=value["digest"]).exists():
        return
    content = _laid_aside(value["digest"])
    if content is None:
        raise ValidationError("L'image envoyée a été oubliée entre-temps. Choisissez-la à nouveau.")
    SettingImage.objects.create(digest=value["digest"], content=content)


def content_of(digest: str) -> bytes | None:
    """An image that is kept."""
    found = SettingImage.objects.filter(pk=digest).values_list("content", flat=True).first()
    return bytes(found) if found is not None else None


def preview(digest: str) -> str:
    """The address of an image that may not be kept yet: its content, in the address."""
    content = _laid_aside(digest) or content_of(digest)
    return f"data:image/webp;base64,{base64.b64encode(content).decode()}" if content else ""


def _pending(digest: str) -> str:
    return f"setting-image:{digest}"


def _laid_aside(digest: str) -> bytes | None:
    with schema_context("public"):
        return cache.get(_pending(digest))


def _redrawn(data: bytes) -> Image.Image:
    try:
        with Image.open(BytesIO(data), formats=FORMATS) as image:
            # Known from the header, before a single point is decoded.
            if image.width * image.height > LARGEST_AREA:
                raise ValidationError(TOO_LARGE)
            drawn = ImageOps.exif_transpose(image).convert("RGBA")
    except UnidentifiedImageError:
        raise ValidationError("Ce fichier n'est pas une image PNG, JPEG ou WebP.") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ValidationError(TOO_LARGE) from None
    except (OSError, SyntaxError, ValueError, EOFError):
        raise ValidationError("Cette image est abîmée. Enregistrez-la à nouveau, puis recommencez.") from None
    drawn.thumbnail(BOX)
    # Pixels alone: what the file carried beside them (place, author, text) stays behind.
    alone = Image.new("RGBA", drawn.size)
    alone.paste(drawn)
    return alone


def _encoded(drawn: Image.Image) -> bytes:
    """As light as the pages ask: exact where that is light, else coarser and coarser."""
    attempts: list[dict[str, Any]] = [{"lossless": True}, *({"quality": quality} for quality in (85, 65, 45, 25, 5))]
    written = BytesIO()
    for options in attempts:
        written = BytesIO()
        drawn.save(written, "WEBP", method=6, **options)
        if written.tell() <= LARGEST_KEPT:
            break
    return written.getvalue()
