"""EDT's XML export in clear (Index Éducation, schema `ExportEmploiDuTemps.xsd`, version 1.1).

A lesson (`Cours`) has a day, a first place of the day's grid and a number of places; each teacher, class, group, class
part and room has its own mask of weeks (bit n: week n of the school year, counted from `DatePremierJourSemaine1`).
Where the masks of one lesson differ, it becomes as many lessons as there are sets of people and rooms.
The encrypted container (`EXPORT_INDEX_EDUCATION`) needs a key given by the publisher: it is recognised and refused.
"""

from collections import defaultdict
from datetime import date, datetime, time, timedelta
from typing import BinaryIO

from ent.exchange.timetable.schedule import Named, Oddity, Schedule, ScheduledLesson, Unreadable
from ent.exchange.timetable.xml_stream import elements, local

ROOT, CIPHERED = "ExportEmploiDuTemps", "EXPORT_INDEX_EDUCATION"
NAMES = frozenset({"AnneeScolaire", "GrilleHoraire", "Matiere", "Professeur", "Personnel", "Classe", "Groupe", "Salle",
                   "Materiel", "Eleve", "Cours"})  # fmt: skip
# `Cours` holds references of the same names as the lists: only what stands outside of it defines a name.
LISTS = frozenset({"AnneeScolaire", "GrilleHoraire", "Matieres", "Professeurs", "Personnels", "Classes", "Groupes",
                   "Salles", "Materiels", "Eleves"})  # fmt: skip
MOST_WEEKS = 64


