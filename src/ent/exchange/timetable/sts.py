"""STS-web: the export « sts_emp_<UAI>_<year>.xml », which tells who teaches what to whom, but not when.

Fields are those of one real export (a collège of 2021, encoded in ISO-8859-15). A person is known by type and number
together (« epp-82729 »). Substitutes are listed apart; services name those whom they replace, so that substitutes are
left out here. What could not be verified: exports of a lycée.
"""

from typing import BinaryIO

from lxml import etree

from ent.exchange.timetable.markup import attribute, children, records, root, text_of
from ent.exchange.timetable.schedule import (
    MAX_LESSONS,
    MAX_NAMED,
    Named,
    Oddities,
    Schedule,
    Service,
    Unreadable,
    bounded,
    parse_iso_date,
    year_is_possible,
)

ROOT = "STS_EDT"
_WANTED = {
    (ROOT, "PARAMETRES", "ANNEE_SCOLAIRE"),
    (ROOT, "NOMENCLATURES", "MATIERES", "MATIERE"),
    (ROOT, "DONNEES", "INDIVIDUS", "INDIVIDU"),
    (ROOT, "DONNEES", "STRUCTURE", "DIVISIONS", "DIVISION"),
    (ROOT, "DONNEES", "STRUCTURE", "GROUPES", "GROUPE"),
}


def read(file: BinaryIO) -> Schedule:
    """The services of an STS export, and no lesson; `Unreadable` in French."""
    if root(file)[0] != ROOT:
        raise Unreadable("Ce fichier n'est pas un export de STS-web : dans STS-web, exportez les emplois du temps.")
    reading = _Reading()
    for path, element in records(file, _WANTED.__contains__):
        reading.take(path[-1], element)
    return reading.schedule()


class _Reading:
    def __init__(self) -> None:
        self.found = Schedule("sts")
        self.oddities = Oddities()

    def take(self, tag: str, element: etree._Element) -> None:
        """One record of the export."""
        found = self.found
        named = len(found.subjects) + len(found.teachers) + len(found.divisions) + len(found.groups)
        bounded(named, MAX_NAMED, "noms")
        if tag == "ANNEE_SCOLAIRE":
            self._year(element)
        elif tag == "INDIVIDU":
            self._person(element)
        elif not (code := attribute(element, "CODE")):
            self.oddities.counts[f"{{n}} fiche(s) « {tag} » sans code, laissées de côté."] += 1
        elif tag == "MATIERE":
            name = text_of(element, "LIBELLE_EDITION") or text_of(element, "LIBELLE_LONG") or code
            found.subjects[code] = Named(code, name, code)
        elif tag == "DIVISION":
            found.divisions[code] = Named(code, code, text_of(element, "LIBELLE_LONG"))
            self._services(element, f"Classe {code}", division=code)
        else:
            of = tuple(
                attribute(one, "CODE")
                for member in children(element, "DIVISIONS_APPARTENANCE")
                for one in children(member, "DIVISION_APPARTENANCE")
            )
            found.groups[code] = Named(code, code, text_of(element, "LIBELLE_LONG"), {"divisions": of})
            self._services(element, f"Groupe {code}", group=code)

    def _year(self, element: etree._Element) -> None:
        starts_on, ends_on = (parse_iso_date(text_of(element, tag)) for tag in ("DATE_DEBUT", "DATE_FIN"))
        if starts_on and ends_on and year_is_possible(starts_on, ends_on):
            self.found.starts_on, self.found.ends_on = starts_on, ends_on
        else:
            self.oddities.note("Année scolaire", "Ses dates manquent ou sont fausses.")

    def _person(self, element: etree._Element) -> None:
        if not attribute(element, "ID"):
            self.oddities.counts["{n} personne(s) sans identifiant, laissées de côté."] += 1
        elif text_of(element, "FONCTION") in ("ENS", ""):
            key = _person_key(element)
            last = text_of(element, "NOM_USAGE") or text_of(element, "NOM_PATRONYMIQUE")
            first = text_of(element, "PRENOM")
            extra = {"last_name": last, "first_name": first}
            self.found.teachers[key] = Named(key, f"{last} {first}".strip() or key, extra=extra)

    def _services(self, element: etree._Element, where: str, **audience: str) -> None:
        for services in children(element, "SERVICES"):
            for service in children(services, "SERVICE"):
                bounded(len(self.found.services), MAX_LESSONS, "services")
                subject = attribute(service, "CODE_MATIERE")
                taught = [one for many in children(service, "ENSEIGNANTS") for one in children(many, "ENSEIGNANT")]
                if not subject:
                    self.oddities.note(where, "Un service n'a pas de matière : il est laissé de côté.")
                    continue
                if not taught:
                    self.oddities.counts["{n} services n'ont pas d'enseignant : affectez-les dans STS-web."] += 1
                self.found.services += [Service(subject, _person_key(one), **audience) for one in taught]

    def schedule(self) -> Schedule:
        """What services name, and nothing else."""
        found = self.found
        if not found.services:
            raise Unreadable(
                "Ce fichier ne contient aucun service d'enseignement : choisissez dans STS-web l'export « emploi du "
                "temps » (sts_emp…)."
            )
        for code in dict.fromkeys(one.subject for one in found.services):
            if code not in found.subjects:
                found.subjects[code] = Named(code, code, code)
                self.oddities.note(f"Matière {code[:20]}", "Absente du fichier : ajoutez-la dans STS-web.")
        for key in dict.fromkeys(one.teacher for one in found.services):
            if key not in found.teachers:
                self.oddities.note(f"Enseignant {key[:30]}", "Absent du fichier : ses services sont laissés de côté.")
        taught, used = {one.teacher for one in found.services}, {one.subject for one in found.services}
        found.teachers = {key: one for key, one in found.teachers.items() if key in taught}
        found.subjects = {key: one for key, one in found.subjects.items() if key in used}
        found.oddities = self.oddities.all()
        return found


def _person_key(element: etree._Element) -> str:
    return f"{attribute(element, 'TYPE')}-{attribute(element, 'ID')}"
