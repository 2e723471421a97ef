"""An academy's Complet, cut into one export per school, so that each school is imported, and fails, by itself."""

import os
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

from ent.exchange.aaf.reader import CATEGORIES, Export, ExportError, Record, kinships
from ent.exchange.aaf.writer import Series
from ent.kernel.text import folded

FILES = {category: name for name, category in CATEGORIES.items()}
# Copied whole to each school: classes and subjects are resolved through all structures.
COMMON = ("structure", "subject", "programme")
_HEADED = ("ENTPersonStructRattach", "ENTEleveClasses", "ENTEleveGroupes", "ENTPersonFonctions", "ENTAuxEnsClasses",
           "ENTAuxEnsGroupes", "ENTAuxEnsClassesMatieres", "ENTAuxEnsGroupesMatieres",
           "ENTAuxEnsClassesPrincipal")  # fmt: skip


def split(
    folder: Path, wanted: Iterable[str], target: Path, progress: Callable[[str], None] = lambda text: None
) -> set[str]:
    """Write `target/<UAI>/` for each wanted school of a Complet; returns the UAIs it holds. Memory: relatives' ids.

    Raises ExportError where the export cannot be read; what was written is then removed.
    """
    export = Export.open(folder)
    if export.kind != "Complet":
        raise ExportError("Seul un export complet se répartit par établissement : importez un différentiel d'un coup.")
    target.mkdir(parents=True)
    try:
        return _Split(export, set(wanted), target).do(progress)
    except BaseException:
        shutil.rmtree(target, ignore_errors=True)
        raise


class _Split:
    def __init__(self, export: Export, wanted: set[str], target: Path) -> None:
        self.export, self.wanted, self.target = export, wanted, target
        self.day = f"{export.date:%Y%m%d}" if export.date else "20000101"
        self.uai_of: dict[str, str] = {}
        self.homes_of_relative: dict[str, set[str]] = defaultdict(set)
        # A teacher who is a parent elsewhere is known for one person where both records are read together.
        self.homes_of_staff: dict[str, set[str]] = defaultdict(set)
        self.homes_of_namesake: dict[str, set[str]] = defaultdict(set)

    def do(self, progress: Callable[[str], None]) -> set[str]:
        """Pupils say whose the relatives are: they come first."""
        self._common()
        for record in self.export.records("staff"):
            self.homes_of_staff[_name(record)] |= self._homes(record)
        progress("Répartition des élèves")
        self._spread("pupil", self._homes_of_pupil)
        progress("Répartition des responsables")
        self._spread("relative", self._homes_of_relative)
        progress("Répartition des personnels")
        self._spread("staff", lambda record: self._homes(record) | self.homes_of_namesake[_name(record)])
        return set(self.uai_of.values())

    def _common(self) -> None:
        """Structures, subjects and programmes: written once, the same files in each school's folder."""
        with tempfile.TemporaryDirectory(dir=self.target) as shared:
            for category in COMMON:
                series = Series(Path(shared), FILES[category], self.day)
                for record in self.export.records(category):
                    series.write(record.id, record.attributes)
                    if category == "structure":
                        values = record.attributes
                        uai = (values.get("ENTStructureUAI") or values.get("ENTEtablissementUAI") or [""])[0].upper()[
                            :8
                        ]
                        if uai in self.wanted:
                            self.uai_of[record.id] = uai
                series.close()
            for uai in set(self.uai_of.values()):
                (self.target / uai).mkdir()
                for path in Path(shared).iterdir():
                    os.link(path, self.target / uai / path.name)

    def _spread(self, category: str, homes_of: Callable[[Record], set[str]]) -> None:
        # One category at a time: as many open files as schools, no more.
        series: dict[str, Series] = {}
        try:
            for record in self.export.records(category):
                for uai in homes_of(record):
                    if uai not in series:
                        series[uai] = Series(self.target / uai, FILES[category], self.day)
                    series[uai].write(record.id, record.attributes)
        finally:
            for one in series.values():
                one.close()

    def _homes(self, record: Record) -> set[str]:
        heads = (value.split("$", 1)[0].strip() for name in _HEADED for value in record.attributes.get(name, ()))
        return {self.uai_of[head] for head in heads if head in self.uai_of}

    def _homes_of_pupil(self, record: Record) -> set[str]:
        homes = self._homes(record)
        for link in kinships(record.attributes)[0]:
            self.homes_of_relative[link.relative_id] |= homes
        return homes

    def _homes_of_relative(self, record: Record) -> set[str]:
        homes = self.homes_of_relative.get(record.id, set())
        name = _name(record)
        if name in self.homes_of_staff and homes:
            self.homes_of_namesake[name] |= homes
            return homes | self.homes_of_staff[name]
        return homes


def _name(record: Record) -> str:
    values = record.attributes
    return folded(" ".join((values.get("sn") or [""])[:1] + (values.get("givenName") or [""])[:1]))
