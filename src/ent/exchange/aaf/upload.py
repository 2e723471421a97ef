"""An export sent by browser: a ZIP archive of its XML files, unpacked where imports are read from."""

import re
import shutil
import zipfile
import zlib
from pathlib import Path
from typing import BinaryIO

from ent.exchange.aaf.reader import ExportError

MOST_FILES = 5_000
# The whole academy's export of 300,000 people weighs about 1.5 GB.
MOST_BYTES = 8 * 1024**3
_CHUNK = 1024 * 1024


class UploadRefused(ExportError):
    """The archive cannot be used; the message, in French, says why."""


def unpack(archive: BinaryIO, folder: Path) -> int:
    """Write the archive's XML files into a new folder; returns how many. Leaves no folder behind where it refuses."""
    folder.mkdir(parents=True)
    try:
        with zipfile.ZipFile(archive) as opened:
            return _unpack(opened, folder)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, EOFError, zlib.error) as error:
        shutil.rmtree(folder)
        raise UploadRefused(
            "Ce fichier n'est pas une archive ZIP lisible. Compressez le dossier de l'export en ZIP, puis recommencez."
        ) from error
    except BaseException:
        shutil.rmtree(folder)
        raise


def _unpack(archive: zipfile.ZipFile, folder: Path) -> int:
    members = [member for member in archive.infolist() if member.filename.lower().endswith(".xml")]
    if not members:
        raise UploadRefused("Cette archive ne contient aucun fichier XML : ce n'est pas un export de l'annuaire.")
    if len(members) > MOST_FILES:
        raise UploadRefused(f"Cette archive contient plus de {MOST_FILES} fichiers : envoyez un seul export.")
    left = min(MOST_BYTES, shutil.disk_usage(folder).free // 2)
    for member in members:
        if member.flag_bits & 0x1:
            raise UploadRefused("Cette archive est protégée par un mot de passe : envoyez-la sans.")
        # Only the name counts: no member writes outside the folder.
        path = folder / re.split(r"[/\\]", member.filename)[-1]
        if path.exists():
            raise UploadRefused(f"Deux fichiers de cette archive s'appellent {path.name} : envoyez un seul export.")
        with archive.open(member) as source, open(path, "wb") as target:
            while chunk := source.read(_CHUNK):
                left -= len(chunk)
                if left < 0:
                    raise UploadRefused("Une fois décompressée, cette archive est trop grosse pour ce serveur.")
                target.write(chunk)
    return len(members)
