"""An UnDeuxTemps export: a zip of `UDCal_NN.xml` files, whose lines are elements with attributes.

No sample was at hand: file numbers, elements and attributes are those that public readers of the format name (subjects,
teachers, classes, groups, rooms, half-slots, cards and their lines). What nobody could verify: weeks of several periods
(`UDCal_12_NN.xml`), of which the latest is taken for the whole year.
"""

import io
import re
import zipfile
from collections import defaultdict
from datetime import time
from typing import BinaryIO

from ent.exchange.timetable.schedule import Named, Oddity, Schedule, ScheduledLesson, Unreadable
from ent.exchange.timetable.xml_stream import elements

MEMBER = re.compile(r"(?:.*/)?udcal_(\d\d)(?:_(\d\d))?\.xml", re.IGNORECASE)
KINDS = frozenset({"ligfiche", "fiche", "rgpmt", "mat", "prof", "div", "gpe", "salle", "coens", "demi_seq"})
MOST_BYTES = 100 * 1024 * 1024
HOUR = re.compile(r"(\d{1,2})\D?(\d{2})?")
Line = dict[str, str]


def read(file: BinaryIO) -> Schedule:
    """The schedule of an UnDeuxTemps zip; `Unreadable` in French."""
    lines = _lines(file)
    if not lines["ligfiche"] or not lines["demi_seq"]:
        raise Unreadable("Cette archive n'est pas un export UnDeuxTemps complet : il y manque les fiches ou la grille "
                         "horaire.")  # fmt: skip
    found = Schedule("udt")
    for kind, names in (("mat", found.subjects), ("salle", found.rooms), ("div", found.divisions)):
        for line in lines[kind]:
            label = line.get("libelle") or line.get("nom") or line["code"]
            name = line["code"] if kind == "div" else label
            names[line["code"]] = Named(line["code"], name, "" if kind == "div" else line["code"])
    for line in lines["prof"]:
        last, first = line.get("nom", ""), line.get("prenom", "")
        if last:
            found.teachers[line["code"]] = Named(line["code"], f"{last} {first}".strip(), "",
                                                 {"last_name": last, "first_name": first})  # fmt: skip
    for line in lines["gpe"]:
        division = line.get("code_div", "")
        key = f"{division} Gr {line['code']}"
        found.groups[key] = Named(key, key, "", {"divisions": (division,) if division else ()})
    for line in lines["rgpmt"]:
        if line.get("nom"):
            found.groups[f"r{line['code']}"] = Named(f"r{line['code']}", line["nom"])
    _lessons(found, lines)
    return found


def _lessons(found: Schedule, lines: dict[str, list[Line]]) -> None:
    hours = {(one.get("code_jour", ""), one["code"].zfill(2), one.get("code_site", "")): one
             for one in lines["demi_seq"]}  # fmt: skip
    cards = {one["code"]: one for one in lines["fiche"]}
    together: dict[str, set[str]] = defaultdict(set)
    for line in lines["coens"]:
        together[line.get("lignefic", "")].add(line.get("prof", ""))
    # Half-slots that follow one another are one lesson.
    series: dict[tuple, list[tuple[int, time, time, Line]]] = defaultdict(list)
    for line in lines["ligfiche"]:
        where = f"Fiche {line.get('fic', '?')}"
        card = cards.get(line.get("fic", ""))
        slot = (
            hours.get((card.get("jour", ""), card.get("demi_seq", "").zfill(2), card.get("site", ""))) if card else None
        )
        begins, ends = (_hour(slot.get(name, "")) for name in ("hre_deb", "hre_fin")) if slot else (None, None)
        day = card.get("jour", "") if card else ""
        if begins is None or ends is None or begins >= ends or day not in "1234567" or not day:
            found.oddities.append(Oddity(where, "l'heure ou le jour n'est pas dans la grille : ligne laissée de côté"))
            continue
        who = tuple(line.get(name, "") for name in ("div", "mat", "prof", "rgpmt", "gpe", "salle"))
        series[(int(day), *who)].append((int(re.sub(r"\D", "", line["code"])[:3] or 0), begins, ends, line))
    for (day, division, subject, teacher, joined, group, room), rows in sorted(series.items()):
        rows.sort(key=lambda row: row[1])
        start = 0
        for at in range(1, len(rows) + 1):
            if at < len(rows) and rows[at][1] <= rows[at - 1][2]:
                continue
            begins, ends = rows[start][1], rows[at - 1][2]
            teachers = {teacher, *(one for row in rows[start:at] for one in together[row[3].get("fic", "")])}
            groups = [key for key in (f"r{joined}", f"{division} Gr {group}" if group else "") if key in found.groups]
            found.lessons.append(
                ScheduledLesson(
                    key=f"{day}-{begins:%H%M}-{division}-{subject}-{joined}-{group}"[:90], weekday=day, starts=begins,
                    ends=ends, subject=subject if subject in found.subjects else "",
                    teachers=tuple(sorted(teachers & found.teachers.keys())),
                    divisions=(division,) if division in found.divisions and not groups else (), groups=tuple(groups),
                    rooms=(room,) if room in found.rooms else (),
                )
            )  # fmt: skip
            start = at


def _lines(file: BinaryIO) -> dict[str, list[Line]]:
    found: dict[str, list[Line]] = {kind: [] for kind in KINDS}
    try:
        with zipfile.ZipFile(file) as archive:
            members = {one: MEMBER.fullmatch(one.filename) for one in archive.infolist()}
            mine = [(one, name) for one, name in members.items() if name]
            if not mine:
                raise Unreadable(
                    "Cette archive n'a aucun fichier UDCal_….xml : choisissez l'export UnDeuxTemps pour ENT."
                )
            if sum(one.file_size for one, _ in mine) > MOST_BYTES:
                raise Unreadable("Cette archive est trop grosse une fois ouverte (100 Mo au plus).")
            latest = max((name[2] for _, name in mine if name[1] == "12" and name[2]), default=None)
            for one, name in mine:
                if name[1] == "12" and name[2] != latest:
                    continue
                with archive.open(one) as member:
                    for kind, element in elements(io.BytesIO(member.read(MOST_BYTES)), KINDS):
                        line = {key: str(value) for key, value in element.attrib.items()}
                        if line.get("code") or kind == "coens":
                            found[kind].append(line)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError) as error:
        raise Unreadable("Cette archive ZIP est abîmée ou protégée : exportez-la de nouveau.") from error
    return found


def _hour(text: str) -> time | None:
    found = HOUR.fullmatch(text.strip())
    if not found or int(found[1]) > 23 or int(found[2] or 0) > 59:
        return None
    return time(int(found[1]), int(found[2] or 0))
