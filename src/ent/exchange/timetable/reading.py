"""A file received by the school, read by what it contains, not by its name."""

import io
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile

from ent.exchange.timetable import edt, ics, sts, table, udt
from ent.exchange.timetable.archive import Archive
from ent.exchange.timetable.markup import root
from ent.exchange.timetable.schedule import Schedule, Unreadable
from ent.school.people.models import Person
from ent.school.structure.models import Division, SchoolYear
from ent.school.timetable.models import TimeSlot, TimetableImport, still_open

KNOWN = (
    "Formats lus : export XML d'EDT, archive ZIP d'UnDeuxTemps, export XML de STS-web, calendrier iCalendar (.ics), "
    "tableau CSV."
)


def receive(file: UploadedFile, owner: dict[str, str], person_id: UUID) -> TimetableImport:
    """Keep a file sent by the school, once it is known that it can be read; `Unreadable` in French."""
    content = file.read()
    run = TimetableImport(file_name=(file.name or "")[:200], mapping=owner, uploaded_by_id=person_id)
    run.format = kind_of(content)
    year = current_year()
    if run.format == "csv":  # its columns are named on the next page
        run.mapping["guessed"] = _as_before(content) or table.guess(content)
    else:
        _read(run, content, year, {})
    run.file.save("timetable", ContentFile(content), save=False)
    run.save()
    return run


def read_import(run: TimetableImport, year: SchoolYear, columns: dict[str, str]) -> Schedule:
    """The schedule of a received file, a table's `columns` being what `columns_of` says; `Unreadable` in French."""
    return _read(run, _content(run), year, columns)


def current_year() -> SchoolYear:
    """The year that files are read for; `Unreadable` in French before it is open."""
    year = SchoolYear.objects.filter(is_current=True).first()
    if year is None:
        raise Unreadable("L'année scolaire n'est pas encore ouverte ici : importez d'abord l'annuaire.")
    return year


def _read(run: TimetableImport, content: bytes, year: SchoolYear, columns: dict[str, str]) -> Schedule:
    if run.format == "edt":
        return _of_year(edt.read(io.BytesIO(content)), year)
    if run.format == "sts":
        return _of_year(sts.read(io.BytesIO(content)), year)
    if run.format == "udt":
        return _of_year(udt.read(content), year)
    if run.format == "ics":
        return _calendar(run, content, year)
    slots = [table.Slot(one.label, one.starts_at, one.ends_at) for one in TimeSlot.objects.filter(still_open())]
    return table.read(content, columns, slots)


def _of_year(found: Schedule, year: SchoolYear) -> Schedule:
    """A file of another year would empty this one's timetable."""
    if found.starts_on and found.ends_on and (found.ends_on < year.starts_on or found.starts_on > year.ends_on):
        raise Unreadable(
            f"Ce fichier est celui de l'année {found.starts_on.year}-{found.ends_on.year}, alors que l'année en cours "
            f"est {year.label} : exportez celui de cette année."
        )
    return found


def kind_of(content: bytes) -> str:
    """« edt », « sts », « udt », « ics » or « csv »; `Unreadable` for what is none of them."""
    head = content[:4096]
    if not head.strip():
        raise Unreadable("Ce fichier est vide : refaites l'export.")
    if head.startswith(b"PK"):
        return _kind_of_archive(content)
    plain = head.removeprefix(b"\xef\xbb\xbf").replace(b"\0", b"").removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff")
    if plain.lstrip()[:15].upper() == b"BEGIN:VCALENDAR":
        return "ics"
    if plain.lstrip().startswith(b"<"):
        return _kind_of_xml(content)
    if plain.startswith((b"#!", b"MZ", b"\x7fELF", b"%PDF")):
        raise Unreadable(f"Ce fichier n'est pas un emploi du temps. {KNOWN}")
    if not table.has_hours(content):
        raise Unreadable(
            f"Ce fichier n'est pas un emploi du temps : aucune de ses lignes n'a de jour ni d'heure. {KNOWN}"
        )
    return "csv"


def _kind_of_archive(content: bytes) -> str:
    archive = Archive(content)
    if udt.is_udt(archive):
        return "udt"
    if "[content_types].xml" in archive.names() or "content.xml" in archive.names():
        raise Unreadable("C'est un classeur : dans le tableur, enregistrez la feuille au format CSV, puis chargez-la.")
    raise Unreadable(f"Cette archive n'a pas d'emploi du temps d'UnDeuxTemps (UDCal_….xml). {KNOWN}")


def _kind_of_xml(content: bytes) -> str:
    name, attributes = root(io.BytesIO(content))
    if name == edt.ENCRYPTED_ROOT:
        return "edt"
    if name in (edt.ROOT, sts.ROOT):
        return {edt.ROOT: "edt", sts.ROOT: "sts"}[name]
    if name == "timetable" and "ascttversion" in attributes:
        raise Unreadable("C'est un export XML d'aSc Timetables, qui n'est pas lu : exportez-le au format CSV.")
    raise Unreadable(f"Ce fichier XML n'est pas un emploi du temps connu (« {name[:60]} »). {KNOWN}")


def columns_of(run: TimetableImport) -> tuple[list[str], dict[str, str], list[list[str]]]:
    """The columns of a table, what each is taken for, and its first lines; nothing for other formats."""
    if run.format != "csv":
        return [], {}, []
    content = _content(run)
    columns = run.mapping.get("columns") or run.mapping.get("guessed") or table.guess(content)
    return table.header(content), columns, table.samples(content)


def save_columns(run: TimetableImport, columns: dict[str, str]) -> None:
    """Keep what the school says of a table's columns, for this file and the next ones with the same heading."""
    run.mapping = run.mapping | {"columns": columns}
    run.save(update_fields=["mapping"])


def _as_before(content: bytes) -> dict[str, str]:
    """What the school said of the last file that had the same columns."""
    names = table.header(content)
    for known in TimetableImport.objects.filter(mapping__has_key="columns").values_list("mapping__columns", flat=True):
        if any(known.values()) and all(column in names for column in known.values() if column):
            return known
    return {}


def _calendar(run: TimetableImport, content: bytes, year: SchoolYear) -> Schedule:
    teacher, division = run.mapping.get("teacher"), run.mapping.get("division")
    if bool(teacher) == bool(division):
        raise Unreadable("Dites de qui est ce calendrier : d'un enseignant, ou d'une classe.")
    try:
        if teacher:
            person = Person.objects.get(pk=UUID(teacher))
            owner = ics.Owner("teacher", teacher, f"{person.last_name} {person.first_name}")
        else:
            owner = ics.Owner("division", division, Division.objects.get(pk=UUID(division)).code)
    except (Person.DoesNotExist, Division.DoesNotExist) as error:
        raise Unreadable("Celui dont c'est le calendrier n'est plus ici : rechargez le fichier.") from error
    return ics.read(content, owner, year.starts_on, year.ends_on)


def _content(run: TimetableImport) -> bytes:
    try:
        with run.file.open("rb") as file:
            return file.read()
    except (FileNotFoundError, ValueError) as error:
        raise Unreadable("Ce fichier n'est plus là : rechargez-le.") from error
