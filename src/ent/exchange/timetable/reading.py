"""A file received by the school, read by what it contains, not by its name."""

import io
import zipfile
from uuid import UUID

from ent.exchange.timetable import edt, ics, sts, table, udt
from ent.exchange.timetable.schedule import Schedule, Unreadable
from ent.exchange.timetable.xml_stream import root
from ent.school.people.models import Person
from ent.school.structure.models import Division, SchoolYear
from ent.school.timetable.models import TimetableImport


def read_import(run: TimetableImport, columns: dict[str, str] | None = None) -> Schedule:
    """The schedule of a received file (a table's `columns` being known already or not); `Unreadable` in French."""
    content = _content(run)
    kind = kind_of(content)
    if kind == "edt":
        return edt.read(io.BytesIO(content))
    if kind == "sts":
        return sts.read(io.BytesIO(content))
    if kind == "udt":
        return udt.read(io.BytesIO(content))
    if kind == "ics":
        return _calendar(run, content)
    return table.read(content, columns or _columns(run, content))


def kind_of(content: bytes) -> str:
    """« edt », « sts », « udt », « ics » or « csv »; `Unreadable` for what is none of them."""
    if zipfile.is_zipfile(io.BytesIO(content)):
        return "udt"
    if content.lstrip(b"\xef\xbb\xbf \r\n\t")[:15].upper().startswith(b"BEGIN:VCALENDAR"):
        return "ics"
    name, _ = root(io.BytesIO(content))
    if name == edt.CIPHERED:
        raise Unreadable("Cet export d'EDT est chiffré pour un partenaire : exportez l'emploi du temps en clair (EDT, "
                         "menu Imports/Exports, XML), puis rechargez-le.")  # fmt: skip
    if name in (edt.ROOT, sts.ROOT):
        return {edt.ROOT: "edt", sts.ROOT: "sts"}[name]
    if name or content.lstrip()[:5] == b"<?xml":
        raise Unreadable("Ce fichier XML n'est ni un export d'EDT, ni un export de STS-web.")
    return "csv"


def header_of(run: TimetableImport) -> tuple[list[str], dict[str, str]]:
    """The columns of a table and what each is taken for; nothing for other formats."""
    if run.format != "csv":
        return [], {}
    content = _content(run)
    return table.header(content), _columns(run, content)


def save_columns(run: TimetableImport, columns: dict[str, str]) -> None:
    """Keep what the school says of a table's columns, for this file and the next ones with the same heading."""
    run.mapping = {"columns": columns}
    run.save(update_fields=["mapping"])


def _columns(run: TimetableImport, content: bytes) -> dict[str, str]:
    if chosen := run.mapping.get("columns"):
        return chosen
    names = table.header(content)
    before = TimetableImport.objects.filter(mapping__has_key="columns").exclude(pk=run.pk).first()
    known = before.mapping["columns"] if before else {}
    if known and all(column in names for column in known.values() if column):
        return known
    return table.guess(names)


def _calendar(run: TimetableImport, content: bytes) -> Schedule:
    teacher, division = run.mapping.get("teacher"), run.mapping.get("division")
    if bool(teacher) == bool(division):
        raise Unreadable("Dites de qui est ce calendrier : d'un enseignant, ou d'une classe.")
    if teacher:
        person = Person.objects.get(pk=UUID(teacher))
        owner = f"{person.last_name} {person.first_name}"
    else:
        owner = Division.objects.get(pk=UUID(division)).code
    year = SchoolYear.objects.get(is_current=True)
    return ics.read(io.BytesIO(content), year.starts_on, year.ends_on, is_teacher=bool(teacher), owner=owner)


def _content(run: TimetableImport) -> bytes:
    try:
        with run.file.open("rb") as file:
            return file.read()
    except (FileNotFoundError, ValueError) as error:
        raise Unreadable("Ce fichier n'est plus là : rechargez-le.") from error
