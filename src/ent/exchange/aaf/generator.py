"""Writes a believable, wholly invented Complet export: same format, same quirks, no real person.

Deterministic for (schools, seed); schools are written one after the other, so memory stays small.
Phone numbers come from the ranges kept for fiction, mail addresses from `.invalid`.
"""

from __future__ import annotations

import datetime
import random
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ent.exchange.aaf import invented
from ent.exchange.aaf.school_import import school_year
from ent.exchange.aaf.writer import Series

DAY = "20250901"
SIZES = {None: ((250, 700), (500, 1200)), "small": ((250, 330), (500, 620)), "large": ((560, 700), (950, 1200))}


def this_year() -> str:
    """The first day of the school year we are in, as `day` of an export that is of this year."""
    return f"{school_year(datetime.date.today())[1]:%Y%m%d}"


@dataclass(slots=True)
class Summary:
    """How much was written."""

    schools: int = 0
    pupils: int = 0
    relatives: int = 0  # with legal authority over a pupil at least
    contacts: int = 0  # without any
    staff: int = 0
    divisions: int = 0
    groups: int = 0

    @property
    def people(self) -> int:
        return self.pupils + self.relatives + self.contacts + self.staff


@dataclass(slots=True)
class _Division:
    name: str
    level: str
    mef: str
    label: str
    age: int
    lycee: bool
    pro: bool


@dataclass(slots=True)
class _Slot:
    """A seat in a division, before somebody sits on it."""

    division: _Division
    groups: list[str] = field(default_factory=list)
    subjects: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class _Person:
    id: str
    sn: str
    born_as: str
    given: str
    title: str
    birth: str = ""
    mail: str = ""


@dataclass(slots=True)
class _Teacher:
    person: _Person
    discipline: str
    load: int = 0
    schools: list[str] = field(default_factory=list)
    lessons: list[tuple[str, str, str, str, str, bool]] = field(default_factory=list)  # key name code label mef group?
    tutor_of: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Home:
    lines: str
    postcode: str
    town: str


def check_letter(digits: str) -> str:
    """The check letter of a UAI's seven digits."""
    return invented.UAI_LETTERS[int(digits) % 23]


def _plain(text: str) -> str:
    ascii_text = unicodedata.normalize("NFD", text).encode("ascii", "ignore").decode()
    return ascii_text.lower().replace("'", "").replace(" ", "-")


