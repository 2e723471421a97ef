"""EDT (Index Éducation): the XML export « ExportEmploiDuTemps », in clear.

Fields are those of the publisher's schema ExportEmploiDuTemps.xsd (version 1.1), checked on a whole export of the
demonstration base. Two things are not in that schema; public readers (edificeio/entcore, laclasse-com) name them:
`SemainesAnnulation` on a course, and `SemainesInclusion` in place of `Semaines`. They are read, but no sample at
hand has any.

A week mask counts from bit 1: bit n is the nth week from DatePremierJourSemaine1 (in the demonstration base, the bits
never set fall on that year's school holidays). Bit 0 means nothing. Jour 1 is Monday. Alternating weeks are masks, too.

The encrypted container (ConteneurExportChiffre.xsd) holds an AES key encrypted for up to two partners, registered with
the publisher: without a partner's private key nothing of it can be read. It is recognised, and refused with what to do.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, time, timedelta
from typing import BinaryIO

from lxml import etree

from ent.exchange.timetable.markup import attribute, children, local, records, root
from ent.exchange.timetable.schedule import (
    MAX_LESSONS,
    MAX_MEMBERSHIPS,
    MAX_NAMED,
    MAX_WEEKS,
    Named,
    Oddities,
    PupilInGroup,
    Schedule,
    ScheduledLesson,
    Unreadable,
    bounded,
    keyed,
    parse_iso_date,
    parse_time,
    year_is_possible,
)
from ent.school.timetable.models import monday_of

ROOT, ENCRYPTED_ROOT = "ExportEmploiDuTemps", "EXPORT_INDEX_EDUCATION"
MAX_PUPILS = 20_000
_RECORDS = {
    "Matieres": "Matiere", "Professeurs": "Professeur", "Classes": "Classe", "Groupes": "Groupe", "Salles": "Salle",
    "Eleves": "Eleve", "Cours": "Cours",
}  # fmt: skip
_LABELS = {"Professeur": "enseignant", "Classe": "classe", "Groupe": "groupe", "PartieDeClasse": "partie de classe",
           "Salle": "salle", "Matiere": "matière"}  # fmt: skip
_MASKS = 1 << 64
_INCOMPLETE = (
    "Cet export n'a pas d'année scolaire ou pas de grille horaire : il est incomplet. Dans EDT, refaites l'export de "
    "tout l'emploi du temps."
)


def read(file: BinaryIO) -> Schedule:
    """The schedule of an EDT export; `Unreadable` in French."""
    name, _ = root(file)
    if name == ENCRYPTED_ROOT:
        raise Unreadable(_encrypted(file))
    if name != ROOT:
        raise Unreadable("Ce fichier n'est pas un export d'EDT : dans EDT, exportez l'emploi du temps au format XML.")
    reading = _Reading()
    for path, element in records(file, _is_record):
        reading.take(path, element)
    return reading.schedule()


def _encrypted(file: BinaryIO) -> str:
    """What to do with a container that only the partner it is made for can open."""
    partners = []
    for path, element in records(file, lambda path: path[1:] == ("CLES", "PARTENAIRE")):
        partners += [attribute(element, "NOM")[:60]] if path else []
    whom = f" pour « {' » et « '.join(one for one in partners if one)} »" if any(partners) else " pour un partenaire"
    return (
        f"Cet export d'EDT est chiffré{whom}, qui seul peut l'ouvrir. Dans EDT, exportez l'emploi du temps au format "
        "XML non chiffré (menu Imports/Exports), puis chargez ce fichier-là."
    )


def weeks_of(mask: int, week_one: date) -> frozenset[date]:
    """The Mondays that a mask's bits 1 to 60 stand for."""
    return frozenset(week_one + timedelta(weeks=bit - 1) for bit in range(1, MAX_WEEKS + 1) if mask >> bit & 1)


def parse_mask(text: str) -> int | None:
    """An unsigned number of 64 bits; anything else gives None."""
    text = text.strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 20):
        return None
    return int(text) if int(text) < _MASKS else None


def _is_record(path: tuple[str, ...]) -> bool:
    if len(path) == 2:
        return path[1] in ("AnneeScolaire", "GrilleHoraire")
    return len(path) == 3 and _RECORDS.get(path[1]) == path[2]


