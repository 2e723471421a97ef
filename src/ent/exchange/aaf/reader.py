"""Streaming reader of the academy's directory export (AAF).

Pure Python and lxml. Nothing is written, entities are never expanded, no DTD is loaded.
"""

from __future__ import annotations

import datetime
import hashlib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from lxml import etree

from ent.exchange.files import os_cause

ROOT = "ficAlimMENESR"
OPERATIONS = {"addRequest": "add", "modifyRequest": "modify", "deleteRequest": "delete"}
# Category in the file name -> our category, and what operationalAttributes say for it.
CATEGORIES = {"EtabEducNat": "structure", "MatiereEducNat": "subject", "MefEducNat": "programme"}
CATEGORIES |= {"PersEducNat": "staff", "PersRelEleve": "relative", "Eleve": "pupil"}
ANNOUNCED = {category: name for name, category in CATEGORIES.items()} | {"subject": "MatEducNat"}
KEYS = {"structure": "ENTStructureJointure", "subject": "ENTMatJointure", "programme": "ENTMefJointure"}
_PERSON = """ENTPersonJointure sn ENTPersonNomPatro ENTPersonAutresPrenoms personalTitle givenName mail
    ENTPersonDateNaissance ENTPersonSexe homePhone telephoneNumber mobile ENTPersonAdresse ENTPersonCodePostal
    ENTPersonVille ENTPersonPays ENTPersonStructRattach """
_STRUCTURE = """ENTStructureJointure ENTStructureUAI ENTEtablissementUAI ENTStructureSIREN ENTStructureNomCourant
    ENTStructureTypeStruct ENTStructureCodeTypeStruct ENTStructureMailSI ENTEtablissementMinistereTutelle street l
    ENTEtablissementContrat postOfficeBox postalCode telephoneNumber facsimileTelephoneNumber ENTEtablissementBassin
    ENTEtablissementStructRattachFctl ENTServAcAcademie ENTStructureClasses ENTStructureGroupes"""
_STAFF = """ENTPersonFonctions ENTPersonCategorieEnseignant ENTAuxEnsCategoDiscipline ENTAuxEnsDisciplinesPoste
    ENTAuxEnsMEF ENTAuxEnsMatiereEnseignEtab ENTAuxEnsClasses ENTAuxEnsGroupes ENTAuxEnsClassesMatieres
    ENTAuxEnsGroupesMatieres ENTAuxEnsClassesPrincipal PersEducNatPresenceDevantEleves"""
_PUPIL = """INE StructRattachId Classes Groupes DateEntreeClasses DateSortieClasses MEF LibelleMEF NivFormation Filiere
    CodeEnseignements Enseignements Regime Boursier Transport StatutEleve AdresseRel PersRelEleve Parents Pere Mere
    AutoriteParentale PersRelEleve1 QualitePersRelEleve1 PersRelEleve2 QualitePersRelEleve2"""
KNOWN_ATTRIBUTES = {
    "structure": frozenset(_STRUCTURE.split()),
    "subject": frozenset(("ENTMatJointure", "ENTLibelleMatiere")),
    "programme": frozenset(("ENTMefJointure", "ENTLibelleMef", "ENTMEFRattach", "ENTMEFSTAT11")),
    "staff": frozenset((_PERSON + _STAFF).split()),
    "relative": frozenset((_PERSON + "ENTAuxPersRelEleveEleve ENTPersonAdresseDiffusion ENTPersonMobileSMS").split()),
    "pupil": frozenset(_PERSON.split()) | {"ENTEleve" + name for name in _PUPIL.split()},
}

MAX_ODDITIES = 20_000  # per category; beyond, only counted
_MAX_BYTES_WITHOUT_RECORD = 32 * 1024 * 1024
_PROLOG = 64 * 1024
_SWEEP = 64  # finished records are dropped from memory this often
_FILE = re.compile(
    r"^(?P<prefix>.+)_(?P<kind>Complet|Delta)_(?P<date>[0-9]{6,10})"
    r"_(?P<category>[A-Za-z]+)_(?P<number>[0-9]+)\.xml$",
    re.IGNORECASE,
)
_UAI_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"


class ExportError(Exception):
    """The whole import must stop; the message (in French) says why and what to do."""


@dataclass(frozen=True, slots=True)
class Oddity:
    """Something strange that does not stop the import; `reason` is in French."""

    file: str
    id: str
    kind: str
    reason: str


