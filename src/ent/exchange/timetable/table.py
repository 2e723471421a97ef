"""A table (CSV) of weekly lessons, one a line, whose columns the school names.

Several people, classes or rooms in one cell are separated by « , », « ; », « | », « + », a line break, or « / » with a
space around it (« 6A/B » is one). Hours may be written, or be lines of the school's own grid (« M1 », « 3 »): GP-Untis
exports (GPU001.TXT, whose eight columns have no heading) count hours so. Lines that bear the same lesson number at the
same hours are one lesson. The project has no reader of .xlsx: it is refused with what to do.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import time
from typing import NamedTuple

from ent.exchange.csv_rows import numbered_rows
from ent.exchange.timetable.schedule import (
    MAX_LESSONS,
    MAX_NAMED,
    Named,
    Oddities,
    Schedule,
    ScheduledLesson,
    Unreadable,
    bounded,
    keyed,
    parse_time,
)
from ent.kernel.text import folded

FIELDS = {"day": "Jour", "starts": "Début", "ends": "Fin", "subject": "Matière", "teachers": "Enseignants",
          "divisions": "Classes", "groups": "Groupes", "rooms": "Salles", "week": "Semaine (A ou B)",
          "lesson": "Numéro de cours"}  # fmt: skip
NEEDED = ("day", "starts", "ends")
PEOPLE = ("teachers", "divisions", "groups", "rooms")
# The titles by which a column is guessed (folded, letters and digits only).
TITLES = {
    "day": ("jour", "jours", "jour de la semaine", "day", "weekday"),
    "starts": ("debut", "heure de debut", "heure debut", "h debut", "hdebut", "heuredebut", "de", "start", "heure",
               "creneau", "period"),
    "ends": ("fin", "heure de fin", "heure fin", "h fin", "hfin", "heurefin", "a", "end"),
    "subject": ("matiere", "discipline", "cours", "enseignement", "mat libelle", "libelle", "libelle matiere",
                "subject"),
    "teachers": ("enseignants", "enseignant", "professeurs", "professeur", "prof", "profs", "enseignant s", "teacher",
                 "teachers"),
    "divisions": ("classes", "classe", "divisions", "division", "classe s", "class"),
    "groups": ("groupes", "groupe", "groupe s", "group"),
    "rooms": ("salles", "salle", "salle s", "lieu", "room", "classroom"),
    "week": ("semaine", "semaines", "quinzaine", "alternance", "alternances", "frequence", "semaine a b", "week"),
    "lesson": ("numero de cours", "n cours", "no cours", "lesson"),
}  # fmt: skip
# GPU001.TXT of GP-Untis: lesson number, class, teacher, subject, room, day, period, length.
UNTIS = ("lesson", "divisions", "teachers", "subject", "rooms", "day", "starts")
_DAYS = (("lundi", "monday"), ("mardi", "tuesday"), ("mercredi", "wednesday"), ("jeudi", "thursday"),
         ("vendredi", "friday"), ("samedi", "saturday"), ("dimanche", "sunday"))  # fmt: skip
_DAY_NAMES = frozenset(name for names in _DAYS for day in names for name in (day, day[:3]))
_EVERY = ("", "toutes", "toutes les semaines", "tous", "ab", "a et b", "a b", "hebdo", "hebdomadaire", "h")
_PATTERN = re.compile(r"(?:s|sem|semaine|semaines|quinzaine)? ?([ab])")
_SEPARATORS = re.compile(r"[,;|+\n]| / ")
# Of a spreadsheet that says its separator itself.
_SAID = re.compile(r"sep=(.)\s*", re.IGNORECASE)
_NO_TEXT = (
    "Ce fichier n'est pas un tableau : dans le tableur, enregistrez la feuille au format CSV, avec une première ligne "
    "qui nomme les colonnes, puis rechargez-la."
)
LONGEST_NAME = 100
# In one cell.
MAX_NAMES = 60
SAMPLED = 3


class Slot(NamedTuple):
    """A line of the school's grid of hours."""

    label: str
    starts: time
    ends: time


def header(content: bytes) -> list[str]:
    """The names of the columns (« Colonne 1 »… where the file does not name them); `Unreadable` if it is no table."""
    return _titles(_first(content))


def has_hours(content: bytes) -> bool:
    """Whether some of the first lines hold a day or an hour: a script or a letter with commas does not."""
    first, slots = _first(content), 0
    for _, cells in _lines(content, 20):
        cells = [] if isinstance(cells, str) else [cell.strip() for cell in cells]
        if any(_plain(cell) in _DAY_NAMES or parse_time(cell) is not None for cell in cells):
            return True
        slots += len(cells) >= len(UNTIS) and cells[5].isdigit() and cells[6].isdigit()
    return _is_bare(first) and slots > 0


