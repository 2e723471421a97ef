"""Zip archives that anyone may send: nothing is written to disk, and no member is read beyond its bound."""

import io
import zipfile
import zlib
from pathlib import PurePosixPath, PureWindowsPath

from ent.exchange.timetable.schedule import Unreadable

MAX_MEMBERS = 500
LARGEST_MEMBER = 30_000_000
LARGEST_TOTAL = 60_000_000
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError,
            ArithmeticError)  # fmt: skip


class Archive:
    """The members of an archive, by the name they have in lower case, whatever their folder."""

    def __init__(self, content: bytes) -> None:
        self.read_so_far = 0
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
            infos = self._zip.infolist()
        except _DAMAGED as error:
            raise _refused("elle est coupée ou abîmée") from error
        if len(infos) > MAX_MEMBERS:
            raise _refused(f"elle a plus de {MAX_MEMBERS} fichiers")
        if sum(info.file_size for info in infos) > LARGEST_TOTAL:
            raise _refused(f"elle dépasse {LARGEST_TOTAL // 1_000_000} Mo une fois ouverte")
        self._members: dict[str, zipfile.ZipInfo] = {}
        for info in infos:
            if _leaves(info.filename) or _leaves(info.orig_filename):
                raise _refused(f"elle a un fichier au chemin interdit (« {info.filename[:60]} »)")
            if info.is_dir():
                continue
            if info.flag_bits & 1:
                raise _refused("elle est protégée par un mot de passe")
            self._members.setdefault(PurePosixPath(info.filename).name.lower(), info)

    def names(self) -> list[str]:
        """The members' names, in lower case."""
        return sorted(self._members)

    def open(self, member: str) -> io.BytesIO:
        """A member's content; what the archive says of its size is not believed."""
        try:
            with self._zip.open(self._members[member]) as opened:
                content = opened.read(LARGEST_MEMBER + 1)
        except _DAMAGED as error:
            raise _refused(f"« {member} » y est abîmé") from error
        self.read_so_far += len(content)
        if len(content) > LARGEST_MEMBER or self.read_so_far > LARGEST_TOTAL:
            raise _refused(f"« {member} » y est démesuré")
        return io.BytesIO(content)


def _refused(cause: str) -> Unreadable:
    return Unreadable(f"Cette archive ZIP est refusée : {cause}. Refaites l'export depuis le logiciel.")


def _leaves(path: str) -> bool:
    """Would the member be written elsewhere than in the folder where the archive is opened?"""
    windows = PureWindowsPath(path)
    return "\0" in path or ".." in windows.parts or bool(windows.drive or windows.root)
