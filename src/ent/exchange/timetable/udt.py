"""UnDeuxTemps (UDT): the zip of « UDCal_NN.xml » files.

NO SAMPLE WAS AT HAND. Fields are believed from public readers of this export (edificeio/entcore, laclasse-com), which
agree on them; facts were taken from there, no code:

  UDCal_24  annee, debut_eleve, fin_eleve (text, dd/mm/yyyy); fermeture[debut fin]: days without pupils
  UDCal_00  init[premiere_semaine_ISO duree_seq]: number of the first week, length of a sequence in seconds
  UDCal_03  salle[code nom]            UDCal_04  prof[code nom prenom epj]
  UDCal_05  mat[code libelle code_gep1] UDCal_07  demi_seq[code code_jour code_site hre_deb hre_fin]
  UDCal_08  div[code libelle code_gep]  UDCal_10  eleve[code nom prenom naissance]
  UDCal_19  gpe[code code_div code_sts]: a group is a part of one division
  UDCal_13  rgpmt[code nom code_div code_gpe]: groups (or, without code_gpe, whole divisions) put together
  UDCal_21  ele_gpe[ele gpe code_div]: pupils of groups
  UDCal_11  fiche[code jour demi_seq site]: a place in the grid, jour 1 = Monday
  UDCal_12  ligfiche[code fic div mat prof rgpmt gpe salle]: what takes place there, half a sequence at a time
  UDCal_23  coens[lignefic prof]: further teachers of a line
  UDCal_12_WW, UDCal_23_WW  the same for ISO week WW alone, in place of the ordinary timetable

All are optional here but 24, 07, 11 and 12: without them there is no timetable. Names are read whatever their case.
Believed, and never seen: that a weekly file replaces the whole week; that demi_seq numbers follow each other within a
day (adjacent ones with the same people are one lesson). Alternating weeks are thus known by the weekly files only.
The masks of weeks of `ele_gpe` are not read: a pupil is in the group for the year.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from lxml import etree

from ent.exchange.timetable.archive import Archive
from ent.exchange.timetable.markup import attribute, local, records
from ent.exchange.timetable.schedule import (
    MAX_LESSONS,
    MAX_MEMBERSHIPS,
    MAX_NAMED,
    Named,
    Oddities,
    PupilInGroup,
    Schedule,
    ScheduledLesson,
    Unreadable,
    bounded,
    keyed,
    mondays,
    parse_time,
    year_is_possible,
)
from ent.school.timetable.models import monday_of

MAX_LINES = 100_000
_NEEDED = {"24": "calendrier", "07": "demi-séquences", "11": "fiches-T", "12": "lignes de fiches-T"}
_WEEKLY = re.compile(r"udcal_12_([0-9]{2})\.xml")
# Two half-sequences with this much between them are still one lesson (a break), not two (a meal).
_BREAK = timedelta(minutes=30)
_ANY_DAY = date(2000, 1, 1)


def is_udt(archive: Archive) -> bool:
    """Whether an archive's names are those of the export."""
    return any(re.fullmatch(r"udcal_[0-9]{2}\.xml", name) for name in archive.names())


def read(content: bytes) -> Schedule:
    """The schedule of an UnDeuxTemps zip; `Unreadable` in French."""
    return _Reading(Archive(content)).schedule()


@dataclass(slots=True)
class _Line:
    """What takes place in one cell of the grid."""

    weekday: int
    order: int
    starts: time
    ends: time
    who: tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...], tuple[str, ...]]
    weeks: set[date] = field(default_factory=set)


