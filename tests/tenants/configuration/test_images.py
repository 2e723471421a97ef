"""A logo is drawn anew, small; what is not an image, or could do harm, is refused in French."""

import io
import struct
import zlib

import pytest
from django.core.exceptions import ValidationError
from PIL import Image

from ent.kernel.ids import new_id
from tenants.configuration import images
from tenants.configuration.actions import Author, set_value
from tenants.configuration.models import SettingImage
from tenants.configuration.queries import ACADEMY
from tenants.configuration.registry import SETTINGS
from tests import factories
from tests.conftest import SchoolClient

pytestmark = pytest.mark.usefixtures("platform_db")


def sent(content: bytes) -> dict:
    return images.take(io.BytesIO(content))


def png_header(width: int, height: int) -> bytes:
    """A PNG that says it has so many points."""
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    chunks = [b"IHDR" + header, b"IDAT" + zlib.compress(b"\0" * 100)]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) for chunk in chunks
    )


def bomb() -> bytes:
    """A small file of many points."""
    written = io.BytesIO()
    Image.new("1", (9000, 9000)).save(written, "PNG")
    return written.getvalue()


SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
REFUSED = {
    "an empty file": (b"", "vide"),
    "a text": (b"Bonjour", "n'est pas une image"),
    "a page with a script": (b"<html><script>alert(1)</script></html>", "n'est pas une image"),
    "a drawing with a script": (SVG, "SVG"),
    "a drawing without its first line": (SVG[21:], "SVG"),
    "too heavy a file": (b"x" * (2 * 1024 * 1024 + 1), "2 Mo"),
    "a bomb": (bomb(), "trop de points"),
    "a header that lies": (png_header(60_000, 60_000), "trop de points"),
    "half an image": (factories.image("PNG", (600, 600))[:300], "abîmée"),
    "a GIF": (factories.image("GIF"), "n'est pas une image"),
}


@pytest.mark.parametrize(("content", "told"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_a_logo_is_refused_in_words(content, told):
    with pytest.raises(ValidationError, match=told):
        sent(content)
    assert not SettingImage.objects.exists()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_logo_is_drawn_anew_small_and_light(kind):
    noise = Image.effect_noise((1000, 600), 90).convert("RGB")
    written = io.BytesIO()
    noise.save(written, kind)
    value = sent(written.getvalue())
    content = images._laid_aside(value["digest"])
    with Image.open(io.BytesIO(content)) as drawn:
        assert drawn.format == "WEBP"
        assert (drawn.width, drawn.height) == (value["width"], value["height"])
        assert drawn.height <= 96
    assert len(content) <= images.LARGEST_KEPT


def test_nothing_but_its_points_is_kept_of_a_file():
    exif = Image.Exif()
    exif[0x010E] = "photographié par Camille Essai"
    hidden = factories.image("JPEG", (300, 100), exif=exif) + b"<script>alert(1)</script>"
    content = images._laid_aside(sent(hidden)["digest"])
    assert b"Camille" not in content
    assert b"script" not in content


def test_an_image_is_kept_once_the_setting_names_it_and_served_by_every_host(school):
    value = sent(factories.image("PNG", (300, 100)))
    assert not SettingImage.objects.exists()
    set_value(SETTINGS["logo"], ACADEMY, value, read="", author=Author(new_id(), "Agent d'essai"))
    for host in ("ent.localhost", f"{school.subdomain}.ent.localhost"):
        answer = SchoolClient(host).get(f"/logo/{value['digest']}.webp")
        assert answer.status_code == 200
        assert answer["Content-Type"] == "image/webp"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert "immutable" in answer["Cache-Control"]
        assert f"/logo/{value['digest']}.webp" in SchoolClient(host).get("/sign-in/").text


def test_an_image_that_was_never_sent_cannot_be_named():
    value = {"digest": "0" * 64, "width": 10, "height": 10}
    with pytest.raises(ValidationError, match="Choisissez-la à nouveau"):
        set_value(SETTINGS["logo"], ACADEMY, value, read="", author=Author(new_id(), "Agent d'essai"))
    assert SchoolClient("ent.localhost").get(f"/logo/{value['digest']}.webp").status_code == 404