@dataclass(slots=True)
class Record:
    """One request of the export; an empty attribute gives an empty list."""

    operation: str
    category: str
    id: str
    attributes: dict[str, list[str]]
    file: str


class _Source:
    """A binary file that refuses to be read on and on without a record coming out."""

    def __init__(self, handle: BinaryIO, name: str) -> None:
        self.handle, self.name, self.since_record = handle, name, 0

    def read(self, size: int = -1) -> bytes:
        chunk = self.handle.read(size)
        self.since_record += len(chunk)
        if self.since_record > _MAX_BYTES_WITHOUT_RECORD:
            raise ExportError(
                f"Le fichier « {self.name} » ne contient aucune fiche lisible sur plus de 32 Mo : "
                "ce n'est pas un fichier AAF. Redemandez l'export à l'académie."
            )
        return chunk


class Export:
    """A folder of AAF files, read record by record."""

    def __init__(
        self, folder: Path, kind: str, date: datetime.date | None, files: dict[str, list[Path]], oddities: list[Oddity]
    ) -> None:
        self.folder, self.kind, self.date, self.files = folder, kind, date, files
        self._oddities: dict[str, list[Oddity]] = {"": oddities}
        self.unlisted_oddities: dict[str, int] = {}

    @classmethod
    def open(cls, folder: Path) -> Export:
        """Look at the file names only; raise ExportError if this is no usable export."""
        folder = Path(folder)
        try:
            entries = sorted((p for p in folder.iterdir() if p.is_file()), key=lambda p: p.name)
        except OSError as error:
            raise ExportError(
                f"Le dossier « {folder} » ne peut pas être lu : {os_cause(error)}. "
                "Vérifiez le chemin et les droits d'accès."
            ) from error
        if not entries:
            raise ExportError(f"Le dossier « {folder} » est vide. Déposez-y les fichiers de l'export AAF.")
        oddities: list[Oddity] = []
        found: dict[str, list[tuple[datetime.date | None, int, Path]]] = {}
        kinds: set[str] = set()
        undated: list[str] = []
        by_name = {name.lower(): category for name, category in CATEGORIES.items()}
        for path in entries:
            if path.suffix.lower() != ".xml":
                continue
            match = _FILE.match(path.name)
            if match is None:
                oddities.append(Oddity(path.name, "", "file", "Nom de fichier non reconnu : fichier ignoré."))
                continue
            category = by_name.get(match["category"].lower())
            if category is None:
                reason = f"Catégorie « {match['category']} » inconnue : fichier ignoré."
                oddities.append(Oddity(path.name, "", "file", reason))
                continue
            kinds.add(match["kind"].capitalize())
            date = _file_date(match["date"])
            if date is None or len(match["date"]) != 8:
                undated.append(path.name)
            found.setdefault(category, []).append((date, int(match["number"]), path))
        if not found:
            raise ExportError(
                f"Le dossier « {folder} » ne contient aucun fichier AAF (par exemple "
                "« ENT_Complet_20250901_Eleve_0000.xml »). Vérifiez que l'archive a bien été décompressée ici."
            )
        if len(kinds) > 1:
            raise ExportError(
                f"Le dossier « {folder} » mélange un export complet et un export différentiel (Delta). "
                "Séparez-les dans deux dossiers et importez d'abord le complet."
            )
        for name in undated:
            oddities.append(Oddity(name, "", "file", "La date dans le nom du fichier est inhabituelle."))
        dates = sorted({item[0] for items in found.values() for item in items if item[0]})
        if len(dates) > 1:
            reason = "Le dossier contient des fichiers de plusieurs dates : les plus récents l'emportent."
            oddities.append(Oddity("", "", "file", reason))
        for category, items in found.items():
            oddities.extend(_gaps(category, items))
        oldest = datetime.date.min
        files: dict[str, list[Path]] = {}
        for category in CATEGORIES.values():  # structures first; within a category, the newest file first
            items = sorted(found.get(category, ()), key=lambda i: (-(i[0] or oldest).toordinal(), i[1], i[2].name))
            if items:
                files[category] = [path for *_, path in items]
        return cls(folder, kinds.pop(), dates[-1] if dates else None, files, oddities)

    @property
    def oddities(self) -> list[Oddity]:
        """What has been noticed so far: complete once every category has been read."""
        return [oddity for group in self._oddities.values() for oddity in group]

    def records(self, category: str) -> Iterator[Record]:
        """Read one category, file after file, in constant memory (identifiers apart)."""
        self._oddities[category] = []
        self.unlisted_oddities.pop(category, None)
        seen: set[str] = set()
        strange: set[str] = set()
        for path in self.files.get(category, ()):
            yield from self._read(path, category, seen, strange)

    def include(self, other: Export, categories: Sequence[str]) -> None:
        """Take over what another process noticed in these categories."""
        for category in categories:
            if category in other._oddities:
                self._oddities[category] = other._oddities[category]
            if category in other.unlisted_oddities:
                self.unlisted_oddities[category] = other.unlisted_oddities[category]

    def digest(self) -> str:
        """SHA-256 over the names and contents of the files, streamed."""
        total = hashlib.sha256()
        for path in sorted((p for paths in self.files.values() for p in paths), key=lambda p: p.name):
            try:
                with path.open("rb") as handle:
                    content = hashlib.file_digest(handle, "sha256").hexdigest()
            except OSError as error:
                raise _unreadable(path, error) from error
            total.update(f"{path.name}\0{content}\n".encode("utf-8", "surrogateescape"))
        return total.hexdigest()

    def _note(self, category: str, file: str, identifier: str, kind: str, reason: str) -> None:
        group = self._oddities[category]
        if len(group) < MAX_ODDITIES:
            group.append(Oddity(file, identifier, kind, reason))
        else:
            self.unlisted_oddities[category] = self.unlisted_oddities.get(category, 0) + 1

    def _read(self, path: Path, category: str, seen: set[str], strange: set[str]) -> Iterator[Record]:
        name = path.name
        known, announced, key = KNOWN_ATTRIBUTES[category], ANNOUNCED[category], KEYS.get(category, "ENTPersonJointure")
        try:
            handle = path.open("rb")
        except OSError as error:
            raise _unreadable(path, error) from error
        with handle:
            try:
                for operation, element in _requests(handle, name):
                    identifier, said, attributes, damaged = _content(element)
                    if not identifier:
                        reason = f"Fiche sans identifiant (ligne {element.sourceline}) : ignorée."
                        self._note(category, name, "", "id", reason)
                        continue
                    if identifier in seen:
                        reason = "Identifiant déjà lu : seule la première fiche compte."
                        self._note(category, name, identifier, "duplicate", reason)
                        continue
                    seen.add(identifier)
                    if said != announced:
                        reason = f"La fiche annonce la catégorie « {said} » dans un fichier « {announced} »."
                        self._note(category, name, identifier, "category", reason)
                    if damaged:
                        reason = "Entité XML non interprétée : le texte peut être incomplet."
                        self._note(category, name, identifier, "entity", reason)
                    if not known.issuperset(attributes):
                        for attribute in sorted(attributes.keys() - known - strange):
                            strange.add(attribute)
                            reason = f"Attribut inconnu « {attribute} » : conservé à part (signalé une seule fois)."
                            self._note(category, name, identifier, "attribute", reason)
                    joint = attributes.get(key)
                    if joint and joint[0] != identifier:
                        reason = f"Clé de jointure « {joint[0]} » autre que l'identifiant : l'identifiant fait foi."
                        self._note(category, name, identifier, "id", reason)
                    yield Record(operation, category, identifier, attributes, name)
            except etree.XMLSyntaxError as error:
                raise ExportError(
                    f"Le fichier « {name} » est illisible à la ligne {error.lineno or 1} : {_cause(error)}. "
                    "Rien n'a été importé. Redemandez l'export à l'académie ou copiez-le de nouveau."
                ) from error
            except OSError as error:
                raise _unreadable(path, error) from error


