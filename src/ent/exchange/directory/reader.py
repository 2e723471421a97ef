"""The Ministry's open-data lists of schools (data.education.gouv.fr): four layouts, one kind of row."""

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ent.exchange.files import os_cause
from ent.exchange.naming import departement_of, presentable_school, presentable_town, school_kind
from ent.kernel.text import folded
from tenants.models import SchoolKind, uai_is_valid

LONGEST_FIELD = 20_000


class SchoolListError(Exception):
    """The file cannot be read as a list of schools; the message, in French, says what to do."""


@dataclass(frozen=True)
class Problem:
    """A row that could not be taken."""

    line: int
    uai: str
    reason: str


@dataclass(frozen=True)
class SchoolRow:
    """One school, whatever the layout."""

    uai: str
    name: str
    kind: str
    is_public: bool
    town: str
    postal_code: str
    departement: str
    academy: str
    latitude: float | None = None
    longitude: float | None = None
    headcount: int | None = None


@dataclass
class SchoolList:
    """What a file held: rows taken, rows left out by reason, rows with a fault."""

    layout: str
    rows: list[SchoolRow] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True)
class Layout:
    """Where a layout keeps things: column names, folded, first present wins."""

    label: str
    signature: frozenset[str]
    uai: str
    name: str
    kind: tuple[str, ...]
    sector: str
    town: str
    academy: str
    postal_code: str = ""
    departement: str = ""
    latitude: str = "latitude"
    longitude: str = "longitude"
    headcount: str = ""
    # Why a row is not a secondary school in use, or "".
    leaves_out: Callable[[dict[str, str]], str] = lambda row: ""


def _not_ours(row: dict[str, str]) -> str:
    """The official directory lists every kind of school, closed ones too."""
    if row.get("etat", "OUVERT").upper() not in ("OUVERT", ""):
        return "établissement fermé"
    kind = folded(row.get("type_etablissement", ""))
    if kind in ("ecole",) or row.get("ecole_elementaire") == "1" or row.get("ecole_maternelle") == "1":
        return "école primaire"
    if "medico" in kind:
        return "établissement médico-social"
    if "service administratif" in kind or "information et orientation" in kind:
        return "service administratif"
    if "section" in folded(row.get("libelle_nature", "")):
        return "section rattachée à un autre établissement"
    return ""


def _attached(row: dict[str, str]) -> str:
    """The compiled list holds sections that belong to another school."""
    attached = row.get("sous_type", "") in ("SEP", "SEGPA", "SGT", "GRETA", "SECTION") or (
        folded(row.get("type", "")).startswith("section") or folded(row.get("nom", "")).startswith("section ")
    )
    return "section rattachée à un autre établissement" if attached else ""


LAYOUTS = [
    Layout("liste de l'académie", frozenset({"uai", "nom", "sous_type", "statut"}), "uai", "nom",
           ("sous_type", "type", "nom"), "statut", "commune", "academie", "code_postal", "code_departement",
           headcount="effectif", leaves_out=_attached),
    Layout("annuaire de l'éducation", frozenset({"identifiant_de_l_etablissement", "nom_etablissement"}),
           "identifiant_de_l_etablissement", "nom_etablissement",
           ("nom_etablissement", "libelle_nature", "type_etablissement"),
           "statut_public_prive", "nom_commune", "libelle_academie", "code_postal", "code_departement",
           headcount="nombre_d_eleves", leaves_out=_not_ours),
    Layout("adresse et géolocalisation", frozenset({"numero_uai", "appellation_officielle"}), "numero_uai",
           "appellation_officielle", ("denomination_principale", "nature_uai_libe"), "secteur_public_prive_libe",
           "libelle_commune", "libelle_academie", "code_postal_uai", "code_departement"),
    Layout("IPS des lycées", frozenset({"uai", "nom_de_l_etablissment", "type_de_lycee"}), "uai",
           "nom_de_l_etablissment", ("nom_de_l_etablissment", "type_de_lycee"), "secteur", "nom_de_la_commune",
           "academie", departement="code_du_departement"),
]  # fmt: skip


