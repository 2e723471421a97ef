"""Lists of schools' connections, as collectivities and operators keep them: CSV, whatever their habits."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ent.exchange.csv_rows import numbered_rows
from ent.kernel.text import folded
from tenants.liaison.models import Connectivity
from tenants.models import uai_is_valid

# 11,000 schools are 1 MB; nothing of this kind is larger.
LARGEST_BYTES = 5_000_000
FASTEST_MBPS = 100_000


class ConnectivityListError(Exception):
    """The file cannot be read as a list of connections; the message, in French, says what to do."""


@dataclass(frozen=True)
class Problem:
    """A line that could not be taken, and why."""

    line: int
    uai: str
    reason: str


@dataclass(frozen=True)
class ConnectivityRow:
    """What one line declares; None where it says nothing."""

    line: int
    uai: str
    technology: str | None
    down_mbps: float | None
    up_mbps: float | None
    is_white_zone: bool | None


@dataclass
class ConnectivityList:
    """What a file held."""

    rows: list[ConnectivityRow] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


# Names of columns, folded and without what is neither letter nor digit; the unit in brackets is read apart.
COLUMNS = {
    "uai": ("uai", "code uai", "numero uai", "uai etablissement", "rne", "code rne"),
    "technology": ("technologie", "techno", "type de connexion", "acces", "technology"),
    "down": ("debit descendant", "descendant", "debit reception", "download", "debit", "debit down", "down"),
    "up": ("debit montant", "montant", "debit emission", "upload", "debit up", "up"),
    "white": ("zone blanche", "en zone blanche", "zone blanche o n", "zb", "white zone"),
}
TECHNOLOGIES = {
    Connectivity.Technology.FIBRE: ("fibre", "ftth", "ftto", "ftte", "fttb", "fibre optique", "fo"),
    Connectivity.Technology.VDSL: ("vdsl", "vdsl2"),
    Connectivity.Technology.ADSL: ("adsl", "adsl2", "adsl2+", "sdsl", "xdsl", "dsl", "cuivre"),
    Connectivity.Technology.CABLE: ("cable", "coaxial", "hfc"),
    Connectivity.Technology.MOBILE: ("mobile", "4g", "5g", "4g fixe", "5g fixe", "4g ou 5g fixe", "lte"),
    Connectivity.Technology.RADIO: (
        "radio",
        "wimax",
        "thd radio",
        "hertzien",
        "fh",
        "radio wimax thd radio",
        "wifi max",
    ),
    Connectivity.Technology.SATELLITE: ("satellite", "sat", "satellitaire", "starlink"),
    Connectivity.Technology.NONE: ("aucune", "aucun", "neant", "pas de connexion", "none"),
}
_TECHNOLOGY = {spelling: technology for technology, spellings in TECHNOLOGIES.items() for spelling in spellings}
_YES, _NO = ("oui", "o", "1", "x", "vrai", "true", "yes", "zb"), ("non", "n", "0", "faux", "false", "no")
_UNKNOWN = ("", "-", "–", "nc", "n/c", "nd", "n/d", "inconnu", "?")
# What one of a unit is in Mbit/s.
_UNITS = {"k": 0.001, "m": 1.0, "g": 1000.0}


def read_connectivity(raw: bytes) -> ConnectivityList:
    """Read one file. Faulty lines are reported and left out, a faulty file raises."""
    lines = list(_lines(raw))
    if not lines:
        raise ConnectivityListError("Le fichier est vide : exportez de nouveau la liste des connexions.")
    _, header = lines[0]
    if isinstance(header, str):
        raise ConnectivityListError(f"La première ligne est illisible : {header}.")
    places, units = _places(header)
    found, seen = ConnectivityList(), {}
    for number, cells in lines[1:]:
        if isinstance(cells, str):
            found.problems.append(Problem(number, "", cells))
            continue
        if not any(cell.strip() for cell in cells):
            continue
        uai = _cell(cells, places["uai"]).upper().replace(" ", "")
        try:
            row = _row(number, uai, cells, places, units)
            if uai in seen:
                raise ValueError(f"établissement déjà déclaré ligne {seen[uai]}")
        except ValueError as error:
            found.problems.append(Problem(number, uai[:20], str(error)))
            continue
        seen[uai] = number
        found.rows.append(row)
    return found


def _lines(raw: bytes) -> Iterator[tuple[int, list[str] | str]]:
    """(line number in the file, cells), or the reason why a line has none."""
    if len(raw) > LARGEST_BYTES:
        raise ConnectivityListError("Le fichier dépasse 5 Mo : ce n’est pas une liste de connexions.")
    if b"\0" in raw[:4096] or raw[:4] in (b"PK\x03\x04", b"%PDF"):
        raise ConnectivityListError(
            "Ce n’est pas un fichier CSV : enregistrez la feuille au format CSV, puis renvoyez-la."
        )
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", errors="replace")
    header = next((line for line in text.splitlines() if line.strip()), "")
    for number, cells in numbered_rows(text.splitlines(keepends=True), max(";,\t", key=header.count)):
        yield number, "ligne illisible (champ trop long ou guillemet perdu)" if cells is None else cells


def _places(header: list[str]) -> tuple[dict[str, int], dict[str, float]]:
    """Where each column is, and the unit its title names."""
    places: dict[str, int] = {}
    units: dict[str, float] = {}
    for place, title in enumerate(header):
        name, unit = _split_unit(title)
        for column, names in COLUMNS.items():
            if name in names and column not in places:
                places[column] = place
                units[column] = unit
    missing = [label for column, label in (("uai", "UAI"),) if column not in places]
    if missing or len(places) < 2:
        raise ConnectivityListError(
            "Colonnes attendues : UAI, technologie, débit descendant, débit montant, zone blanche "
            "(UAI et au moins une autre), sur la première ligne."
        )
    return places, units


def _split_unit(title: str) -> tuple[str, float]:
    """« Débit descendant (kbit/s) » → (« debit descendant », 0.001)."""
    text = folded(title)
    unit = re.search(r"\b([kmg])(?:bit|b)(?:s|ps|/s|its)?\b(?:/s)?", text)
    name = re.sub(r"\(.*?\)|\b(en )?[kmg](bit|b)(s|ps|/s|its)?\b(/s)?", " ", text)
    return " ".join(re.findall(r"[a-z0-9]+", name)), _UNITS[unit[1]] if unit else 1.0


def _row(number: int, uai: str, cells: list[str], places: dict[str, int], units: dict[str, float]) -> ConnectivityRow:
    if not uai_is_valid(uai):
        raise ValueError("numéro d’établissement (UAI) manquant ou faux")

    def cell(column: str) -> str:
        return _cell(cells, places[column]) if column in places else ""

    row = ConnectivityRow(
        line=number,
        uai=uai,
        technology=_technology(cell("technology")),
        down_mbps=_speed(cell("down"), units.get("down", 1.0), "débit descendant"),
        up_mbps=_speed(cell("up"), units.get("up", 1.0), "débit montant"),
        is_white_zone=_white(cell("white")),
    )
    if row.technology is None and row.down_mbps is None and row.up_mbps is None and row.is_white_zone is None:
        raise ValueError("rien n’est déclaré sur cette ligne")
    return row


def _cell(cells: list[str], place: int) -> str:
    return cells[place].strip() if place < len(cells) else ""


def _technology(text: str) -> str | None:
    name = " ".join(re.findall(r"[a-z0-9+]+", folded(text)))
    if folded(text) in _UNKNOWN or not name:
        return None
    found = _TECHNOLOGY.get(name) or _TECHNOLOGY.get(name.split()[0])
    if found is None:
        known = ", ".join(spellings[0] for spellings in TECHNOLOGIES.values())
        raise ValueError(f"technologie inconnue « {text[:30]} » ; connues : {known}")
    return found


def _speed(text: str, unit: float, label: str) -> float | None:
    """« 8 », « 8,5 Mbit/s », « 512 kbit/s », « 1 Gb/s » in Mbit/s."""
    plain = folded(text).replace("\u202f", "").replace("\xa0", "").replace(" ", "").replace(",", ".")
    if plain in _UNKNOWN:
        return None
    match = re.fullmatch(r"(\d{1,9}(?:\.\d{1,6})?)(?:([kmg])(?:o|bit|bits|b|bps)?(?:/s|s|ps)?)?", plain)
    if match is None:
        raise ValueError(f"{label} illisible « {text[:30]} » : un nombre en Mbit/s")
    value = float(match[1]) * (_UNITS[match[2]] if match[2] else unit)
    if value > FASTEST_MBPS:
        raise ValueError(f"{label} impossible « {text[:30]} » : vérifiez l’unité (Mbit/s)")
    return value


def _white(text: str) -> bool | None:
    plain = folded(text).strip(" .")
    if plain in _UNKNOWN:
        return None
    if plain in _YES or plain == "zone blanche":
        return True
    if plain in _NO:
        return False
    raise ValueError(f"zone blanche illisible « {text[:30]} » : écrivez oui ou non")