class _Reading:
    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.oddities = Oddities()
        self.starts_on: date
        self.ends_on: date
        self.closed: set[date] = set()
        self.groups: dict[str, Named] = {}
        self.places: dict[str, tuple[int, int, time, time]] = {}
        self.merged_names: dict[str, str] = {}  # code of a regroupement -> key of the group
        self.merges: dict[str, list[str]] = defaultdict(list)  # part or division -> groups that take it

    def schedule(self) -> Schedule:
        """Members in the order of what they need."""
        missing = [
            f"UDCal_{n} ({label})" for n, label in _NEEDED.items() if f"udcal_{n}.xml" not in self.archive.names()
        ]
        if missing:
            raise Unreadable(
                f"Cet export UnDeuxTemps est incomplet : il y manque {', '.join(missing)}. Dans UnDeuxTemps, refaites "
                "l'export vers l'ENT."
            )
        self._calendar()
        self.rooms = {k: Named(k, attribute(e, "nom") or k) for k, e in self._coded("03", "salle")}
        self.teachers = {k: _teacher(k, e) for k, e in self._coded("04", "prof")}
        self.subjects = {
            k: Named(k, attribute(e, "libelle") or k, attribute(e, "code_gep1") or k)
            for k, e in self._coded("05", "mat")
            if k != "***"
        }
        self.divisions = {k: Named(k, k, attribute(e, "libelle")) for k, e in self._coded("08", "div")}
        self._groups()
        named = self.rooms, self.teachers, self.subjects, self.divisions, self.groups
        bounded(sum(map(len, named)), MAX_NAMED, "noms")
        self._grid()
        lessons = self._lessons()
        bounded(len(lessons), MAX_LESSONS, "cours")
        pupils = self._pupils()
        return keyed(
            Schedule(
                "udt", self.starts_on, self.ends_on, self.subjects, self.teachers, self.divisions, self.groups,
                self.rooms, lessons, [], pupils, self.oddities.all(),
            )
        )  # fmt: skip

    def _elements(self, number: str, *tags: str) -> Iterator[etree._Element]:
        """Elements of those names, wherever they stand in a member; none where the member is missing."""
        member = f"udcal_{number}.xml"
        if member not in self.archive.names():
            return
        wanted = records(self.archive.open(member), lambda path: path[-1] in tags)
        for rank, (_, element) in enumerate(wanted):
            bounded(rank, MAX_LINES, "lignes")
            yield element

    def _coded(self, number: str, tag: str) -> Iterator[tuple[str, etree._Element]]:
        for element in self._elements(number, tag):
            if code := attribute(element, "code"):
                yield code, element
            else:
                self.oddities.counts[f"{{n}} fiches « {tag} » sans code sont laissées de côté."] += 1

    def _calendar(self) -> None:
        dates: dict[str, date | None] = {}
        closings = []
        for element in self._elements("24", "debut_eleve", "fin_eleve", "fermeture"):
            tag = local(element.tag)
            if tag == "fermeture":
                closings.append((_date(attribute(element, "debut")), _date(attribute(element, "fin"))))
            else:
                dates.setdefault(tag, _date(element.text or ""))
        starts_on, ends_on = dates.get("debut_eleve"), dates.get("fin_eleve")
        if starts_on is None or ends_on is None or not year_is_possible(starts_on, ends_on):
            raise Unreadable(
                "Cet export ne donne pas les dates de l'année des élèves (UDCal_24). Vérifiez le calendrier dans "
                "UnDeuxTemps, puis refaites l'export."
            )
        self.starts_on, self.ends_on = starts_on, ends_on
        self.week_one = monday_of(starts_on)
        for element in self._elements("00", "init"):
            week = self._week(attribute(element, "premiere_semaine_ISO"))
            self.week_one = week or self.week_one
        for first, last in closings:
            if first is None or last is None or not 0 <= (last - first).days <= 366:
                self.oddities.note("UDCal_24", "Une fermeture a des dates fausses : elle est laissée de côté.")
            else:
                self.closed.update(first + timedelta(days=day) for day in range((last - first).days + 1))

    def _week(self, number: str) -> date | None:
        """The Monday of an ISO week of this school year."""
        if not re.fullmatch("[0-9]{1,2}", number):
            return None
        for year in (self.starts_on.year, self.starts_on.year + 1):
            try:
                monday = date.fromisocalendar(year, int(number), 1)
            except ValueError:
                continue
            if monday_of(self.starts_on) <= monday <= self.ends_on:
                return monday
        return None

    def _groups(self) -> None:
        for code, element in self._coded("19", "gpe"):
            division = attribute(element, "code_div")
            key = _part(division, code)
            name = attribute(element, "code_sts") or f"{division} Gr {code}"
            self.groups[key] = Named(key, name, extra={"divisions": (division,)})
        divisions: dict[str, dict[str, None]] = defaultdict(dict)
        for code, element in self._coded("13", "rgpmt"):
            name, division, part = (attribute(element, a) for a in ("nom", "code_div", "code_gpe"))
            key = f"rgpmt:{name or code}"
            self.merged_names[code] = key
            taken = _part(division, part) if part else division
            if taken not in (self.groups if part else self.divisions):
                self.oddities.note(f"UDCal_13, {name}", "Un regroupement prend un groupe ou une division inconnus.")
                continue
            self.merges[taken].append(key)
            divisions[key][division] = None
        for key in dict.fromkeys(self.merged_names.values()):
            extra = {"divisions": tuple(divisions[key])}
            self.groups[key] = Named(key, key.removeprefix("rgpmt:"), extra=extra)

    def _grid(self) -> None:
        slots: dict[tuple[str, int, str], tuple[time, time]] = {}
        for code, element in self._coded("07", "demi_seq"):
            starts, ends = parse_time(attribute(element, "hre_deb")), parse_time(attribute(element, "hre_fin"))
            if starts and ends and starts < ends and code.isdigit():
                slots[attribute(element, "code_jour"), int(code[:5]), attribute(element, "code_site")] = starts, ends
            else:
                self.oddities.counts[
                    "{n} demi-séquences n'ont pas d'heures : les cours placés là sont laissés de côté."
                ] += 1
        for code, element in self._coded("11", "fiche"):
            day, order, site = (attribute(element, a) for a in ("jour", "demi_seq", "site"))
            slot = slots.get((day, int(order[:5]), site)) if order.isascii() and order.isdigit() else None
            if slot is None or day not in tuple("1234567"):
                self.oddities.counts[
                    "{n} fiches-T ne sont pas dans la grille horaire : leurs cours sont laissés de côté."
                ] += 1
            else:
                self.places[code] = (int(day), int(order[:5]), *slot)

    def _lessons(self) -> list[ScheduledLesson]:
        """The ordinary weeks, then those that have a file of their own; the same lesson of several weeks is one."""
        own = {}
        for member in self.archive.names():
            if match := _WEEKLY.fullmatch(member):
                week = self._week(match[1])
                if week is None:
                    self.oddities.note(
                        member, "Cette semaine n'est pas dans l'année scolaire : le fichier est laissé de côté."
                    )
                else:
                    own[week] = match[1]
        all_weeks = mondays(self.starts_on, self.ends_on)
        ordinary = {week for week in all_weeks if week not in own and not self._is_closed(week)}
        found: dict[tuple, _Line] = {}
        for suffix, weeks in [("", ordinary), *((f"_{number}", {week}) for week, number in own.items())]:
            for line in _joined(self._lines(suffix)):
                key = (line.weekday, line.starts, line.ends, line.who)
                found.setdefault(key, line).weeks.update(weeks)
        return [
            ScheduledLesson("", line.weekday, line.starts, line.ends, frozenset(line.weeks), "", frozenset(), *line.who)
            for line in found.values()
            if line.weeks
        ]

    def _is_closed(self, week: date) -> bool:
        return all(week + timedelta(days=day) in self.closed for day in range(5))

    def _lines(self, suffix: str) -> Iterator[_Line]:
        others: dict[str, list[str]] = defaultdict(list)
        for element in self._elements(f"23{suffix}", "coens"):
            others[attribute(element, "lignefic")].append(attribute(element, "prof"))
        for element in self._elements(f"12{suffix}", "ligfiche"):
            place = self.places.get(attribute(element, "fic"))
            division = attribute(element, "div")
            if place is None:
                self.oddities.counts["{n} lignes de fiches-T sont sans place : elles sont laissées de côté."] += 1
            elif division:  # without one: a teacher's own hours, not a lesson
                yield _Line(*place, self._who(element, division, others[attribute(element, "code")]))

    def _who(self, element: etree._Element, division: str, others: list[str]) -> tuple:
        """Subject, teachers, divisions, groups, rooms; a group stands in place of its division."""
        merged, part = attribute(element, "rgpmt"), attribute(element, "gpe")
        group = self.merged_names.get(merged, "") or (_part(division, part) if part else "")
        if group and group not in self.groups:
            self._unknown("groupe", group)
            group = ""
        teachers = dict.fromkeys(one for one in (attribute(element, "prof"), *others) if one)
        subject, room = attribute(element, "mat"), attribute(element, "salle")
        if subject and subject not in self.subjects:
            self._unknown("matière", subject)
        if room and room not in self.rooms:
            self._unknown("salle", room)
        for teacher in teachers.keys() - self.teachers.keys():
            self._unknown("professeur", teacher)
        if not group and division not in self.divisions:
            self._unknown("division", division)
        return (
            subject if subject in self.subjects else "",
            tuple(sorted(one for one in teachers if one in self.teachers)),
            () if group or division not in self.divisions else (division,),
            (group,) if group else (),
            (room,) if room in self.rooms else (),
        )

    def _unknown(self, label: str, code: str) -> None:
        self.oddities.note("UDCal_12", f"Code inconnu « {code[:40]} » ({label}) : ce lien est laissé de côté.")

    def _pupils(self) -> dict[str, list[PupilInGroup]]:
        pupils = {
            code: PupilInGroup(attribute(e, "nom"), attribute(e, "prenom"), _date(attribute(e, "naissance")))
            for code, e in self._coded("10", "eleve")
        }
        found: dict[str, dict[str, PupilInGroup]] = defaultdict(dict)
        rows = 0
        for element in self._elements("21", "ele_gpe"):
            code, division, part = (attribute(element, a) for a in ("ele", "code_div", "gpe"))
            if code not in pupils:
                self.oddities.counts[
                    "{n} appartenances de groupe citent un élève inconnu : elles sont laissées de côté."
                ] += 1
                continue
            place = _part(division, part) if part else division
            for group in ([place] if place in self.groups else []) + self.merges.get(place, []):
                rows += 1
                bounded(rows, MAX_MEMBERSHIPS, "appartenances de groupe")
                found[group][code] = pupils[code]
        return {group: list(those.values()) for group, those in found.items()}


