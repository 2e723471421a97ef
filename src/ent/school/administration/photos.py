"""A ZIP of photos: whose is which, by the pupil's number, INE or name, and what could not be used."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import PurePosixPath
from typing import IO
from uuid import UUID
from zipfile import BadZipFile, ZipFile, ZipInfo

from django.db import transaction

from ent.accounts.models import Account
from ent.kernel.text import folded
from ent.school.people.actions import set_photo
from ent.school.people.models import Person, Profile
from ent.school.people.photos import LARGEST_FILE, PhotoError, portrait
from ent.school.structure.access import pupils_in
from ent.school.structure.models import Division

# A large lycée's pupils, at what a school photographer delivers (150 kB each).
MOST_FILES = 3000
LARGEST_ZIP = 300 * 1024 * 1024
# Photos hardly shrink in an archive: one that unfolds to more is a trap.
LARGEST_CONTENT = 3 * LARGEST_ZIP
# What computers put in archives by themselves.
NOT_PHOTOS = re.compile(r"(^|/)(__MACOSX/|\._|\.DS_Store$|Thumbs\.db$|desktop\.ini$)", re.I)


class ZipError(ValueError):
    """Why a whole archive cannot be used, in words for whoever sent it."""


@dataclass
class Report:
    """What became of each file, and who still has no photo."""

    matched: list[tuple[str, Person]] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    without: list[Person] = field(default_factory=list)


def load(file: IO[bytes], division: Division | None, *, by: Account) -> Report:
    """Put the archive's photos on the files of a class's (or the school's) pupils; a file refused stops no other."""
    report = Report()
    taken: dict[UUID, str] = {}
    with _opened(file) as archive:
        wanted = _Names(division)
        for info in archive.infolist():
            if info.is_dir() or NOT_PHOTOS.search(info.filename):
                continue
            names = _names(info)
            try:
                person = wanted.person(names)
                if person.pk in taken:
                    raise PhotoError(f"{person.display_name} a déjà une photo dans cette archive ({taken[person.pk]}).")
                _put(archive, info, person, by)
                taken[person.pk] = names[0]
                report.matched.append((names[0], person))
            except PhotoError as error:
                report.refused.append((names[0], str(error)))
    report.without = [person for person in wanted.people if not person.photo]
    return report


def _opened(file: IO[bytes]) -> ZipFile:
    """The archive, if it is one that can be read within limits."""
    try:
        archive = ZipFile(file)
    except (BadZipFile, OSError, ValueError, NotImplementedError):
        raise ZipError("Ce fichier n'est pas une archive ZIP lisible. Créez-la à nouveau, puis recommencez.") from None
    if len(archive.infolist()) > MOST_FILES:
        raise ZipError(f"Cette archive a plus de {MOST_FILES} fichiers. Envoyez-la en plusieurs fois.")
    if sum(info.file_size for info in archive.infolist()) > LARGEST_CONTENT:
        raise ZipError("Cette archive se décompresse en plus de 900 Mo. Envoyez-la classe par classe.")
    return archive


def _put(archive: ZipFile, info: ZipInfo, person: Person, by: Account) -> None:
    """Read one file, never further than a photo's size, and keep its portrait."""
    if info.file_size > LARGEST_FILE:
        raise PhotoError("Ce fichier dépasse 10 Mo une fois décompressé.")
    if info.flag_bits & 0x1:
        raise PhotoError("Ce fichier est protégé par un mot de passe. Créez l'archive sans mot de passe.")
    try:
        with archive.open(info) as entry:
            data = entry.read(LARGEST_FILE + 1)
    except (BadZipFile, OSError, EOFError, ValueError, NotImplementedError, RuntimeError):
        raise PhotoError("Ce fichier est abîmé dans l'archive.") from None
    except Exception as error:  # zlib.error, LZMAError: a class per method of compression
        if type(error).__module__ not in ("zlib", "_lzma", "lzma"):
            raise
        raise PhotoError("Ce fichier est abîmé dans l'archive.") from None
    image = portrait(BytesIO(data))
    with transaction.atomic():
        set_photo(person, image, by=by)


class _Names:
    """The pupils who may be meant, by everything that may name them."""

    def __init__(self, division: Division | None):
        people = pupils_in(division) if division else Person.objects.filter(profile=Profile.PUPIL, closed_at=None)
        self.people = list(people.select_related("pupil").prefetch_related("enrolments__division").order_by("sort_key"))
        self.named: dict[str, set[Person]] = defaultdict(set)
        for person in self.people:
            for name in _keys(person):
                self.named[name].add(person)

    def person(self, names: Iterable[str]) -> Person:
        """The one pupil a file is named for; its folder (the class) tells namesakes apart."""
        for name in names:
            path = PurePosixPath(name)
            found = self.named.get(_plain(path.stem), set())
            if len(found) > 1:
                folders = {_plain(part).replace(" ", "") for part in path.parts[:-1]}
                found = {one for one in found if folders & _classes(one)} or found
            if len(found) > 1:
                raise PhotoError("Plusieurs élèves portent ce nom : nommez le fichier par l'INE ou le numéro.")
            if found:
                return next(iter(found))
        raise PhotoError("Aucun élève ne correspond à ce nom de fichier.")


def _keys(person: Person) -> set[str]:
    """« durand eloise », « eloise durand », the INE and the school's number."""
    own = {f"{person.last_name} {person.first_name}", f"{person.first_name} {person.last_name}"}
    pupil = getattr(person, "pupil", None)
    if pupil:
        own |= {pupil.ine, pupil.school_number}
    return {_plain(text) for text in own} - {""}


def _classes(person: Person) -> set[str]:
    return {_plain(one.division.code).replace(" ", "") for one in person.enrolments.all() if one.closed_at is None}


def _plain(text: str) -> str:
    """Letters and digits of every alphabet, folded; all else is one space."""
    return " ".join(re.sub(r"[\W_]+", " ", folded(text)).split())


def _names(info: ZipInfo) -> list[str]:
    """The file's name; where the archive does not say it is Unicode, as macOS and Windows in France write it too."""
    if info.flag_bits & 0x800:
        return [info.filename]
    raw = info.filename.encode("cp437", errors="replace")
    readings = []
    for encoding in ("utf-8", "cp850", "cp1252"):
        try:
            readings.append(raw.decode(encoding))
        except UnicodeDecodeError:
            continue
    return [*dict.fromkeys(readings), info.filename]
