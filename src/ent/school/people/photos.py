"""Photos as they are kept: small, square, re-encoded, without what the camera wrote in them."""

from io import BytesIO
from typing import IO

from PIL import Image, ImageOps, UnidentifiedImageError

SIDE = 320
# A telephone's photo weighs 3 to 6 MB and has up to 50 million pixels.
LARGEST_FILE = 10 * 1024 * 1024
LARGEST_AREA = 64_000_000
# What is held in memory at once, after a JPEG was decoded at a fraction of its size.
LARGEST_DECODED = 24_000_000
TOO_MANY_PIXELS = "Cette image a trop de points. Réduisez-la, puis recommencez."
FORMATS = ("JPEG", "PNG", "WEBP")
# Of a portrait, the square is taken near the top, where the face is.
CENTRE = (0.5, 0.3)


class PhotoError(ValueError):
    """Why a file cannot be a photo, in words for whoever sent it."""


def portrait(file: IO[bytes]) -> bytes:
    """The image as a 320-pixel WebP square; whatever else the file held is gone."""
    data = file.read(LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE:
        raise PhotoError("Ce fichier dépasse 10 Mo. Réduisez la photo, puis recommencez.")
    try:
        with Image.open(BytesIO(data), formats=FORMATS) as image:
            if image.width * image.height > LARGEST_AREA:
                raise PhotoError(TOO_MANY_PIXELS)
            image.draft("RGB", (2 * SIDE, 2 * SIDE))
            if image.width * image.height > LARGEST_DECODED:
                raise PhotoError(TOO_MANY_PIXELS)
            smaller = image if image.mode in ("RGB", "RGBA", "L", "LA") else image.convert("RGBA")
            smaller.thumbnail((4 * SIDE, 4 * SIDE))
            upright = ImageOps.exif_transpose(smaller).convert("RGBA")
            square = ImageOps.fit(upright, (SIDE, SIDE), centering=CENTRE)
    except UnidentifiedImageError:
        raise PhotoError("Ce fichier n'est pas une photo JPEG, PNG ou WebP.") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PhotoError(TOO_MANY_PIXELS) from None
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        if isinstance(error, PhotoError):
            raise
        raise PhotoError("Cette image est abîmée. Enregistrez-la à nouveau, puis recommencez.") from None
    kept = Image.new("RGB", square.size, "white")
    kept.paste(square, mask=square.getchannel("A"))
    written = BytesIO()
    kept.save(written, "WEBP", quality=80, method=2)
    return written.getvalue()