class _Reader:
    def __init__(self) -> None:
        self.found = Schedule("edt")
        self.week_one: date | None = None
        self.places: dict[int, tuple[time, time]] = {}
        self.classes_of_part: dict[str, str] = {}
        self.groups_of_part: dict[str, list[str]] = defaultdict(list)

    def read(self, file: BinaryIO) -> Schedule:
        names = LISTS | {"Cours"}
        seen = False
        for name, element in _flattened(file, names):
            seen = True
            getattr(self, f"_{name}")(element)
        if not seen or self.week_one is None:
            raise Unreadable("Ce fichier n'a pas d'année scolaire : choisissez dans EDT l'export XML de tout l'emploi "
                             "du temps.")  # fmt: skip
        return self.found

    def _AnneeScolaire(self, element) -> None:
        self.found.starts_on, self.found.ends_on = _day(element.get("DateDebut")), _day(element.get("DateFin"))
        first = _day(element.get("DatePremierJourSemaine1")) or self.found.starts_on
        self.week_one = first - timedelta(days=first.weekday()) if first else None

    def _GrilleHoraire(self, element) -> None:
        for place in element.iter():
            if local(place.tag) == "Place":
                begins, ends = _hour(place.get("LibelleHeureDebut")), _hour(place.get("LibelleHeureFin"))
                number = _number(place.get("Numero"))
                if begins and ends and number is not None:
                    self.places[number] = (begins, ends)

    def _Matiere(self, element) -> None:
        self._name(self.found.subjects, element, element.get("Libelle") or element.get("Code") or "",
                   element.get("Code") or "")  # fmt: skip

    def _Professeur(self, element) -> None:
        last, first = element.get("Nom") or "", element.get("Prenom") or ""
        self._name(self.found.teachers, element, f"{last} {first}".strip(), "",
                   last_name=last, first_name=first, birth_date=element.get("DateNaissance") or "")  # fmt: skip

    _Personnel = _Professeur

    def _Classe(self, element) -> None:
        self._name(self.found.divisions, element, element.get("Nom") or "")
        for part in element:
            if local(part.tag) == "PartieDeClasse" and part.get("Ident"):
                self.classes_of_part[part.get("Ident")] = element.get("Ident")

    def _Groupe(self, element) -> None:
        parts = [part.get("Ident") for part in element if local(part.tag) == "PartieDeClasse" and part.get("Ident")]
        of = [self.classes_of_part[part] for part in parts if part in self.classes_of_part]
        of += [one.get("Ident") for one in element if local(one.tag) == "Classe"]
        self._name(self.found.groups, element, element.get("Nom") or "", "", divisions=tuple(dict.fromkeys(of)))
        for part in parts:
            self.groups_of_part[part].append(element.get("Ident"))

    def _Salle(self, element) -> None:
        self._name(self.found.rooms, element, element.get("Nom") or "")

    _Materiel = _Salle

    def _Eleve(self, element) -> None:
        pupil = (element.get("Nom") or "", element.get("Prenom") or "", _day(element.get("DateNaissance")))
        groups = {
            group
            for part in element
            if local(part.tag) == "PartieDeClasse"
            for group in self.groups_of_part.get(part.get("Ident") or "", ())
        }
        for group in groups:
            self.found.pupils_in_groups.setdefault(group, []).append(pupil)

    def _Cours(self, element) -> None:
        where = f"Cours du jour {element.get('Jour')}, place {element.get('NumeroPlaceDebut')}"
        day, first = _number(element.get("Jour")), _number(element.get("NumeroPlaceDebut"))
        count = _number(element.get("NombrePlaces"))
        if day not in range(1, 8) or first not in self.places or not count or first + count - 1 not in self.places:
            self._odd(where, "le jour ou les heures ne sont pas dans la grille du fichier : cours laissé de côté")
            return
        starts, ends = self.places[first][0], self.places[first + count - 1][1]
        subject = next((one.get("Ident") or "" for one in element if local(one.tag) == "Matiere"), "")
        cancelled = self._weeks(_number(element.get("SemainesAnnulation")) or 0)
        by_week: dict[date, list[tuple[str, str]]] = defaultdict(list)
        for one in element:
            kind, ident = local(one.tag), one.get("Ident") or ""
            if kind in ("Matiere", "") or not ident:
                continue
            for week in self._weeks(_number(one.get("Semaines")) or 0):
                by_week[week].append((kind, ident))
        together: dict[tuple[tuple[str, str], ...], set[date]] = defaultdict(set)
        for week, those in by_week.items():
            together[tuple(sorted(set(those)))].add(week)
        if not together:
            self._odd(where, "ni enseignant, ni classe, ni semaine : cours non placé dans EDT, laissé de côté")
        for people, weeks in sorted(together.items()):
            self._lesson(where, day, starts, ends, subject, people, weeks, cancelled)

    def _lesson(self, where, day, starts, ends, subject, people, weeks, cancelled) -> None:
        def those(kind: str, known: dict[str, Named]) -> tuple[str, ...]:
            return tuple(ident for one, ident in people if one == kind and ident in known)

        found = self.found
        groups = [*those("Groupe", found.groups), *(self._part(ident) for kind, ident in people
                                                    if kind == "PartieDeClasse")]  # fmt: skip
        lost = [f"{kind} {ident}" for kind, ident in people if ident not in {
            "Professeur": found.teachers, "Personnel": found.teachers, "Classe": found.divisions,
            "Groupe": found.groups, "Salle": found.rooms, "Materiel": found.rooms}.get(kind, {ident: 1})]  # fmt: skip
        if lost:
            self._odd(where, f"{', '.join(lost)} : référence absente du fichier")
        divisions = those("Classe", found.divisions)
        # A room or a teacher may change without the lesson being another one.
        audience = "+".join(sorted((*divisions, *(f"g{one}" for one in groups))))
        key = f"{day}-{starts:%H%M}-{ends:%H%M}-{subject}-{audience}"
        found.lessons.append(
            ScheduledLesson(
                key=key[:90], weekday=day, starts=starts, ends=ends, weeks=frozenset(weeks),
                cancelled_weeks=frozenset(cancelled), subject=subject,
                teachers=(*those("Professeur", found.teachers), *those("Personnel", found.teachers)),
                divisions=divisions, groups=tuple(dict.fromkeys(groups)),
                rooms=(*those("Salle", found.rooms), *those("Materiel", found.rooms)),
            )
        )  # fmt: skip

    def _part(self, ident: str) -> str:
        """The group that a class part is, alone; else a group of its own."""
        for group in self.groups_of_part.get(ident, ()):
            if sum(1 for groups in self.groups_of_part.values() if group in groups) == 1:
                return group
        key, of = f"p{ident}", self.classes_of_part.get(ident)
        if key not in self.found.groups:
            name = self.found.divisions[of].name if of in self.found.divisions else "Classe inconnue"
            self.found.groups[key] = Named(key, f"{name} partie {ident}", "", {"divisions": (of,) if of else ()})
        return key

    def _weeks(self, mask: int) -> set[date]:
        assert self.week_one  # noqa: S101  (the year stands before the lessons; checked by the caller)
        return {self.week_one + timedelta(weeks=bit - 1) for bit in range(1, MOST_WEEKS) if mask >> bit & 1}

    def _name(self, names: dict[str, Named], element, name: str, code: str = "", **extra) -> None:
        key = element.get("Ident") or ""
        if not key or not name.strip():
            self._odd(local(element.tag), "un nom ou un identifiant manque : ligne laissée de côté")
            return
        names[key] = Named(key, " ".join(name.split()), code, extra)

    def _odd(self, where: str, what: str) -> None:
        self.found.oddities.append(Oddity(where, what))


def _flattened(file: BinaryIO, names: frozenset[str]):
    """The named things of the lists, one by one, then each lesson."""
    for name, element in elements(file, names):
        if name in ("AnneeScolaire", "GrilleHoraire"):
            yield name, element
        elif name == "Cours" and element.get("Jour") is None:  # the list of lessons bears the name of its items
            for one in element:
                if local(one.tag) == "Cours":
                    yield "Cours", one
        elif name == "Cours":
            yield name, element
        else:
            for one in element:
                if local(one.tag) in NAMES:
                    yield local(one.tag), one


def read(file: BinaryIO) -> Schedule:
    """The schedule of an EDT export; `Unreadable` in French."""
    try:
        return _Reader().read(file)
    except AssertionError as error:
        raise Unreadable("L'année scolaire manque avant les cours : exportez de nouveau l'emploi du temps.") from error


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 21 else None


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def _hour(text: str | None) -> time | None:
    for form in ("%H:%M:%S", "%H:%M"):
        try:
            return datetime.strptime(text or "", form).time()
        except ValueError:
            continue
    return None