def read_school_list(path: Path) -> SchoolList:
    """Read one file; the layout is told by its header. Faulty rows are reported, a faulty file raises."""
    text = _decoded(path)
    header, _, _ = text.partition("\n")
    delimiter = max(";,\t", key=header.count)
    csv.field_size_limit(LONGEST_FIELD)
    lines = csv.reader(text.splitlines(), delimiter=delimiter)
    try:
        columns = [_column(name) for name in next(lines)]
    except (StopIteration, csv.Error):
        raise SchoolListError(f"{path.name} est vide : téléchargez de nouveau la liste des établissements.") from None
    layout = next((one for one in LAYOUTS if one.signature <= set(columns)), None)
    if layout is None:
        raise SchoolListError(
            f"{path.name} : colonnes inconnues. Attendu, l'annuaire de l'éducation ou une liste d'adresses de "
            "data.education.gouv.fr, au format CSV."
        )
    found = SchoolList(layout.label)
    seen: set[str] = set()
    for number, values in _rows(lines, found):
        if not any(values):
            continue
        if len(values) != len(columns):
            reason = "nombre de colonnes différent de l'en-tête"
            if lines.line_num > number:
                reason = f"guillemet jamais refermé : rien n'est lu jusqu'à la ligne {lines.line_num}"
            found.problems.append(Problem(number, values[0][:20], reason))
            continue
        row = dict(zip(columns, (value.strip() for value in values), strict=True))
        if reason := layout.leaves_out(row):
            found.left_out[reason] += 1
            continue
        uai = row[layout.uai].upper()
        if not uai_is_valid(uai):
            found.problems.append(Problem(number, uai[:20], "numéro d'établissement (UAI) manquant ou faux"))
        elif uai in seen:
            found.problems.append(Problem(number, uai, "établissement déjà cité plus haut dans le fichier"))
        else:
            seen.add(uai)
            school = _school(layout, uai, row, number, found)
            if school.kind == SchoolKind.OTHER:
                found.left_out["ni collège ni lycée"] += 1
            else:
                found.rows.append(school)
    return found


def _rows(lines, found: SchoolList) -> Iterator[tuple[int, list[str]]]:
    while True:
        number = lines.line_num + 1
        try:
            yield number, next(lines)
        except StopIteration:
            return
        except csv.Error:
            found.problems.append(Problem(number, "", "ligne illisible (champ trop long ou guillemet perdu)"))


def _decoded(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise SchoolListError(f"{path} ne peut pas être lu : {os_cause(error)}.") from None
    if b"\0" in raw[:4096]:
        raise SchoolListError(f"{path.name} n'est pas un fichier CSV : exportez la liste au format CSV.")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def _column(name: str) -> str:
    """« Code postal », « Code_postal » → « code_postal »."""
    return re.sub(r"[^a-z0-9]+", "_", folded(name)).strip("_")


def _school(layout: Layout, uai: str, row: dict[str, str], line: int, found: SchoolList) -> SchoolRow:
    latitude, longitude = _number(row.get(layout.latitude, "")), _number(row.get(layout.longitude, ""))
    if latitude is None or longitude is None or not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        if row.get(layout.latitude):
            found.problems.append(Problem(line, uai, "coordonnées fausses, laissées de côté"))
        latitude = longitude = None
    headcount = _number(row.get(layout.headcount, ""))
    postal_code = row.get(layout.postal_code, "")
    return SchoolRow(
        uai=uai,
        name=presentable_school(row[layout.name]),
        kind=school_kind(*(row.get(column, "") for column in layout.kind)),
        is_public=folded(row.get(layout.sector, "")).startswith("public"),
        town=presentable_town(row.get(layout.town, "")),
        postal_code=postal_code.zfill(5)[:5] if postal_code else "",
        departement=_departement(row.get(layout.departement, "")) or departement_of(uai, postal_code),
        academy=row.get(layout.academy, "").title(),
        latitude=latitude,
        longitude=longitude,
        headcount=int(headcount) if headcount is not None and 0 <= headcount < 20_000 else None,
    )


def _number(text: str) -> float | None:
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        return None
    return value if value == value and abs(value) != float("inf") else None


def _departement(code: str) -> str:
    """« 003 », « 03 », « 3 » → « 03 »; « 02A » → « 2A »."""
    code = code.strip().upper().lstrip("0")
    return code.zfill(2) if len(code) == 1 else code