def _requests(handle: BinaryIO, name: str) -> Iterator[tuple[str, etree._Element]]:
    """Yield (operation, element), forgetting finished elements as it goes."""
    head = handle.read(_PROLOG).replace(b"\0", b"")
    handle.seek(0)
    if b"<!ENTITY" in head:
        raise _entities(name)
    source = _Source(handle, name)
    safe = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}
    parser = etree.iterparse(
        source, events=("end",), tag=tuple(OPERATIONS), remove_comments=True, remove_pis=True, **safe
    )
    root: etree._Element | None = None
    pending = 0
    for _, element in parser:
        parent = element.getparent()
        if root is None:
            root = element.getroottree().getroot()
            _check_root(root, name)
        if parent is not root:
            raise ExportError(
                f"Le fichier « {name} » est illisible à la ligne {element.sourceline} : une fiche est placée "
                "dans une autre. Redemandez l'export à l'académie."
            )
        source.since_record = 0
        yield OPERATIONS[element.tag], element
        pending += 1
        if pending >= _SWEEP:
            del root[: root.index(element)]  # what follows may be read ahead already
            pending = 0
    if root is None:
        _check_root(parser.root, name)


def _check_root(root: etree._Element, name: str) -> None:
    if root.tag != ROOT:
        raise ExportError(
            f"Le fichier « {name} » n'est pas un fichier AAF : sa racine (ligne {root.sourceline}) est « {root.tag} » "
            f"au lieu de « {ROOT} ». Retirez-le du dossier ou redemandez l'export à l'académie."
        )
    subset = root.getroottree().docinfo.internalDTD
    if subset is not None and next(subset.iterentities(), None) is not None:
        raise _entities(name)


