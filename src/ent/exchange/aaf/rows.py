"""What the records of an export become: rows of the staging tables. Pure Python, as the reader."""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from ent.accounts.names import sign_in_base
from ent.exchange.aaf.reader import (
    MAX_ODDITIES,
    Oddity,
    Record,
    kinships,
    parse_date,
    presentable_name,
    split_composite,
)
from ent.kernel.text import folded

# The same names come again and again.
_presentable, _folded = lru_cache(20_000)(presentable_name), lru_cache(20_000)(folded)
_as_json = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode
FUNCTIONS = {
    "ENS": "teacher", "DIR": "school_head", "EDU": "cpe", "AED": "aed", "DOC": "librarian", "ORI": "psy_en",
    "PSY": "psy_en", "SAN": "nurse", "ADF": "office_staff", "ASE": "aesh", "AESH": "aesh", "SOC": "social_worker",
}  # fmt: skip


@dataclass
class Structure:
    """A structure of the export."""

    number: int
    key: str
    uai: str
    attributes: dict[str, list[str]]
    file: str
    school_pk: int | None = None
    # False: left aside (unknown here, or not asked for).
    wanted: bool = True

    def first(self, name: str) -> str:
        """The first value of an attribute."""
        return (self.attributes.get(name) or [""])[0]


@dataclass
class Findings:
    """What records say beside their rows; those of several readers add up."""

    oddities: list[Oddity] = field(default_factory=list)
    unlisted_oddities: int = 0
    foreign_staff: int = 0
    categories: Counter = field(default_factory=Counter)
    # People of each structure, by its number: a structure in which nobody is named is registered only.
    named: Counter = field(default_factory=Counter)

    def note(self, file: str, identifier: str, kind: str, reason: str) -> None:
        """An oddity of the import (the reader has its own)."""
        if len(self.oddities) < MAX_ODDITIES:
            self.oddities.append(Oddity(file, identifier, kind, reason))
        else:
            self.unlisted_oddities += 1

    def include(self, other: "Findings") -> None:
        """Add another reader's."""
        self.oddities += other.oddities
        self.unlisted_oddities += other.unlisted_oddities
        self.foreign_staff += other.foreign_staff
        self.categories += other.categories
        self.named += other.named