def samples(content: bytes) -> list[list[str]]:
    """The first lines under the heading, to tell columns by what they hold."""
    rows = [cells for _, cells in _lines(content, SAMPLED + 1) if not isinstance(cells, str)]
    return [[cell.strip()[:40] for cell in row] for row in (rows if _is_bare(rows[0]) else rows[1:])][:SAMPLED]


def guess(content: bytes) -> dict[str, str]:
    """Which column is likely what (field → column, or "")."""
    first, names = _first(content), header(content)
    if _is_bare(first):
        is_untis = len(first) >= len(UNTIS) and all(first[at].strip().isdigit() for at in (0, 5, 6))
        return {name: names[UNTIS.index(name)] if is_untis and name in UNTIS else "" for name in FIELDS}
    found: dict[str, str] = {}
    for name in names:
        plain = _plain(name)
        what = next((what for what, titles in TITLES.items() if plain in titles), "")
        if what and what not in found:
            found[what] = name
    return {name: found.get(name, "") for name in FIELDS}


def read(content: bytes, mapping: Mapping[str, str], slots: Sequence[Slot] = ()) -> Schedule:
    """The lessons of a table, its columns being named by `mapping` (field → column).

    Faulty lines are told and left out.
    """
    names = header(content)
    places = {what: names.index(column) for what, column in mapping.items() if column in names and what in FIELDS}
    missing = [FIELDS[what] for what in NEEDED if what not in places and not (what == "ends" and slots)]
    if missing:
        raise Unreadable(f"Dites quelle colonne est : {', '.join(missing)}.")
    reading = _Reading(slots)
    lines = _lines(content)
    if not _is_bare(_first(content)):
        next(line for line in lines if not isinstance(line[1], str))
    for number, cells in lines:
        if isinstance(cells, str):
            reading.oddities.note(f"Ligne {number}", cells)
        elif any(cell.strip() for cell in cells):
            reading.take(number, {w: cells[p].strip() if p < len(cells) else "" for w, p in places.items()})
    return reading.schedule()


@dataclass
class _Together:
    """What the lines of one lesson say of it, together."""

    weekday: int
    starts: time
    ends: time
    pattern: str
    subject: str
    people: dict[str, dict[str, None]] = field(default_factory=lambda: {what: {} for what in PEOPLE})


class _Reading:
    def __init__(self, slots: Sequence[Slot]) -> None:
        self.slots = slots
        self.found = Schedule("csv")
        self.named = {"subject": self.found.subjects, "teachers": self.found.teachers,
                      "divisions": self.found.divisions, "groups": self.found.groups,
                      "rooms": self.found.rooms}  # fmt: skip
        self.lessons: dict[tuple, _Together] = {}
        self.oddities = Oddities()
        self.seen: dict[tuple[str, ...], int] = {}

    def take(self, number: int, row: dict[str, str]) -> None:
        """One line of the file."""
        content = tuple(folded(value) for value in row.values())
        if content in self.seen:
            self.oddities.note(f"Ligne {number}", f"Même cours qu'à la ligne {self.seen[content]} : laissée de côté.")
            return
        self.seen[content] = number
        try:
            self._lesson(number, row)
        except ValueError as error:
            self.oddities.note(f"Ligne {number}", f"{error} : ligne laissée de côté.")

    def _lesson(self, number: int, row: dict[str, str]) -> None:
        starts, ends = self._hours(row["starts"], row.get("ends", ""))
        if ends <= starts:
            raise ValueError(f"Le cours finit ({row['ends'][:20]}) avant de commencer ({row['starts'][:20]})")
        weekday, pattern = _weekday(row["day"]), _pattern(row.get("week", ""))
        names = {what: _split(row.get(what, "")) for what in PEOPLE}
        if not names["teachers"] and not names["divisions"] and not names["groups"]:
            raise ValueError("Ni enseignant, ni classe, ni groupe")
        subject = self._key("subject", row.get("subject", "")) if row.get("subject") else ""
        same = (row.get("lesson") or number, weekday, starts, ends, pattern, subject)
        lesson = self.lessons.setdefault(same, _Together(weekday, starts, ends, pattern, subject))
        for what, those in names.items():
            lesson.people[what].update(dict.fromkeys(self._key(what, name) for name in those))

    def _hours(self, begins: str, finishes: str) -> tuple[time, time]:
        slot, last = self._slot(begins), self._slot(finishes)
        starts = slot.starts if slot else _hour(begins, "début")
        if last:
            return starts, last.ends
        if not finishes and slot:
            return starts, slot.ends
        return starts, _hour(finishes, "fin")

    def _slot(self, text: str) -> Slot | None:
        """« M1 », or « 3 » for the third, of the school's grid."""
        named = next((slot for slot in self.slots if folded(slot.label) == folded(text)), None)
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 3 else 0
        return named or (self.slots[number - 1] if 1 <= number <= len(self.slots) else None)

    def _key(self, what: str, name: str) -> str:
        """A name is its own key, whatever its accents and capitals."""
        name = " ".join(name.split())[:LONGEST_NAME]
        key = folded(name)
        if key not in self.named[what]:
            bounded(sum(map(len, self.named.values())), MAX_NAMED, "noms")
            self.named[what][key] = Named(key, name)
        return key

    def schedule(self) -> Schedule:
        """All that was read."""
        self.found.lessons = [
            ScheduledLesson(
                key="", weekday=one.weekday, starts=one.starts, ends=one.ends, pattern=one.pattern,
                subject=one.subject, teachers=tuple(one.people["teachers"]), divisions=tuple(one.people["divisions"]),
                groups=tuple(one.people["groups"]), rooms=tuple(one.people["rooms"]),
            )
            for one in self.lessons.values()
        ]  # fmt: skip
        self.found.oddities = self.oddities.all()
        return keyed(self.found)