def _content(element: etree._Element) -> tuple[str, str, dict[str, list[str]], bool]:
    """Identifier, announced category, attributes, and whether an entity was left out."""
    identifier = said = ""
    attributes: dict[str, list[str]] = {}
    values: list[str] = []
    damaged = next(element.iter(etree.Entity), None) is not None
    for part in element:
        tag = part.tag
        if tag == "attributes" or tag == "modifications":
            for node in part.iter("attr", "modification", "value"):  # each attribute, then its values
                if node.tag != "value":
                    values = attributes.setdefault(node.get("name", ""), [])
                    continue
                text = node.text
                if damaged:
                    text = (text or "") + "".join(child.tail or "" for child in node)
                if text and (text := text.strip()):
                    values.append(text)
        elif tag == "identifier":
            identifier = (part.findtext("id") or "").strip()
        elif tag == "operationalAttributes":
            said = (part.findtext("attr/value") or "").strip()
    return identifier, said, attributes, damaged


def _entities(name: str) -> ExportError:
    return ExportError(
        f"Le fichier « {name} » (en-tête, ligne 1 et suivantes) définit des entités XML, ce qu'un export AAF "
        "ne fait jamais : il est refusé par sécurité. Redemandez l'export à l'académie."
    )


def _unreadable(path: Path, error: OSError) -> ExportError:
    return ExportError(
        f"Le fichier « {path.name} » ne peut pas être lu : {os_cause(error)}. Vérifiez le disque et les droits d'accès."
    )


def _cause(error: etree.XMLSyntaxError) -> str:
    """The parser's message, in plain French."""
    text = str(error).lower()
    causes = (
        (("empty", "start tag expected", "no element found"), "il est vide ou n'est pas du XML"),
        (("encod", "utf-8", "bytes:"), "l'encodage annoncé n'est pas celui du contenu"),
        (("entit", "amplification", "loop"), "il contient une entité XML interdite"),
        (("huge", "limit", "too long", "excessive"), "une valeur est démesurée"),
        (("premature", "end tag", "ended", "eof", "not found", "finished"), "il est tronqué ou abîmé"),
    )
    for words, cause in causes:
        if any(word in text for word in words):
            return cause
    return "il est tronqué ou abîmé (XML mal formé)"


def _file_date(digits: str) -> datetime.date | None:
    """20130117, or nine digits with one superfluous zero (201300408)."""
    candidates = [digits] if len(digits) == 8 else []
    if len(digits) == 9:
        candidates = [digits[:i] + digits[i + 1 :] for i in range(4, 9) if digits[i] == "0"]
    for candidate in candidates:
        try:
            return datetime.date(int(candidate[:4]), int(candidate[4:6]), int(candidate[6:]))
        except ValueError:
            continue
    return None


def _gaps(category: str, items: Sequence[tuple[datetime.date | None, int, Path]]) -> Iterator[Oddity]:
    """One oddity per hole in the numbering of a category's files, for each date."""
    series: dict[datetime.date | None, dict[int, str]] = defaultdict(dict)
    for date, number, path in items:
        series[date][number] = path.name
    for numbers in series.values():
        expected = 0
        for number in sorted(numbers):
            if number > expected:
                holes = f"{expected:04d}" + ("" if number == expected + 1 else f" à {number - 1:04d}")
                reason = f"Fichier manquant dans la série « {ANNOUNCED[category]} » : {holes}. L'export est-il entier ?"
                yield Oddity(numbers[number], "", "file", reason)
            expected = number + 1


# --- Parsing of values -------------------------------------------------------------------------