class _Reading:
    """An export while it is read: records come one by one, in the order of the publisher's schema."""

    def __init__(self) -> None:
        self.found = Schedule("edt")
        self.week_one: date | None = None
        self.places: dict[int, tuple[time, time]] = {}
        self.class_of: dict[str, str] = {}  # part -> its class
        self.alone: dict[str, str] = {}  # part -> the group made of it alone
        self.groups_of: dict[str, list[str]] = defaultdict(list)  # part or class -> groups that take it
        self.pupils: list[tuple[PupilInGroup, list[tuple[str, date | None]]]] = []
        self.oddities = Oddities()
        self.courses = 0

    def take(self, path: tuple[str, ...], element: etree._Element) -> None:
        """One record of the export."""
        if path[1] == "AnneeScolaire":
            self._year(element)
        elif path[1] == "GrilleHoraire":
            self._grid(element)
        elif path[1] == "Cours":
            self._course(element)
        elif path[1] == "Eleves":
            self._pupil(element)
        else:
            key = attribute(element, "Ident")
            if not key:
                self.oddities.counts[f"{{n}} fiche(s) « {path[2]} » sans identifiant, laissées de côté."] += 1
                return
            {
                "Matieres": self._subject, "Professeurs": self._teacher, "Classes": self._division,
                "Groupes": self._group, "Salles": self._room,
            }[path[1]](key, element)  # fmt: skip
            known = self.found.subjects, self.found.teachers, self.found.divisions, self.found.groups, self.found.rooms
            bounded(sum(map(len, known)) + len(self.class_of), MAX_NAMED, "noms")

    def _year(self, element: etree._Element) -> None:
        dates = [parse_iso_date(attribute(element, a)) for a in ("DateDebut", "DateFin", "DatePremierJourSemaine1")]
        starts_on, ends_on, week_one = dates
        if starts_on is None or ends_on is None or week_one is None or not year_is_possible(starts_on, ends_on):
            raise Unreadable(
                "Cet export ne donne pas les dates de l'année scolaire. Vérifiez le calendrier dans EDT, puis refaites "
                "l'export."
            )
        if abs((week_one - starts_on).days) > 7 * MAX_WEEKS:
            raise Unreadable(
                f"La semaine 1 commence le {week_one:%d/%m/%Y}, hors de l'année scolaire. Vérifiez le calendrier dans "
                "EDT, puis refaites l'export."
            )
        if week_one.weekday():
            self.oddities.note(
                "Année scolaire",
                f"La semaine 1 commence le {week_one:%d/%m/%Y}, qui n'est pas un lundi : le lundi de cette semaine est "
                "retenu. Vérifiez le calendrier dans EDT.",
            )
        self.found.starts_on, self.found.ends_on, self.week_one = starts_on, ends_on, monday_of(week_one)

    def _grid(self, element: etree._Element) -> None:
        for place in element.iter():
            if not isinstance(place.tag, str) or local(place.tag) != "Place":
                continue
            number = _number(attribute(place, "Numero"))
            starts, ends = (parse_time(attribute(place, a)) for a in ("LibelleHeureDebut", "LibelleHeureFin"))
            if number is None or starts is None or ends is None or ends <= starts:
                self.oddities.note(
                    f"Grille horaire, place {attribute(place, 'Numero')}",
                    "Les heures de cette place sont fausses : les cours qui l'utilisent sont laissés de côté. Corrigez "
                    "la grille horaire dans EDT.",
                )
            else:
                self.places[number] = (starts, ends)

    def _subject(self, key: str, element: etree._Element) -> None:
        code = attribute(element, "Code")
        self.found.subjects[key] = Named(key, attribute(element, "Libelle") or code or key, code)

    def _teacher(self, key: str, element: etree._Element) -> None:
        last, first = attribute(element, "Nom"), attribute(element, "Prenom")
        extra = {"last_name": last, "first_name": first}
        self.found.teachers[key] = Named(key, f"{last} {first}".strip() or key, extra=extra)

    def _division(self, key: str, element: etree._Element) -> None:
        self.found.divisions[key] = Named(key, attribute(element, "Nom") or key)
        for part in children(element, "PartieDeClasse"):
            if ident := attribute(part, "Ident"):
                self.class_of[ident] = key

    def _group(self, key: str, element: etree._Element) -> None:
        parts = [ident for part in children(element, "PartieDeClasse") if (ident := attribute(part, "Ident"))]
        whole = [ident for one in children(element, "Classe") if (ident := attribute(one, "Ident"))]
        for part in parts:
            self.groups_of[_part(part)].append(key)
        for division in whole:
            self.groups_of[division].append(key)
        if len(parts) == 1 and not whole:
            self.alone.setdefault(parts[0], key)
        of = dict.fromkeys(whole + [self.class_of[part] for part in parts if part in self.class_of])
        if any(part not in self.class_of for part in parts):
            self.oddities.note(f"Groupe {attribute(element, 'Nom')}", "Une de ses parties n'est dans aucune classe.")
        divisions = tuple(one for one in of if one in self.found.divisions)
        self.found.groups[key] = Named(key, attribute(element, "Nom") or key, extra={"divisions": divisions})

    def _room(self, key: str, element: etree._Element) -> None:
        self.found.rooms[key] = Named(key, attribute(element, "Nom") or key)

    def _pupil(self, element: etree._Element) -> None:
        bounded(len(self.pupils), MAX_PUPILS, "élèves")
        last, first = attribute(element, "Nom"), attribute(element, "Prenom")
        pupil = PupilInGroup(last, first, parse_iso_date(attribute(element, "DateNaissance")))
        places = []
        for tag in ("Classe", "PartieDeClasse"):
            for link in children(element, tag):
                ident = attribute(link, "Ident")
                place = ident if tag == "Classe" else _part(ident)
                places.append((place, parse_iso_date(attribute(link, "DateSortie"))))
        self.pupils.append((pupil, places))

    def _course(self, element: etree._Element) -> None:
        self.courses += 1
        where = f"Cours n° {self.courses} du fichier (ligne {element.sourceline})"
        if self.week_one is None:
            return
        weekday = _number(attribute(element, "Jour"))
        first, count = _number(attribute(element, "NumeroPlaceDebut")), _number(attribute(element, "NombrePlaces"))
        if weekday is None or not 1 <= weekday <= 7 or first is None or not count:
            self.oddities.note(where, "Le jour ou la place manque : le cours est laissé de côté. Placez-le dans EDT.")
            return
        if first not in self.places or first + count - 1 not in self.places:
            self.oddities.note(where, "Il est hors de la grille horaire : il est laissé de côté. Déplacez-le dans EDT.")
            return
        participants = self._participants(element, where)
        if not participants:
            self.oddities.counts[
                "{n} cours n'ont ni enseignant, ni classe, ni groupe, ni salle : ils sont laissés de côté. "
                "Complétez-les dans EDT s'ils doivent être publiés."
            ] += 1
            return
        if not any(tag != "Salle" for tag, _, _ in participants):
            self.oddities.counts["{n} cours n'occupent qu'une salle : ils sont laissés de côté."] += 1
            return
        subject = next((attribute(one, "Ident") for one in children(element, "Matiere")), "")
        if subject not in self.found.subjects:
            self._unknown(where, "Matiere", subject)
            subject = ""
        cancelled = self._cancelled(element, where)
        for people, mask in _by_participants(participants).items():
            weeks = self._in_year(weeks_of(mask, self.week_one))
            if not weeks:
                self.oddities.counts["{n} cours n'ont lieu aucune semaine de l'année : ils sont laissés de côté."] += 1
                continue
            by_tag: dict[str, list[str]] = defaultdict(list)
            for tag, key in people:
                by_tag[tag].append(key)
            self.found.lessons.append(
                ScheduledLesson(
                    key="",
                    weekday=weekday,
                    starts=self.places[first][0],
                    ends=self.places[first + count - 1][1],
                    weeks=weeks,
                    cancelled_weeks=weeks_of(cancelled, self.week_one) & weeks,
                    subject=subject,
                    teachers=tuple(by_tag["Professeur"]),
                    divisions=tuple(by_tag["Classe"]),
                    groups=tuple(dict.fromkeys(by_tag["Groupe"])),
                    rooms=tuple(by_tag["Salle"]),
                )
            )
            bounded(len(self.found.lessons), MAX_LESSONS, "cours")

    def _participants(self, element: etree._Element, where: str) -> list[tuple[str, str, int]]:
        """(tag, key, week mask) of each known teacher, class, group and room; a class part is a group."""
        found = self.found
        known: dict[str, Mapping[str, object]]
        known = {"Professeur": found.teachers, "Classe": found.divisions, "Groupe": found.groups, "Salle": found.rooms,
                 "PartieDeClasse": self.class_of}  # fmt: skip
        those = []
        for child in element:
            tag = local(child.tag) if isinstance(child.tag, str) else ""
            if tag not in known:
                continue
            ident = attribute(child, "Ident")
            mask = parse_mask(attribute(child, "Semaines") or attribute(child, "SemainesInclusion"))
            if ident not in known[tag]:
                self._unknown(where, tag, ident)
            elif mask is None:
                self.oddities.note(
                    where, f"Les semaines ({_LABELS[tag]}) sont illisibles : ce lien est laissé de côté."
                )
            elif tag == "PartieDeClasse":
                those.append(("Groupe", self._group_of_part(ident), mask))
            else:
                those.append((tag, ident, mask))
        return those

    def _group_of_part(self, ident: str) -> str:
        """The group that a class part is, alone; else a group of its own."""
        if ident in self.alone:
            return self.alone[ident]
        key, division = _part(ident), self.class_of[ident]
        name = f"{self.found.divisions[division].name} (partie {ident})"
        self.found.groups.setdefault(key, Named(key, name, extra={"divisions": (division,)}))
        return key

    def _cancelled(self, element: etree._Element, where: str) -> int:
        text = attribute(element, "SemainesAnnulation")
        mask = parse_mask(text) if text else 0
        if mask is None:
            self.oddities.note(where, "Les semaines d'annulation sont illisibles : le cours est gardé en entier.")
        return mask or 0

    def _in_year(self, weeks: frozenset[date]) -> frozenset[date]:
        if self.found.starts_on is None or self.found.ends_on is None:
            return weeks
        first, last = monday_of(self.found.starts_on), self.found.ends_on
        return frozenset(week for week in weeks if first <= week <= last)

    def _unknown(self, where: str, tag: str, ident: str) -> None:
        self.oddities.note(where, f"Absent du fichier : {_LABELS[tag]} « {ident[:30]} ». Ce lien est laissé de côté.")

    def schedule(self) -> Schedule:
        """All links made."""
        if self.found.starts_on is None or not self.places:
            raise Unreadable(_INCOMPLETE)
        self._memberships()
        self.found.oddities = self.oddities.all()
        return keyed(self.found)

    def _memberships(self) -> None:
        """Each pupil in each group that takes a part of theirs or their whole class, or that is a part."""
        rows = 0
        for pupil, places in self.pupils:
            until: dict[str, date] = {}
            for place, ends_on in places:
                if place not in self.found.divisions and place.removeprefix(_part("")) not in self.class_of:
                    self.oddities.counts[
                        "{n} appartenances d'élèves à une classe ou partie de classe inconnue, laissées de côté. "
                        "Vérifiez les groupes dans EDT."
                    ] += 1
                own = [place] if place in self.found.groups and place.startswith(_part("")) else []
                for group in own + self.groups_of.get(place, []):
                    until[group] = max(until.get(group, date.min), ends_on or date.max)
            rows += len(until)
            bounded(rows, MAX_MEMBERSHIPS, "appartenances de groupe")
            for group, ends_on in until.items():
                last = None if ends_on == date.max else ends_on
                self.found.pupils_in_groups.setdefault(group, []).append(
                    PupilInGroup(pupil.last_name, pupil.first_name, pupil.birth_date, last)
                )


def _by_participants(participants: list[tuple[str, str, int]]) -> dict[tuple[tuple[str, str], ...], int]:
    """Who is there with whom: one mask for each set of people that meets some week.

    All have the same mask most of the time; otherwise a week without a teacher, say, is a lesson of its own.
    """
    masks = {mask for _, _, mask in participants}
    if len(masks) == 1:
        return {tuple((tag, key) for tag, key, _ in participants): masks.pop()}
    found: dict[tuple[tuple[str, str], ...], int] = {}
    for bit in range(1, MAX_WEEKS + 1):
        people = tuple((tag, key) for tag, key, mask in participants if mask >> bit & 1)
        if any(tag != "Salle" for tag, _ in people):
            found[people] = found.get(people, 0) | 1 << bit
    return found


def _part(ident: str) -> str:
    """Parts and groups are numbered apart: a part's key says that it is one."""
    return f"part:{ident}"


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 5 else None