def _split(cell: str) -> list[str]:
    names = [name for text in _SEPARATORS.split(cell) if (name := " ".join(text.split()))]
    if len(names) > MAX_NAMES:
        raise ValueError(f"Plus de {MAX_NAMES} noms dans une cellule")
    return names


def _weekday(text: str) -> int:
    plain = _plain(text)
    if plain in tuple("1234567"):
        return int(plain)
    alike = {number for number, names in enumerate(_DAYS, 1) if plain and any(day.startswith(plain) for day in names)}
    if len(alike) != 1:
        raise ValueError(f"Jour inconnu « {text[:20]} » (écrivez lundi, mardi…)")
    return alike.pop()


def _hour(text: str, label: str) -> time:
    hour = parse_time(text)
    if hour is None:
        raise ValueError(f"Heure de {label} illisible « {text[:20]} » (par exemple 8h30 ou 08:30)")
    return hour


def _pattern(text: str) -> str:
    plain = _plain(text)
    if plain in _EVERY:
        return ""
    match = _PATTERN.fullmatch(plain)
    if match is None:
        raise ValueError(f"Semaine inconnue « {text[:20]} » (A, B ou toutes)")
    return match[1].upper()


def _plain(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", folded(text)))


def _first(content: bytes) -> list[str]:
    first = next((cells for _, cells in _lines(content) if not isinstance(cells, str)), [])
    if len(first) < len(NEEDED):
        raise Unreadable(_NO_TEXT)
    return first


def _titles(first: list[str]) -> list[str]:
    names: list[str] = []
    for number, cell in enumerate(first, 1):
        name = "" if _is_bare(first) else " ".join(cell.split())[:60]
        names.append(name if name and name not in names else f"Colonne {number}")
    return names


def _is_bare(first: list[str]) -> bool:
    """Whether the first line holds a lesson already: a title is never a number or an hour."""
    return any(cell.strip().isdigit() or parse_time(cell) is not None for cell in first)


def _lines(content: bytes, most: int = MAX_LESSONS) -> Iterator[tuple[int, list[str] | str]]:
    """(line number in the file, cells), or the reason why a line has none; empty lines before the heading are left."""
    text = _decoded(content)
    lines = text.splitlines(keepends=True)
    first = next((line for line in lines if line.strip()), "")
    if said := _SAID.fullmatch(first):
        lines[lines.index(first)] = "\n"
        delimiter = said[1]
    else:
        bare = re.sub(r'"[^"]*"', "", first)
        delimiter = max(";\t,|", key=bare.count)
    count = 0
    for number, cells in numbered_rows(lines, delimiter):
        if cells is None:
            yield number, "Illisible (cellule trop longue ou guillemet perdu) : ligne laissée de côté."
            continue
        count += 1
        if count > most:
            if most < MAX_LESSONS:
                return
            raise Unreadable(f"Ce tableau a plus de {most} lignes : ce n'est pas l'emploi du temps d'une semaine.")
        yield number, cells


def _decoded(content: bytes) -> str:
    """What spreadsheets write: UTF-8, « Texte Unicode » (UTF-16), or the old Western encoding."""
    if content[:4] in (b"PK\x03\x04", b"%PDF", b"\xd0\xcf\x11\xe0"):
        raise Unreadable(_NO_TEXT)
    try:
        if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
            text = content.decode("utf-16")
        elif content[1:200:2].count(0) > 50 or (content[1:2] == b"\0" and content[3:4] == b"\0"):
            text = content.decode("utf-16-le")
        else:
            text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    if "\0" in text:
        raise Unreadable(_NO_TEXT)
    return text
