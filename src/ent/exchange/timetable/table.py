"""A table (CSV) of weekly lessons, one a line, whose columns the school names."""

import csv
import io
import re
from collections.abc import Mapping
from datetime import time

from ent.exchange.timetable.schedule import Named, Oddity, Schedule, ScheduledLesson, Unreadable
from ent.kernel.text import folded

FIELDS = {"day": "Jour", "starts": "Début", "ends": "Fin", "subject": "Matière", "teachers": "Enseignants",
          "divisions": "Classes", "groups": "Groupes", "rooms": "Salles", "week": "Semaine (A ou B)"}  # fmt: skip
NEEDED = ("day", "starts", "ends")
WORDS = {"day": "jour day weekday", "starts": "debut heuredebut hdebut start de", "ends": "fin heurefin hfin end a",
         "subject": "matiere discipline libelle cours subject", "teachers": "enseignant enseignants prof professeur"
         " professeurs teacher", "divisions": "classe classes division divisions", "groups": "groupe groupes group",
         "rooms": "salle salles room", "week": "semaine semaines alternance frequence quinzaine week"}  # fmt: skip
DAYS = {name: number for number, names in enumerate(
    ("lundi lun l 1", "mardi mar ma 2", "mercredi mer me 3", "jeudi jeu j 4", "vendredi ven v 5", "samedi sam s 6"), 1)
    for name in names.split()}  # fmt: skip
HOUR = re.compile(r"\s*(\d{1,2})\s*[hH:.]\s*(\d{2})?\s*")
LONGEST, MOST_LINES = 20_000, 20_000


def header(content: bytes) -> list[str]:
    """The names of the columns; `Unreadable` where it is no table."""
    rows = _rows(content)
    first = next(rows, [])
    if len(first) < len(NEEDED):
        raise Unreadable("Ce fichier n'est pas un tableau : enregistrez la feuille au format CSV, avec une première "
                         "ligne qui nomme les colonnes.")  # fmt: skip
    return [name.strip() for name in first]


def guess(names: list[str]) -> dict[str, str]:
    """Which column is likely what."""
    plain = {"".join(letter for letter in folded(name) if letter.isalnum()): name for name in names}
    return {field: next((plain[word] for word in words.split() if word in plain), "") for field, words in WORDS.items()}


def read(content: bytes, mapping: Mapping[str, str]) -> Schedule:
    """The lessons of a table, its columns being named by `mapping` (field → column)."""
    missing = [FIELDS[field] for field in NEEDED if not mapping.get(field)]
    if missing:
        raise Unreadable(f"Dites quelle colonne est : {', '.join(missing)}.")
    rows = _rows(content)
    names = [name.strip() for name in next(rows, [])]
    at = {field: names.index(column) for field, column in mapping.items() if column in names}
    found = Schedule("csv")
    for line, row in enumerate(rows, 2):
        if line > MOST_LINES:
            raise Unreadable(
                f"Ce tableau a plus de {MOST_LINES} lignes : ce n'est pas l'emploi du temps d'une semaine."
            )
        cells = {field: row[place].strip() if place < len(row) else "" for field, place in at.items()}
        if any(cells.values()):
            _lesson(found, f"Ligne {line}", cells)
    return found


def _lesson(found: Schedule, where: str, cells: dict[str, str]) -> None:
    day = DAYS.get(folded(cells["day"]).strip("."))
    begins, ends = _hour(cells["starts"]), _hour(cells["ends"])
    if day is None:
        found.oddities.append(Oddity(where, f"« {cells['day']} » n'est pas un jour : écrivez lundi, mardi…"))
    elif begins is None or ends is None or begins >= ends:
        hours = f"{cells['starts']} – {cells['ends']}"
        found.oddities.append(Oddity(where, f"« {hours} » : écrivez deux heures comme 8h00 et 8h55"))
    else:
        several = {
            field: _several(getattr(found, field), cells.get(field, ""))
            for field in ("teachers", "divisions", "groups", "rooms")
        }
        subject = _several(found.subjects, cells.get("subject", ""), split=False)
        week = re.sub(r"[^ab]", "", folded(cells.get("week", "")).replace("semaine", "").replace("quinzaine", ""))
        pattern = week.upper() if week in ("a", "b") else ""
        to_whom = "+".join((*several["divisions"], *several["groups"])) or "+".join(several["teachers"])
        what = "".join(subject)
        key = f"{day}-{begins:%H%M}-{ends:%H%M}-{pattern}-{what}-{to_whom}"[:90]
        found.lessons.append(
            ScheduledLesson(key=key, weekday=day, starts=begins, ends=ends, pattern=pattern,
                            subject=what, label=what, teachers=several["teachers"],
                            divisions=several["divisions"], groups=several["groups"], rooms=several["rooms"])
        )  # fmt: skip


def _several(names: dict[str, Named], cell: str, *, split: bool = True) -> tuple[str, ...]:
    texts = [" ".join(text.split())[:100] for text in (re.split(r"[;,/|+]", cell) if split else [cell])]
    for text in texts:
        if text:
            names.setdefault(text, Named(text, text))
    return tuple(dict.fromkeys(text for text in texts if text))


def _hour(text: str) -> time | None:
    found = HOUR.fullmatch(text)
    if not found or int(found[1]) > 23 or int(found[2] or 0) > 59:
        return None
    return time(int(found[1]), int(found[2] or 0))


def _rows(content: bytes):
    if b"\0" in content:
        raise Unreadable("Ce fichier n'est pas du texte : enregistrez la feuille au format CSV.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    first = text.split("\n", 1)[0]
    delimiter = max(";\t,", key=first.count)
    csv.field_size_limit(LONGEST)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    try:
        yield from reader
    except csv.Error as error:
        raise Unreadable(f"Ligne {reader.line_num} : cette ligne ne se lit pas. Enregistrez de nouveau la feuille au "
                         "format CSV.") from error  # fmt: skip