class Rows:
    """Turns records into rows, which wait by table in `rows`; knows the structures."""

    def __init__(self, structures: dict[str, Structure]) -> None:
        self.structures = structures
        self.findings = Findings()
        self.rows: dict[str, list[tuple]] = defaultdict(list)
        self.waiting = 0

    def note(self, record: Record, kind: str, reason: str) -> None:
        """Something strange in a record."""
        self.findings.note(record.file, record.id, kind, reason)

    def taken(self) -> dict[str, list[tuple]]:
        """The rows that waited."""
        rows, self.rows, self.waiting = self.rows, defaultdict(list), 0
        return rows

    def add(self, record: Record) -> None:
        """Stage one record."""
        category = record.category
        self.findings.categories[category] += 1
        if category == "subject":
            self._put("subject", record.id[:20], _one(record, "ENTLibelleMatiere")[:120])
        elif category == "programme":
            self._put("programme", record.id[:20], _one(record, "ENTLibelleMef")[:120])
        else:
            self._person(record)
            if category == "pupil":
                self._pupil(record)
            elif category == "staff":
                self._staff(record)

    def audiences(self) -> None:
        """Classes and groups that the structures themselves name."""
        for structure in self.structures.values():
            if not structure.wanted:
                continue
            for value in dict.fromkeys(structure.attributes.get("ENTStructureClasses", ())):
                code, label, *_ = split_composite(value, 3)
                if code:
                    self._put("division", structure.number, code[:60], label[:160])
            for value in dict.fromkeys(structure.attributes.get("ENTStructureGroupes", ())):
                code, label, *divisions = [part.strip() for part in value.split("$")] + [""]
                if not code:
                    continue
                self._put("grp", structure.number, code[:60], label[:160])
                for division in filter(None, divisions):
                    self._put("division", structure.number, division[:60], "")
                    self._put("grp_division", structure.number, code[:60], division[:60])

    # --- one person ----------------------------------------------------------------------------------------------

    def _put(self, table: str, *row) -> None:
        self.rows[table].append(row)
        self.waiting += 1

    def _person(self, record: Record) -> None:
        get = record.attributes.get

        def one(name: str) -> str:
            values = get(name)
            return values[0] if values else ""

        text = _as_json(record.attributes)
        last = _presentable(one("sn") or one("ENTPersonNomPatro"))[:100]
        first = _presentable(one("givenName"))[:100]
        if not last:
            self.note(record, "name", "Fiche sans nom : l'identifiant en tient lieu.")
            last = record.id
        born = one("ENTPersonDateNaissance")
        birth = parse_date(born)
        if born and birth is None:
            self.findings.note(
                record.file, record.id, "date", "Date de naissance illisible (attendu : jj/mm/aaaa) : laissée vide."
            )
        plain_last, plain_first = _folded(last), _folded(first)
        address = ", ".join(part.strip() for part in one("ENTPersonAdresse").split("$") if part.strip())
        digest = hashlib.blake2b(f"{record.category}\0{record.id}\0{text}".encode(), digest_size=8).digest()
        self._put(
            "person", record.category, record.id[:40], record.file, int.from_bytes(digest, signed=True),
            last, first, f"{plain_last} {plain_first}".strip()[:210], sign_in_base(plain_first, plain_last),
            one("personalTitle")[:10], birth, one("mail")[:254], one("homePhone")[:30], one("telephoneNumber")[:30],
            one("mobile")[:30], address[:300], one("ENTPersonCodePostal")[:10], one("ENTPersonVille")[:100],
            one("ENTPersonPays")[:60], one("ENTPersonAdresseDiffusion") == "O", text,
        )  # fmt: skip

    def _known(self, values: Iterable[str]) -> list[Structure]:
        """The structures of the export among the heads of these values, each once."""
        found = {}
        for value in values:
            structure = self.structures.get(value.split("$", 1)[0].strip())
            if structure:
                found[structure.key] = structure
        return list(found.values())

    def _pupil(self, record: Record) -> None:
        values, key = record.attributes.get, record.id[:40]
        classes, groups = values("ENTEleveClasses") or (), values("ENTEleveGroupes") or ()
        homes = self._known([*(values("ENTPersonStructRattach") or ()), *classes, *groups])
        if not homes:
            reason = "Élève d'une structure absente de l'export : laissé de côté."
            self.note(record, "structure", reason)
        schools = [home for home in homes if home.wanted]
        for structure in schools:
            self.findings.named[structure.number] += 1
            self._put("place", structure.number, "pupil", key)
        relatives, unread = kinships(record.attributes)
        for _ in unread:
            self.findings.note(
                record.file, record.id, "kinship", "Lien de parenté illisible ou répété : laissé de côté."
            )
        numbers: list[int | None] = [structure.number for structure in schools]
        for number in numbers or [None]:
            for order, link in enumerate(relatives, 1):
                self._put("link", number, key, link.relative_id[:40], link.kinship, link.legal_rank, link.pays,
                          link.contact, link.paid, order, record.file)  # fmt: skip
        if not schools:
            return
        scheme = _folded(_one(record, "ENTEleveRegime"))
        boarding = next((to for start, to in _SCHEMES if scheme.startswith(start)), "")
        self._put("pupil", key, _one(record, "ENTEleveINE")[:11], _one(record, "ENTEleveStructRattachId")[:20],
                  _one(record, "ENTEleveMEF")[:20], boarding, _one(record, "ENTEleveBoursier") == "O",
                  _one(record, "ENTEleveTransport") == "O")  # fmt: skip
        entered = {}
        for value in values("ENTEleveDateEntreeClasses") or ():
            home, date, code = split_composite(value, 3)
            entered[home, code] = parse_date(date)
        for structure, home, code in self._audiences(classes, schools):
            self._put("enrolment", structure.number, key, code[:60], entered.get((home, code)))
            self._put("division", structure.number, code[:60], "")
        for structure, _, code in self._audiences(groups, schools):
            self._put("group_enrolment", structure.number, key, code[:60])
            self._put("grp", structure.number, code[:60], "")

    def _audiences(self, values: Iterable[str], schools: list[Structure]) -> list[tuple[Structure, str, str]]:
        """(structure, key as written, class) once each; a foreign key stands for the person's only school."""
        found = {}
        for value in values:
            home, code = split_composite(value, 2)
            structure = self.structures.get(home)
            if structure is None and len(schools) == 1:
                structure = schools[0]
            if code and structure is not None and structure.wanted:
                found.setdefault((structure.key, code), (structure, home, code))
        return list(found.values())

    def _staff(self, record: Record) -> None:
        values, key = record.attributes.get, record.id[:40]
        functions = values("ENTPersonFonctions") or ()
        taught = {"division": values("ENTAuxEnsClasses") or (), "grp": values("ENTAuxEnsGroupes") or ()}
        named = {"division": values("ENTAuxEnsClassesMatieres") or (), "grp": values("ENTAuxEnsGroupesMatieres") or ()}
        tutored = values("ENTAuxEnsClassesPrincipal") or ()
        homes = self._known([*(values("ENTPersonStructRattach") or ()), *functions, *taught["division"],
                             *taught["grp"], *named["division"], *named["grp"], *tutored])  # fmt: skip
        if not homes:
            self.findings.foreign_staff += 1
            return
        schools = [home for home in homes if home.wanted]
        if not schools:
            return
        for structure in schools:
            self.findings.named[structure.number] += 1
            self._put("place", structure.number, "staff", key)
        teaches: set[int] = set()
        for kind in ("division", "grp"):
            for structure, code, subject in self._teachings(record, kind, taught[kind], named[kind], schools):
                teaches.add(structure.number)
                self._put("teaching", structure.number, key, subject or None,
                          *((code, None) if kind == "division" else (None, code)))  # fmt: skip
                self._put(kind, structure.number, code, "")
        classes = {
            (structure.key, code): structure for structure, _, code in self._audiences(taught["division"], schools)
        }
        for value in dict.fromkeys(tutored):
            home, code = split_composite(value, 2)
            for structure in self._resolved(home, code, classes):
                self._put("tutor", structure.number, key, code[:60])
                self._put("division", structure.number, code[:60], "")
        self._functions(record, functions, schools, teaches)

    def _teachings(self, record, kind, taught, named, schools) -> list[tuple[Structure, str, str]]:
        classes = {(structure.key, code): structure for structure, _, code in self._audiences(taught, schools)}
        found: dict[tuple[int, str, str], tuple[Structure, str, str]] = {}
        with_subject = set()
        lost = []
        for value in named:
            home, code, subject = split_composite(value, 3)
            places = self._resolved(home, code, classes)
            if not places and home not in self.structures:
                lost.append(value)
            for structure in places:
                found[structure.number, code[:60], subject[:20]] = (structure, code[:60], subject[:20])
                with_subject.add((structure.number, code))
        if lost:
            reason = f"{len(lost)} enseignement(s) d'une structure inconnue, dont « {lost[0][:60]} » : laissés de côté."
            self.note(record, "teaching", reason)
        for (_, code), structure in classes.items():
            if (structure.number, code) not in with_subject:
                found[structure.number, code[:60], ""] = (structure, code[:60], "")
        return list(found.values())

    def _resolved(self, home: str, code: str, classes: dict) -> list[Structure]:
        """The school meant: by its key, else by the one class of that name the person has."""
        if not code:
            return []
        structure = self.structures.get(home)
        if structure is not None:
            return [structure] if structure.wanted else []
        by_name = [structure for (_, name), structure in classes.items() if name == code]
        return by_name if len(by_name) == 1 else []

    def _functions(self, record: Record, functions, schools: list[Structure], teaches: set[int]) -> None:
        per_school: dict[int, dict[str, str]] = {structure.number: {} for structure in schools}
        elsewhere = []
        placed = False
        for value in functions:
            home, code, label, _, discipline = split_composite(value, 5)
            function = FUNCTIONS.get(code.upper(), "" if code in ("-", "") else "other")
            if function == "school_head" and "ADJOINT" in f"{label} {discipline}".upper():
                function = "deputy_head"
            if not function:
                continue
            shown = _presentable(discipline if function == "teacher" else label)[:100]
            structure = self.structures.get(home)
            if structure is None:
                elsewhere.append((function, shown))
            else:
                placed = True
                if structure.number in per_school:
                    per_school[structure.number].setdefault(function, shown)
        for number, found in per_school.items():
            if not placed:  # the same structure goes by another key in this attribute
                for function, shown in elsewhere:
                    found.setdefault(function, shown)
            if not found:
                found["teacher" if number in teaches else "other"] = ""
            for function, shown in found.items():
                self._put("function", number, record.id[:40], function, shown)


_SCHEMES = (("externe", "day"), ("demi", "half_board"), ("interne", "boarder"))


def _one(record: Record, name: str) -> str:
    values = record.attributes.get(name)
    return values[0] if values else ""