class _Generator:
    def __init__(
        self,
        folder: Path,
        schools: int,
        seed: int,
        size: str | None,
        pilot: bool,
        uais: Sequence[str],
        day: str = DAY,
    ) -> None:
        self.random = random.Random(f"aaf-{schools}-{seed}")  # noqa: S311
        self.schools, self.size, self.pilot = schools, size, pilot
        self.summary = Summary()
        self.uais = uais
        # Exports of given schools stand beside one of the whole academy: their people are others.
        self.next_id, self.first_key = (5_000_000, 70000) if uais else (2_000_000, 60000)
        self.names = [name.replace("_", " ") for name in invented.NAMES]
        self.out = {
            name: Series(folder, name, day)
            for name in ("EtabEducNat", "MatiereEducNat", "MefEducNat", "PersEducNat", "PersRelEleve", "Eleve")
        }
        self.coming: list[tuple[_Person, list[str], _Home, str]] = []  # siblings for the next school
        self.shared: list[_Teacher] = []  # teachers who also teach in the next school

    # --- small things ---

    def new_id(self) -> str:
        self.next_id += self.random.randint(1, 5)
        return str(self.next_id)

    def phone(self, mobile: bool) -> str:
        a, b = self.random.randrange(100), self.random.randrange(100)
        return f"+33 6 39 98 {a:02d} {b:02d}" if mobile else f"+33 4 65 71 {a:02d} {b:02d}"

    def day(self, year: int) -> str:
        return f"{self.random.randint(1, 28):02d}/{self.random.randint(1, 12):02d}/{year}"

    def home(self, town: tuple[str, str]) -> _Home:
        name, postcode = town
        return _Home(f"{self.random.randint(1, 120)} {self.random.choice(invented.STREETS)}$$$", postcode, name)

    def person(self, woman: bool, sn: str | None = None, born_as: str | None = None) -> _Person:
        sn = sn or self.random.choice(self.names)
        given = self.random.choice(invented.WOMEN if woman else invented.MEN)
        return _Person(self.new_id(), sn, born_as or sn, given, "Mme" if woman else "M.")

    def base(self, person: _Person) -> dict[str, str | list[str]]:
        return {
            "ENTPersonJointure": person.id,
            "ENTPersonDateNaissance": person.birth,
            "ENTPersonNomPatro": person.born_as,
            "sn": person.sn,
            "givenName": person.given,
            "personalTitle": person.title,
        }

    # --- the whole ---

    def run(self, progress: Callable[[int, int], None] | None) -> Summary:
        try:
            self.nomenclatures()
            for index in range(self.schools):
                self.school(index)
                if progress is not None:
                    progress(index + 1, self.schools)
        finally:
            for series in self.out.values():
                series.close()
        return self.summary

    def nomenclatures(self) -> None:
        for code, label in [s[:2] for s in invented.SUBJECTS + invented.PRO] + [
            s[:2] for s in invented.LANGUAGES + invented.OPTIONS
        ]:
            self.out["MatiereEducNat"].write(code, {"ENTMatJointure": code, "ENTLibelleMatiere": label})
        for levels in invented.LEVELS.values():
            for _, _, mef, label, _ in levels:
                attributes: dict[str, str | list[str]] = {"ENTMefJointure": mef, "ENTLibelleMef": label}
                self.out["MefEducNat"].write(mef, attributes | {"ENTMEFRattach": mef, "ENTMEFSTAT11": f"2{mef[:10]}"})

    def plan(self, index: int) -> tuple[str, int]:
        """Kind and headcount of the school."""
        if self.pilot:
            kinds = ["CLG", "CLG", "LYC", "CLG", "CLG", "LPO"]
            heads = [520, 450, 880, 420, 400, 830]
            return kinds[index % 6], heads[index % 6]
        kind = "CLG" if index % 3 else ("LYC", "LPO", "LP")[index // 3 % 3]
        low, high = SIZES[self.size][0 if kind == "CLG" else 1]
        return kind, self.random.randint(low, high)

    def school(self, index: int) -> None:
        kind, head = self.plan(index)
        departement = self.uais[index][1:3] if self.uais else ("63", "03", "43", "15")[index % 4]
        town_name, _, postcode = self.random.choice(invented.TOWNS[departement].split()).partition(":")
        town = (town_name.replace("_", " "), postcode)
        digits = f"0{departement}9{index // 4 % 1000:03d}"
        key = str(self.first_key + index)
        school_name = invented.SCHOOL_NAMES[index % len(invented.SCHOOL_NAMES)].replace("_", " ")
        slots, divisions = self.seats(kind, head)
        groups, lessons = self.teaching(divisions, slots)
        staff, teachers = self.staff(key, divisions, lessons, kind, head, index == self.schools - 1)
        self.families(index, key, town, slots, [*staff, *(t.person for t in teachers)])
        type_name, type_code, _ = invented.KINDS[kind]
        uai = self.uais[index] if self.uais else digits + check_letter(digits)
        self.out["EtabEducNat"].write(
            key,
            {
                "ENTStructureJointure": key,
                "ENTStructureUAI": uai,
                "ENTEtablissementUAI": uai,
                "ENTStructureSIREN": f"99{index:07d}",
                "ENTStructureNomCourant": f"{kind}${school_name}${town[0]}",
                "ENTStructureTypeStruct": type_name,
                "ENTStructureCodeTypeStruct": type_code,
                "ENTEtablissementContrat": "PU",
                "street": f"{self.random.randint(1, 60)} {self.random.choice(invented.STREETS)}",
                "postalCode": town[1],
                "l": town[0],
                "telephoneNumber": self.phone(False),
                "ENTServAcAcademie": "CLERMONT-FERRAND",
                "ENTStructureClasses": [f"{d.name}${d.label}${d.mef}" for d in divisions],
                "ENTStructureGroupes": [f"{name}${label}$" + "$".join(names) for name, label, names in groups],
            },
        )
        self.summary.schools += 1
        self.summary.divisions += len(divisions)
        self.summary.groups += len(groups)

    def seats(self, kind: str, head: int) -> tuple[list[_Slot], list[_Division]]:
        """The divisions with their seats, a few more or less in each."""
        streams = invented.KINDS[kind][2]
        levels = [(stream, level) for stream in streams for level in invented.LEVELS[stream]]
        weights = [3 if stream == "GENERAL" and len(streams) > 1 else 1 for stream, _ in levels]
        wanted = 24 if streams == ["PRO"] else 26 if kind == "CLG" else 31
        divisions: list[_Division] = []
        slots: list[_Slot] = []
        left, weight_left = head, sum(weights)
        for (stream, (level, prefix, mef, label, age)), weight in zip(levels, weights, strict=True):
            people = round(left * weight / weight_left)
            left, weight_left = left - people, weight_left - weight
            count = max(1, round(people / wanted))
            for number in range(count):
                name = prefix + (chr(65 + number) if kind == "CLG" else str(number + 1))
                division = _Division(name, level, mef, label, age, kind != "CLG", stream == "PRO")
                divisions.append(division)
                slots += [_Slot(division) for _ in range(people // count + (number < people % count))]
        return slots, divisions

    def teaching(
        self, divisions: list[_Division], slots: list[_Slot]
    ) -> tuple[list[tuple[str, str, list[str]]], list[tuple[str, str, str, int, str, str, bool]]]:
        """Groups (name, label, divisions) and lessons (discipline, code, label, hours, class or group, MEF, group?)."""
        lessons: list[tuple[str, str, str, int, str, str, bool]] = []
        groups: list[tuple[str, str, list[str]]] = []
        common: dict[str, list[tuple[str, str]]] = {}
        for division in divisions:
            for code, label, discipline, college, lycee in invented.SUBJECTS + (invented.PRO if division.pro else []):
                hours = lycee if division.lycee else college
                if (division.level, code) == ("6e", "062300") or (division.level != "Tle" and code == "013300"):
                    hours = 0
                if hours:
                    common.setdefault(division.name, []).append((code, label))
                    lessons.append((discipline, code, label, hours, division.name, division.mef, False))
        by_level: dict[str, list[_Slot]] = {}
        for slot in slots:
            slot.subjects = list(common[slot.division.name])
            by_level.setdefault(slot.division.level, []).append(slot)
        for level, members in by_level.items():
            chosen: dict[str, list[_Slot]] = {}
            for slot in members:
                if level != "6e" and not slot.division.pro:
                    language = self.random.choices(invented.LANGUAGES, [x[4] for x in invented.LANGUAGES])[0]
                    chosen.setdefault(language[0], []).append(slot)
                for option in invented.OPTIONS:
                    if self.random.random() < option[4]:
                        chosen.setdefault(option[0], []).append(slot)
            for code, label, discipline, short, _ in invented.LANGUAGES + invented.OPTIONS:
                takers = chosen.get(code, [])
                count = -(-len(takers) // 28)
                for number in range(count):
                    mine = takers[number * len(takers) // count : (number + 1) * len(takers) // count]
                    name = f"{level} {short}{number + 1 if count > 1 else ''}"
                    for slot in mine:
                        slot.groups.append(name)
                        slot.subjects.append((code, label))
                    groups.append((name, label.capitalize(), list(dict.fromkeys(s.division.name for s in mine))))
                    lessons.append((discipline, code, label, 2, name, mine[0].division.mef, True))
        return groups, lessons

    # --- staff ---

    def employee(self, born: tuple[int, int] = (1962, 1999)) -> _Person:
        person = self.person(self.random.random() < 0.6)
        person.birth = self.day(self.random.randint(*born))
        if self.random.random() < 0.95:
            person.mail = f"{_plain(person.given)}.{_plain(person.sn)}{person.id[-3:]}@ac-exemple.invalid"
        self.summary.staff += 1
        return person

    def staff(
        self, key: str, divisions: list[_Division], lessons: list[tuple[str, str, str, int, str, str, bool]],
        kind: str, head: int, last: bool,
    ) -> tuple[list[_Person], list[_Teacher]]:  # fmt: skip
        visitors, self.shared = self.shared, []
        teachers: list[_Teacher] = []
        current: dict[str, _Teacher] = {}
        for visitor in visitors:
            visitor.schools.append(key)
            visitor.load = 8
            current.setdefault(visitor.discipline, visitor)
            teachers.append(visitor)
        for discipline, code, label, hours, name, mef, is_group in lessons:
            teacher = current.get(discipline)
            if teacher is None or teacher.load + hours > 18:
                teacher = current[discipline] = _Teacher(self.employee(), discipline, schools=[key])
                teachers.append(teacher)
            teacher.load += hours
            teacher.lessons.append((key, name, code, label, mef, is_group))
        free = [t for t in teachers if t.schools == [key]]
        for division in divisions:
            taught = [t for t in free if not t.tutor_of and any(x[1] == division.name for x in t.lessons)]
            if taught:
                self.random.choice(taught).tutor_of.append(f"{key}${division.name}")
        if not last:  # those with few hours complete their service in the next school
            self.shared = [t for t in current.values() if t.load <= 10 and t.schools == [key]][:4]
        for teacher in teachers:
            if not any(teacher is other for other in self.shared):
                self.write_teacher(teacher)
        others = [("DIR", "DIRECTION", "D0010", "PROVISEUR" if kind != "CLG" else "PRINCIPAL")]
        others += [("DIR", "DIRECTION", "D0020", "ADJOINT AU CHEF D'ETABLISSEMENT")] * (head > 250)
        others += [("EDU", "EDUCATION", "E0030", "CONSEILLER PRINCIPAL D'EDUCATION")] * (1 + (head > 600))
        others += [("AED", "ASSISTANT D'EDUCATION", "A0040", "ASSISTANT D'EDUCATION")] * max(3, head // 90)
        others += [("DOC", "DOCUMENTATION", "L0080", "DOCUMENTATION"), ("ORI", "ORIENTATION", "Y0012", "ORIENTATION")]
        others += [("AESH", "ACCOMPAGNANT D'ELEVES", "A0050", "ACCOMPAGNANT D'ELEVES EN SITUATION DE HANDICAP")]
        others += [("SOC", "PERSONNELS SOCIAUX", "S0080", "ASSISTANT DE SERVICE SOCIAL")] * (head > 250)
        others += [("SAN", "PERSONNELS DE SANTE", "S0060", "INFIRMIER")]
        others += [("ADF", "PERSONNELS ADMINISTRATIFS", "F0070", "GESTION & SECRETARIAT")] * (1 + head // 350)
        people = []
        for code, label, discipline, role in others:
            person = self.employee((1990, 2005) if code == "AED" else (1962, 1995))
            function = f"{key}${code}${label}${discipline}${role}"
            self.write_staff(person, [key], [function], _Teacher(person, ""))
            people.append(person)
        return people, teachers

    def write_teacher(self, teacher: _Teacher) -> None:
        code = f"L{sum(map(ord, teacher.discipline)) % 10000:04d}"
        functions = [f"{key}$ENS$ENSEIGNEMENT${code}${teacher.discipline}" for key in teacher.schools]
        self.write_staff(teacher.person, teacher.schools[:1], functions, teacher)

    def write_staff(self, person: _Person, attached: list[str], functions: list[str], teacher: _Teacher) -> None:
        classes = [x for x in teacher.lessons if not x[5]]
        groups = [x for x in teacher.lessons if x[5]]
        labels = {m[2]: m[3] for levels in invented.LEVELS.values() for m in levels}
        mefs = dict.fromkeys((x[0], x[4]) for x in teacher.lessons)
        self.out["PersEducNat"].write(
            person.id,
            self.base(person)
            | {
                "mail": person.mail,
                "ENTPersonStructRattach": attached,
                "ENTAuxEnsCategoDiscipline": f"00${teacher.discipline}" if teacher.discipline else "",
                "ENTAuxEnsMEF": [f"{key}${mef}${labels[mef]}" for key, mef in mefs],
                "ENTAuxEnsMatiereEnseignEtab": list(dict.fromkeys(f"{x[0]}${x[3]}" for x in teacher.lessons)),
                "ENTAuxEnsClasses": [f"{x[0]}${x[1]}" for x in classes],
                "ENTAuxEnsGroupes": [f"{x[0]}${x[1]}" for x in groups],
                "ENTAuxEnsClassesMatieres": [f"{x[0]}${x[1]}${x[2]}" for x in classes],
                "ENTAuxEnsGroupesMatieres": [f"{x[0]}${x[1]}${x[2]}" for x in groups],
                "ENTAuxEnsClassesPrincipal": teacher.tutor_of,
                "ENTPersonFonctions": functions,
                "ENTPersonCategorieEnseignant": "O" if teacher.discipline else "N",
                "PersEducNatPresenceDevantEleves": "O" if teacher.lessons else "N",
            },
        )

    # --- families ---

    def families(self, index: int, key: str, town: tuple[str, str], slots: list[_Slot], staff: list[_Person]) -> None:
        self.random.shuffle(slots)
        arriving, self.coming = self.coming, []
        for pupil, links, home, _ in arriving:
            self.write_pupil(pupil, slots.pop(), key, links, home)
        parents_at_work = self.random.sample(staff, min(len(staff), 3 + len(slots) // 300))
        room = 0 if index == self.schools - 1 else 40
        while slots:
            names = [self.random.choice(self.names), self.random.choice(self.names)]
            shape = self.random.random()
            siblings = 1 + (len(slots) > 1 and self.random.random() < 0.2)
            elsewhere = len(self.coming) < room and self.random.random() < 0.12
            self.family(key, town, slots, names, shape, siblings, elsewhere, parents_at_work)

    def family(
        self, key: str, town: tuple[str, str], slots: list[_Slot], names: list[str], shape: float,
        siblings: int, elsewhere: bool, parents_at_work: list[_Person],
    ) -> None:  # fmt: skip
        rnd = self.random
        child_name = names[0] if rnd.random() < 0.9 else "-".join(n.split("-")[0] for n in dict.fromkeys(names))
        first, second = self.home(town), self.home(town)
        separated, single = shape < 0.25, 0.25 <= shape < 0.37
        mother = self.person(True, names[1] if separated or rnd.random() < 0.4 else names[0], names[1])
        father = self.person(False, names[0])
        worker = parents_at_work.pop() if parents_at_work else None
        if worker is not None:  # a parent who also works in the school: another entry, the same person
            place = mother if worker.title == "Mme" else father
            place.sn, place.born_as, place.given = worker.sn, worker.born_as, worker.given
            place.birth, place.mail = worker.birth, worker.mail
            child_name = worker.sn
            single = False
        adults: list[tuple[_Person, str, int, _Home, str]] = []  # person, kinship code, authority, home, shown
        shown = "N" if separated and rnd.random() < 0.6 else "O"
        if rnd.random() < 0.012 and worker is None:  # a guardian, or the child-welfare service
            adults.append((self.person(rnd.random() < 0.5), rnd.choice(("50", "90")), 1, first, "N"))
        else:
            adults.append((mother, "10", 1, first, shown))
            if not single:
                rights = 0 if separated and worker is None and rnd.random() < 0.06 else 2
                adults.append((father, "20", rights, second if separated else first, shown))
        if rnd.random() < 0.1:
            elder = self.person(rnd.random() < 0.6, rnd.choice(names))
            adults.append((elder, rnd.choice(("37", "38")), 0, self.home(town), "O"))
        pays = rnd.randrange(len([a for a in adults if a[2]]))
        links = [f"{a[0].id}${a[1]}${int(i == pays)}${a[2]}$1$0" for i, a in enumerate(adults)]
        children = [self.person(rnd.random() < 0.49, child_name) for _ in range(siblings + elsewhere)]
        for child in children[:siblings]:
            self.write_pupil(child, slots.pop(), key, links, first)
        self.coming += [(child, links, first, key) for child in children[siblings:]]
        for adult, _, rights, home, diffusion in adults:
            self.write_relative(adult, [c.id for c in children], home, diffusion)
            if rights:
                self.summary.relatives += 1
            else:
                self.summary.contacts += 1

    def address(self, home: _Home) -> dict[str, str | list[str]]:
        return {
            "ENTPersonAdresse": home.lines,
            "ENTPersonCodePostal": home.postcode,
            "ENTPersonVille": home.town,
            "ENTPersonPays": "FRANCE",
        }

    def write_relative(self, person: _Person, children: list[str], home: _Home, diffusion: str) -> None:
        rnd = self.random
        if not person.mail and rnd.random() < 0.6:
            person.mail = f"{_plain(person.given)}.{_plain(person.sn)}{person.id[-4:]}@exemple.invalid"
        mobile = self.phone(True) if rnd.random() < 0.95 else ""
        contact: dict[str, str | list[str]] = {
            "ENTAuxPersRelEleveEleve": children,
            "homePhone": self.phone(False) if rnd.random() < 0.5 else "",
            "telephoneNumber": self.phone(False) if rnd.random() < 0.3 else "",
            "ENTPersonAdresseDiffusion": diffusion,
            "mobile": mobile,
            "mail": person.mail,
            "ENTPersonMobileSMS": mobile if rnd.random() < 0.7 else "",
        }
        self.out["PersRelEleve"].write(person.id, self.base(person) | self.address(home) | contact)

    def write_pupil(self, pupil: _Person, slot: _Slot, key: str, links: list[str], home: _Home) -> None:
        rnd, division = self.random, slot.division
        self.summary.pupils += 1
        pupil.birth = self.day(2025 - division.age - (rnd.random() < 0.08))
        half, boarder = "DEMI-PENSIONNAIRE DANS L'ETABLISSEMENT", "INTERNE DANS L'ETABLISSEMENT"
        schemes = ["EXTERNE LIBRE", half, boarder]
        study: dict[str, str | list[str]] = {
            "ENTEleveINE": f"{self.summary.pupils:09d}{chr(65 + self.next_id % 26)}{chr(65 + self.next_id // 26 % 26)}",
            "ENTEleveStructRattachId": pupil.id[::-1],
            "ENTPersonAutresPrenoms": pupil.given,
            "mobile": self.phone(True) if division.lycee and rnd.random() < 0.6 else "",
            "ENTEleveBoursier": "O" if rnd.random() < 0.24 else "N",
            "ENTEleveRegime": rnd.choices(schemes, (20, 65, 15) if division.lycee else (22, 77, 1))[0],
            "ENTEleveTransport": "O" if rnd.random() < 0.4 else "N",
            "ENTEleveStatutEleve": "SCOLAIRE",
            "ENTEleveMEF": division.mef,
            "ENTEleveLibelleMEF": division.label,
            "ENTEleveNivFormation": division.label,
            "ENTEleveFiliere": division.label,
            "ENTEleveCodeEnseignements": [code for code, _ in slot.subjects],
            "ENTEleveEnseignements": [label for _, label in slot.subjects],
            "ENTPersonStructRattach": key,
            "ENTEleveClasses": f"{key}${division.name}",
            "ENTEleveGroupes": [f"{key}${name}" for name in slot.groups],
            "ENTElevePersRelEleve": links,
        }
        self.out["Eleve"].write(pupil.id, self.base(pupil) | self.address(home) | study)


def generate(
    folder: Path,
    schools: int,
    seed: int,
    *,
    size: str | None = None,
    pilot: bool = False,
    uais: Sequence[str] = (),
    day: str = DAY,
    progress: Callable[[int, int], None] | None = None,
) -> Summary:
    """Write a Complet export of invented schools into an empty folder; `progress(done, total)` after each school.

    `uais`: as many numbers of schools of the four départements, instead of invented ones. `day`: of the export
    (AAAAMMJJ), which says of which school year it is.
    """
    if not 1 <= schools <= 4000:
        raise ValueError("Le nombre d'établissements doit être compris entre 1 et 4000.")
    if size not in SIZES:
        raise ValueError("La taille doit être « small », « large » ou absente.")
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    if next(folder.glob("*.xml"), None) is not None:
        raise ValueError(f"Le dossier « {folder} » contient déjà des fichiers XML : choisissez un dossier vide.")
    return _Generator(folder, schools, seed, size, pilot, uais, day).run(progress)
