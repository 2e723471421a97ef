"""STS-web's export (`sts_emp_<UAI>_<year>.xml`): divisions, groups and their services (subject, teachers).

It tells who teaches what to whom, without any hour: `Schedule.services`, no lesson.
"""

from typing import BinaryIO

from ent.exchange.timetable.schedule import Named, Oddity, Schedule, Service, Unreadable
from ent.exchange.timetable.xml_stream import elements, local

ROOT = "STS_EDT"
NAMES = frozenset({"INDIVIDU", "MATIERE", "DIVISION", "GROUPE"})


def read(file: BinaryIO) -> Schedule:
    """The services of an STS export; `Unreadable` in French."""
    found = Schedule("sts")
    for name, element in elements(file, NAMES):
        if name == "INDIVIDU":
            last, first = _text(element, "NOM_USAGE") or _text(element, "NOM_PATRONYMIQUE"), _text(element, "PRENOM")
            key = element.get("ID") or ""
            if key and last:
                found.teachers[key] = Named(
                    key, f"{last} {first}".strip(), "", {"last_name": last, "first_name": first}
                )
        elif name == "MATIERE":
            code = element.get("CODE") or ""
            if code:
                label = _text(element, "LIBELLE_EDITION") or _text(element, "LIBELLE_LONG") or code
                found.subjects[code] = Named(code, label, code)
        else:
            _audience(found, name, element)
    if not found.services:
        raise Unreadable("Ce fichier ne contient aucun service d'enseignement : choisissez dans STS-web l'export "
                         "« emploi du temps » (sts_emp…).")  # fmt: skip
    taught = {one.teacher for one in found.services}
    found.teachers = {key: one for key, one in found.teachers.items() if key in taught}
    used = {one.subject for one in found.services}
    found.subjects = {key: one for key, one in found.subjects.items() if key in used}
    for code in used - found.subjects.keys():
        found.subjects[code] = Named(code, code, code)
    return found


def _audience(found: Schedule, name: str, element) -> None:
    code = element.get("CODE") or ""
    if not code:
        return
    label = _text(element, "LIBELLE_LONG")
    if name == "DIVISION":
        found.divisions[code] = Named(code, code, label)
    else:
        of = tuple(one.get("CODE") or "" for one in element.iter() if local(one.tag) == "DIVISION_APPARTENANCE")
        found.groups[code] = Named(code, code, label, {"divisions": of})
    for service in element.iter():
        if local(service.tag) != "SERVICE":
            continue
        subject = service.get("CODE_MATIERE") or ""
        teachers = [one.get("ID") or "" for one in service.iter() if local(one.tag) == "ENSEIGNANT"]
        if not subject or not teachers:
            found.oddities.append(Oddity(f"{name.capitalize()} {code}", "un service sans matière ou sans enseignant"))
        kind = {"division" if name == "DIVISION" else "group": code}
        found.services += [Service(subject, teacher, **kind) for teacher in teachers if subject and teacher]


def _text(element, name: str) -> str:
    return next(((one.text or "").strip() for one in element if local(one.tag) == name), "")