_KINSHIPS = {
    **dict.fromkeys(("1", "20"), "father"),
    **dict.fromkeys(("2", "10"), "mother"),
    **dict.fromkeys((str(n) for n in (4, 37, 38, 39, *range(41, 52))), "other_relative"),
    **dict.fromkeys(("3", "50"), "guardian"),
    **dict.fromkeys(("5", "90"), "child_welfare"),
    "6": "other",
    **dict.fromkeys(("7", "70"), "self"),
}


@dataclass(frozen=True, slots=True)
class Kinship:
    """What a relative is to a pupil; rights hang on `legal_rank` (0: none)."""

    relative_id: str
    kinship: str
    pays: bool
    legal_rank: int
    contact: bool
    paid: bool


def parse_date(text: str | None) -> datetime.date | None:
    """`dd/mm/yyyy`; anything else, or an impossible day, gives None."""
    match = re.fullmatch(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})", (text or "").strip())
    if match is None:
        return None
    try:
        return datetime.date(int(match[3]), int(match[2]), int(match[1]))
    except ValueError:
        return None


def split_composite(value: str, n: int) -> tuple[str, ...]:
    """Exactly n stripped parts of a `$` composite: padded with "", what is left over stays in the last."""
    parts = [part.strip() for part in value.split("$", n - 1)]
    return tuple(parts + [""] * (n - len(parts)))


def parse_kinship(value: str) -> Kinship | None:
    """One value of ENTElevePersRelEleve; an unclear legal authority gives no right at all."""
    parts = [part.strip() for part in value.split("$")] + [""] * 6
    relative, code, pays, rank, contact, paid = parts[:6]
    if not relative:
        return None
    kinship = _KINSHIPS.get(code.lstrip("0"), "other")
    return Kinship(relative, kinship, pays == "1", int(rank) if rank in ("1", "2") else 0, contact == "1", paid == "1")


def kinships(attributes: Mapping[str, Sequence[str]]) -> tuple[list[Kinship], list[str]]:
    """The pupil's relatives, and the values that could not be read.

    The deprecated attributes serve only where ENTElevePersRelEleve is absent (not: empty).
    """
    if "ENTElevePersRelEleve" not in attributes:
        return _legacy_kinships(attributes), []
    found: dict[str, Kinship] = {}
    unread: list[str] = []
    for value in attributes["ENTElevePersRelEleve"]:
        kinship = parse_kinship(value)
        if kinship is None or found.setdefault(kinship.relative_id, kinship) != kinship:
            unread.append(value)
    return list(found.values()), unread


def _legacy_kinships(attributes: Mapping[str, Sequence[str]]) -> list[Kinship]:
    def values(name: str) -> Sequence[str]:
        return attributes.get(name, ())

    fathers, mothers = set(values("ENTElevePere")), set(values("ENTEleveMere"))
    parents = set(values("ENTEleveParents")) | fathers | mothers
    authority = list(dict.fromkeys(values("ENTEleveAutoriteParentale")))
    ranks = {relative: min(position, 2) for position, relative in enumerate(authority, 1)}
    contacts = [*values("ENTElevePersRelEleve1"), *values("ENTElevePersRelEleve2")]
    order = [*authority, *values("ENTElevePere"), *values("ENTEleveMere"), *values("ENTEleveParents"), *contacts]
    result = []
    for relative in dict.fromkeys(order):
        if relative in fathers:
            kinship = "father"
        elif relative in mothers:
            kinship = "mother"
        else:
            kinship = "guardian" if relative in ranks and relative not in parents else "other"
        rank = ranks.get(relative, 0)
        result.append(Kinship(relative, kinship, False, rank, rank > 0 or relative in contacts, False))
    return result


def presentable_name(text: str | None) -> str:
    """A name as people write it: "D'ARC" gives "D'Arc"; mixed case ("McKay") is left alone."""
    clean = unicodedata.normalize("NFC", text or "")
    clean = "".join(" " if unicodedata.category(c) in ("Cc", "Cs", "Cn") else c for c in clean)
    words = re.split(r"([\s'’\-]+)", " ".join(clean.split()))
    return "".join(w[:1].upper() + w[1:].lower() if w.isupper() or w.islower() else w for w in words)


def check_uai(uai: str | None) -> bool:
    """Seven digits and their check letter."""
    uai = uai or ""
    return re.fullmatch(r"[0-9]{7}[A-Z]", uai) is not None and _UAI_LETTERS[int(uai[:7]) % 23] == uai[7]