def _joined(lines: Iterator[_Line]) -> Iterator[_Line]:
    """Adjacent half-sequences of one day with the same people, subject and room are one lesson."""
    alike: dict[tuple, dict[int, _Line]] = defaultdict(dict)
    for line in lines:
        alike[line.weekday, line.who].setdefault(line.order, line)
    for orders in alike.values():
        current: _Line | None = None
        for _, line in sorted(orders.items()):
            if current and line.order == current.order + 1 and _gap(current.ends, line.starts) <= _BREAK:
                current.order, current.ends = line.order, max(line.ends, current.ends)
                continue
            if current:
                yield current
            current = line
        if current:
            yield current


def _gap(ends: time, starts: time) -> timedelta:
    return datetime.combine(_ANY_DAY, starts) - datetime.combine(_ANY_DAY, ends)


def _teacher(code: str, element: etree._Element) -> Named:
    last, first = attribute(element, "nom"), attribute(element, "prenom")
    return Named(code, f"{last} {first}".strip() or code, extra={"last_name": last, "first_name": first})


def _part(division: str, code: str) -> str:
    return f"gpe:{division}/{code}"


def _date(text: str) -> date | None:
    """« 01/09/2025 »; anything else gives None."""
    match = re.fullmatch(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})", text.strip())
    try:
        return date(int(match[3]), int(match[2]), int(match[1])) if match else None
    except ValueError:
        return None
