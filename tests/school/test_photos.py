"""Photos: who puts them, who sees them, what is kept of a file, an archive of a class."""

import io
import struct
import zipfile
import zlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from ent.kernel.access import RIGHTS, Role, Scope
from ent.kernel.audit.models import AuditEvent
from ent.school.people.models import Function, Person
from ent.school.people.photos import LARGEST_FILE, PhotoError, portrait
from tests import factories


@pytest.fixture
def desk(school, sign_in):
    """The administrator's browser."""
    return sign_in(factories.staff(Function.SCHOOL_ADMIN))


def send(client, person, data: bytes, name: str = "photo.jpg"):
    return client.post(f"/people/{person.pk}/photo/change/", {"photo": SimpleUploadedFile(name, data)})


def zipped(files: dict[str, bytes]) -> SimpleUploadedFile:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return SimpleUploadedFile("photos.zip", written.getvalue())


def huge_png(width: int, height: int) -> bytes:
    """A PNG of a few bytes that claims to be enormous."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


# --- what is kept ----------------------------------------------------------------------------------------------------
def test_a_photo_is_kept_small_square_and_without_what_the_camera_wrote(school):
    exif = Image.Exif()
    exif[0x010F] = "Fabricant de l'appareil"
    exif.get_ifd(0x8825)[1] = "N"
    kept = portrait(io.BytesIO(factories.image("JPEG", (3000, 4000), exif=exif)))
    with Image.open(io.BytesIO(kept)) as image:
        assert (image.format, image.size) == ("WEBP", (320, 320))
        assert not image.getexif()
    assert b"Fabricant" not in kept


def test_a_photo_taken_sideways_stands_up(school):
    image = Image.new("RGB", (800, 400), "red")
    image.paste("blue", (0, 0, 400, 400))
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: what is left in the file is at the top
    written = io.BytesIO()
    image.save(written, "JPEG", exif=exif)
    with Image.open(io.BytesIO(portrait(io.BytesIO(written.getvalue())))) as kept:
        top, bottom = kept.convert("RGB").getpixel((160, 5)), kept.convert("RGB").getpixel((160, 315))
    assert top[2] > 200 > top[0]
    assert bottom[0] > 200 > bottom[2]


def test_transparent_and_palette_images_become_photos(school):
    for mode in ("RGBA", "LA", "P", "L", "1", "CMYK"):
        written = io.BytesIO()
        Image.new(mode, (300, 500)).save(written, "JPEG" if mode == "CMYK" else "PNG")
        assert portrait(io.BytesIO(written.getvalue()))


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "n'est pas une photo"),
        (b"<!doctype html><script>alert(1)</script>", "n'est pas une photo"),
        (factories.image("GIF"), "n'est pas une photo"),
        (factories.image()[:2000], "abîmée"),
        (huge_png(60_000, 60_000), "trop de points"),
        (huge_png(9_000, 8_000), "trop de points"),
        (huge_png(6_000, 5_000), "trop de points"),
        (b"\xff" * (LARGEST_FILE + 1), "10 Mo"),
    ],
    ids=["svg", "html", "gif", "cut short", "bomb", "large", "large once decoded", "heavy"],
)
def test_what_is_no_photo_is_refused_in_french(data, told):
    with pytest.raises(PhotoError, match=told):
        portrait(io.BytesIO(data))


# --- one person's photo ----------------------------------------------------------------------------------------------
def test_the_administrator_puts_changes_and_removes_a_pupils_photo(desk, school, django_capture_on_commit_callbacks):
    pupil = factories.pupil()
    assert send(desk, pupil, factories.image()).status_code == 302
    pupil.refresh_from_db()
    first = pupil.photo.path
    assert f"/{school.schema_name}/photos/" in first
    with django_capture_on_commit_callbacks(execute=True):
        send(desk, pupil, factories.image(colour="navy"))
    pupil.refresh_from_db()
    assert pupil.photo.path != first
    assert not pupil.photo.storage.exists(first)
    with django_capture_on_commit_callbacks(execute=True):
        desk.post(f"/people/{pupil.pk}/photo/change/", {"remove": "1"})
    pupil.refresh_from_db()
    assert not pupil.photo
    trail = AuditEvent.objects.filter(object_id=pupil.pk).order_by("at").values_list("action", flat=True)
    assert list(trail) == ["people.change_photo", "people.change_photo", "people.remove_photo"]


def test_a_refused_photo_is_told_beside_the_field_and_the_old_one_stays(desk):
    pupil = factories.photographed(factories.pupil())
    before = pupil.photo.name
    answer = send(desk, pupil, b"<script>alert(1)</script>", "moi.jpg")
    assert answer.status_code == 400
    assert "n&#x27;est pas une photo" in answer.text
    assert "Choisissez une photo" in desk.post(f"/people/{pupil.pk}/photo/change/").text
    pupil.refresh_from_db()
    assert pupil.photo.name == before


def test_a_member_of_staff_puts_their_own_photo_and_nobody_elses(sign_in):
    teacher, colleague = factories.staff(), factories.staff()
    pupil = factories.pupil(division=factories.division())
    browser = sign_in(teacher)
    assert send(browser, teacher, factories.image()).status_code == 302
    assert send(browser, colleague, factories.image()).status_code == 403
    assert send(browser, pupil, factories.image()).status_code == 403


def test_families_neither_put_photos_nor_have_any(desk, sign_in):
    pupil = factories.pupil()
    guardian = factories.guardian(of=pupil)
    assert send(sign_in(pupil), pupil, factories.image()).status_code == 403
    assert send(sign_in(guardian), pupil, factories.image()).status_code == 403
    assert send(desk, guardian, factories.image()).status_code == 404


def test_a_photo_is_served_to_those_who_may_see_the_person_only(sign_in):
    division = factories.division()
    pupil = factories.photographed(factories.pupil(division=division))
    url = f"/people/{pupil.pk}/photo/"
    sees = [pupil, factories.guardian(of=pupil), factories.staff(Function.CPE), factories.staff(teaches=division)]
    for person in sees:
        answer = sign_in(person).get(url)
        assert answer.status_code == 200
        assert answer["Content-Type"] == "image/webp"
        assert answer["Cache-Control"].startswith("private")
        assert "Cookie" in answer["Vary"]
    classmate = factories.pupil(division=division)
    stranger = factories.guardian(of=classmate)
    for person in (classmate, stranger, factories.staff(), factories.staff(Function.OTHER)):
        assert sign_in(person).get(url).status_code == 403


def test_colleagues_see_each_others_photo_pupils_do_not(sign_in):
    division = factories.division()
    teacher = factories.photographed(factories.staff(teaches=division))
    url = f"/people/{teacher.pk}/photo/"
    assert sign_in(factories.staff(Function.OTHER)).get(url).status_code == 200
    assert sign_in(factories.pupil(division=division)).get(url).status_code == 403


def test_pages_show_faces_to_those_who_may_see_them_only(sign_in):
    division = factories.division()
    pupil = factories.photographed(factories.pupil(division=division))
    teacher, classmate = factories.staff(teaches=division), factories.pupil(division=division)
    url, page = f"/people/{pupil.pk}/photo/", f"/classes/{division.pk}/?view=photos"
    assert url in sign_in(teacher).get(page).text
    seen = sign_in(classmate).get(page).text
    assert pupil.last_name in seen
    assert url not in seen
    assert "Trombinoscope" not in seen


def test_a_missing_file_is_a_missing_page(desk):
    pupil = factories.photographed(factories.pupil())
    pupil.photo.storage.delete(pupil.photo.name)
    assert desk.get(f"/people/{pupil.pk}/photo/").status_code == 404


def test_whoever_may_see_a_photo_may_open_the_page():
    photo, page = RIGHTS["people.view_photo"].scopes, RIGHTS["people.view_person"].scopes
    assert {role: page.get(role) for role in photo} == dict(photo)
    assert photo[Role.OTHER] == Scope.COLLEAGUES


def test_the_photo_page_of_all_classes_holds_ones_own_classes(sign_in, django_assert_max_num_queries):
    mine, theirs = factories.division("6A"), factories.division("3C")
    factories.photographed(factories.pupil(division=mine, last_name="Dedans"))
    factories.pupil(division=theirs, last_name="Dehors")
    teacher = factories.staff(teaches=mine)
    browser = sign_in(teacher)
    page = browser.get(reverse("structure:faces")).text
    assert "Dedans" in page
    assert "Dehors" not in page
    cpe = sign_in(factories.staff(Function.CPE))
    page = cpe.get(reverse("structure:faces")).text
    assert "Dedans" in page
    assert "Dehors" in page


# --- an archive ------------------------------------------------------------------------------------------------------
def test_an_archive_finds_pupils_by_name_number_and_ine(desk):
    division = factories.division("6B")
    named = [
        factories.pupil(division, last_name="Durand", first_name="Éloïse"),
        factories.pupil(division, last_name="Le Goff-Martin", first_name="Jean-Baptiste"),
        factories.pupil(division, last_name="Petit", first_name="Noé"),
        factories.pupil(division, last_name="Moreau", first_name="Zoé"),
    ]
    named[2].pupil.ine, named[3].pupil.school_number = "123456789AB", "4217"
    named[2].pupil.save()
    named[3].pupil.save()
    photo = factories.image()
    answer = desk.post("/administration/photos/", {"archive": zipped({
        "DURAND Éloïse.jpg": photo, "photos/Jean-Baptiste_LE GOFF MARTIN.JPEG": photo, "123456789ab.png": photo,
        "4217.webp": photo, "INCONNU Paul.jpg": photo, "__MACOSX/._DURAND Éloïse.jpg": b"x", ".DS_Store": b"x",
    })})  # fmt: skip
    assert answer.status_code == 200
    assert "4 photos enregistrées, 1 fichier laissé de côté" in answer.text
    assert "Aucun élève ne correspond" in answer.text
    assert "DS_Store" not in answer.text
    assert Person.objects.filter(pk__in=[one.pk for one in named]).exclude(photo="").count() == 4


def test_namesakes_are_told_apart_by_their_class_or_not_at_all(desk):
    first = factories.pupil(factories.division("6A"), last_name="Martin", first_name="Léa")
    second = factories.pupil(factories.division("6 B"), last_name="Martin", first_name="Léa")
    answer = desk.post("/administration/photos/", {"archive": zipped({"Martin Léa.jpg": factories.image()})})
    assert "Plusieurs élèves portent ce nom" in answer.text
    desk.post("/administration/photos/", {"archive": zipped({"6b/Martin Léa.jpg": factories.image()})})
    first.refresh_from_db()
    second.refresh_from_db()
    assert (bool(first.photo), bool(second.photo)) == (False, True)


def test_an_archive_for_one_class_touches_no_other(desk):
    chosen, other = factories.division("6A"), factories.division("6B")
    factories.pupil(chosen, last_name="Dedans")
    outside = factories.pupil(other, last_name="Dehors", first_name="Ana")
    files = {"Dehors Ana.jpg": factories.image()}
    answer = desk.post("/administration/photos/", {"archive": zipped(files), "division": chosen.pk})
    assert "1 élève encore sans photo" in answer.text
    outside.refresh_from_db()
    assert not outside.photo


def test_a_bad_file_stops_no_other(desk):
    good = factories.pupil(last_name="Bon", first_name="Ali")
    for name in ("Script", "Bombe", "Lourd", "Double"):
        factories.pupil(last_name=name, first_name="Ali")
    answer = desk.post("/administration/photos/", {"archive": zipped({
        "Script Ali.jpg": b"<svg onload='alert(1)'/>", "Bombe Ali.png": huge_png(60_000, 60_000),
        "Lourd Ali.jpg": b"\0" * (LARGEST_FILE + 1), "Bon Ali.jpg": factories.image(),
        "Double Ali.jpg": factories.image(), "copie/Double Ali.jpg": factories.image(),
    })})  # fmt: skip
    assert "2 photos enregistrées, 4 fichiers laissés de côté" in answer.text
    for told in ("pas une photo", "trop de points", "10 Mo", "a déjà une photo dans cette archive"):
        assert told in answer.text
    good.refresh_from_db()
    assert good.photo


def test_archives_written_by_windows_are_read(desk):
    pupil = factories.pupil(last_name="Bézier", first_name="Zoé")
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("XXXXXXXXXX.jpg", factories.image())
    data = written.getvalue().replace(b"XXXXXXXXXX", "BÉZIER Zoé".encode("cp850"))
    desk.post("/administration/photos/", {"archive": SimpleUploadedFile("p.zip", data)})
    pupil.refresh_from_db()
    assert pupil.photo


def test_an_archive_that_unfolds_without_end_is_refused(desk):
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a.jpg", "w") as entry:
        for _ in range(950):
            entry.write(b"\0" * 1_048_576)
    answer = desk.post("/administration/photos/", {"archive": SimpleUploadedFile("p.zip", written.getvalue())})
    assert answer.status_code == 400
    assert "900 Mo" in answer.text


@pytest.mark.parametrize(
    ("data", "told"), [(b"not an archive", "archive ZIP lisible"), (b"", "vide"), (None, "Choisissez une archive")]
)
def test_what_is_no_archive_is_told(desk, data, told):
    files = {} if data is None else {"archive": SimpleUploadedFile("p.zip", data)}
    answer = desk.post("/administration/photos/", files)
    assert answer.status_code == 400
    assert told in answer.text
