"""The import of a directory export: read and staged once, then one transaction per school."""

import datetime
import hashlib
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from django.db import connection, transaction
from django.utils import timezone

from ent.exchange.aaf import accounts, delta
from ent.exchange.aaf.reader import Export, ExportError, Oddity, check_uai
from ent.exchange.aaf.registration import register
from ent.exchange.aaf.rows import Structure
from ent.exchange.aaf.school_import import AUDIENCES, KINDS, Counts, SchoolImport, empty, kind_of
from ent.exchange.aaf.staging import Staging, schema_of
from ent.exchange.models import ImportRun
from ent.exchange.models import SchoolImport as Done
from ent.kernel.live import announce
from ent.kernel.locks import held, is_held
from tenants.context import inside_as_owner, platform
from tenants.models import School
from tenants.provisioning import provision

logger = logging.getLogger(__name__)

Progress = Callable[[str, int], None]
# Exports are read side by side, and written into the schools one after the other: they share accounts.
WRITING = "import writes"
# Written into every school's digest: raise it when the import writes something else for the same export.
VERSION = "1"
LISTED = 2_000
LISTED_TO_SCHOOL = 200
# After so many schools the planner is told how the shared tables have grown.
ANALYSED = (1, 4, 16, 64, 256)


class ImportRefused(ExportError):
    """The import cannot start; the message, in French, says why."""


class AnotherAtWork(ImportRefused):
    """Another process is at work on this very import."""


@dataclass
class Report:
    """What an import did."""

    schools: dict[str, Counts] = field(default_factory=dict)
    unattached_relatives: int = 0
    foreign_staff: int = 0
    oddities: list[Oddity] = field(default_factory=list)
    # People a Delta adds, changes, removes; empty for a Complet.
    requests: dict[str, int] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    run: ImportRun | None = None

    # Over all schools; a person met in two schools counts once.
    totals: Counts = field(default_factory=lambda: {kind: empty() for kind in KINDS})

    def as_json(self) -> dict:
        """The report as it is written to a file."""
        return {
            "schools": self.schools,
            "totals": self.totals,
            "unattached_relatives": self.unattached_relatives,
            "foreign_staff": self.foreign_staff,
            "oddities": [asdict(oddity) for oddity in self.oddities],
            **({"requests": self.requests} if self.requests else {}),
        }


class _Undo(Exception):
    """Raised to roll a dry run's school back."""


def run_import(
    folder: Path,
    *,
    create_schools: bool = False,
    only: set[str] | None = None,
    dry_run: bool = False,
    progress: Progress = lambda message, percent: None,
    run: ImportRun | None = None,
) -> Report:
    """Import a folder; continues an unfinished run of the same export. Raises ExportError where it cannot."""
    with platform():
        try:
            export = Export.open(Path(folder))
            digest = export.digest()
        except ExportError as error:
            _fail(run, str(error))
            raise
        run = run or _unfinished(digest, dry_run) or ImportRun(digest=digest, is_dry_run=dry_run)
        with at_work_on(run):
            run.digest, run.folder, run.kind = digest, str(folder)[:500], export.kind
            run.is_dry_run, run.create_schools = dry_run, create_schools
            run.state, run.message = ImportRun.State.RUNNING, ""
            run.save()
            try:
                return _Import(export, run, create_schools, only, dry_run, progress).do()
            except Exception as error:
                # Whatever else an error quotes may be people's names: it stays in the server's log.
                unforeseen = f"Erreur imprévue ({type(error).__name__}) : le journal du serveur en dit plus."
                _fail(run, str(error) if isinstance(error, ExportError) else unforeseen)
                raise


class _Import:
    def __init__(self, export: Export, run: ImportRun, create_schools, only, dry_run, progress: Progress) -> None:
        self.export, self.run, self.create_schools, self.only = export, run, create_schools, only
        self.dry_run, self.report = dry_run, Report(run=run)
        self.tell = progress
        self.is_delta = export.kind == "Delta"
        self.notes: list[Oddity] = []
        self.accounts_assigned = False
        self.schema = schema_of(run.pk)

    def progress(self, message: str, percent: int) -> None:
        self.tell(message, percent)
        if percent != self.run.progress:
            self.run.progress = percent
            ImportRun.objects.filter(pk=self.run.pk).update(progress=percent)
            announce(self.run.topic)

    def do(self) -> Report:
        self.progress("Lecture de l'export", 1)
        staging = Staging(self._structures(), self.schema)
        self._choose(staging.structures)
        staging.create()
        try:
            if not self.is_delta:  # a Delta is completed from the schools: no other import may change them meanwhile
                self._stage(staging)
            if is_held(WRITING):
                self.progress("En attente de la fin d'un autre import", self.run.progress)
            with held(WRITING, wait=True):
                self._find_again(staging.structures)
                if self.is_delta:
                    self._stage(staging)
                self._schools(staging)
                self._totals()
                self._close_report(staging)
        finally:
            staging.drop()
        return self.report

    # --- which structures ----------------------------------------------------------------------------------------

    def _structures(self) -> dict[str, Structure]:
        found: dict[str, Structure] = {}
        by_uai: dict[str, str] = {}
        for number, record in enumerate(self.export.records("structure"), 1):
            if record.operation == "delete":
                self._note(record.file, record.id, "structure", "Suppression d'une structure : non suivie, à décider.")
                continue
            values = record.attributes
            uai = ((values.get("ENTStructureUAI") or values.get("ENTEtablissementUAI") or [""])[0]).upper()[:8]
            if not uai:
                self._note(record.file, record.id, "structure", "Structure sans UAI : laissée de côté.")
                continue
            if uai in by_uai:
                reason = f"UAI {uai} déjà porté par la structure {by_uai[uai]} : laissée de côté."
                self._note(record.file, record.id, "structure", reason)
                continue
            by_uai[uai] = record.id
            found[record.id] = Structure(number, record.id, uai, values, record.file)
            if not check_uai(uai):
                self._note(record.file, record.id, "uai", f"La lettre de contrôle de l'UAI {uai} est fausse.")
        return found

    def _choose(self, structures: dict[str, Structure]) -> None:
        """Tie structures to schools known here; what is neither known nor to be created is left aside."""
        by_uai = dict(School.objects.values_list("uai", "pk"))
        by_key = {key: (pk, uai) for key, pk, uai in
                  School.objects.exclude(directory_key="").values_list("directory_key", "pk", "uai")}  # fmt: skip
        for structure in structures.values():
            structure.school_pk = by_uai.get(structure.uai)
            if structure.school_pk is None and not check_uai(structure.uai) and structure.key in by_key:
                structure.school_pk, uai = by_key[structure.key]
                self._note(
                    structure.file, structure.key, "uai", f"UAI {structure.uai} lu, {uai} connu : c'est le même."
                )
                structure.uai = uai
            if self.only is not None and structure.uai not in self.only:
                structure.wanted = False
            elif structure.school_pk is None and not self.create_schools:
                structure.wanted = False
                reason = f"Établissement {structure.uai} inconnu ici : laissé de côté."
                self._note(structure.file, structure.key, "structure", reason)
        if self.only is not None:
            missing = self.only - {structure.uai for structure in structures.values()}
            if missing:
                raise ImportRefused(f"L'export ne contient pas l'établissement {', '.join(sorted(missing))}.")
        if not any(structure.wanted for structure in structures.values()) and structures:
            names = {value for s in structures.values() for value in s.attributes.get("ENTServAcAcademie", ())}
            raise ImportRefused(
                f"Aucun des {len(structures)} établissements de cet export n'est connu ici"
                + (f" (académie : {', '.join(sorted(names))})" if names else "")
                + ". Vérifiez le dossier, ou demandez la création des établissements (--create-schools)."
            )
        if not structures:
            raise ImportRefused(
                "L'export ne décrit aucun établissement (fichier « EtabEducNat » absent ou vide). "
                "Redemandez l'export à l'académie."
            )

    def _find_again(self, structures: dict[str, Structure]) -> None:
        """Schools that another import registered while this one was being read."""
        by_uai = dict(School.objects.values_list("uai", "pk"))
        for structure in structures.values():
            structure.school_pk = structure.school_pk or by_uai.get(structure.uai)

    # --- staging -------------------------------------------------------------------------------------------------

    def _stage(self, staging: Staging) -> None:
        if self.is_delta:
            delta.stage(staging, self.export, lambda text: self.progress(text, 10))
        else:
            steps = iter(range(5, 40, 7))
            staging.read(self.export, lambda text: self.progress(text, next(steps, 40)))
        staging.audiences()
        staging.flush()
        s = self.schema
        with connection.cursor() as cursor:
            for statement in (
                f"ALTER TABLE {s}.person ADD PRIMARY KEY (category, key)",
                f"CREATE INDEX ON {s}.link (school, relative)",
                f"CREATE INDEX ON {s}.link (relative)",
                f"INSERT INTO {s}.place SELECT DISTINCT l.school, 'relative', p.key FROM {s}.link l JOIN {s}.person p "
                "ON p.category = 'relative' AND p.key = l.relative WHERE l.school IS NOT NULL "
                f"EXCEPT SELECT school, category, key FROM {s}.place",
                *(f"CREATE INDEX ON {s}.{table} (school)" for table in
                  ("place", "enrolment", "group_enrolment", "function", "teaching", "tutor", "division", "grp",
                   "grp_division", "touched")),
                f"CREATE INDEX ON {s}.pupil (key)",
                *(f"ANALYZE {s}.{table}" for table in ("person", "place", "link", "enrolment", "pupil", "teaching")),
            ):  # fmt: skip
                cursor.execute(statement)
            cursor.execute(f"SELECT count(*) FROM {s}.person p WHERE category = 'relative' AND NOT EXISTS "
                           f"(SELECT FROM {s}.link l WHERE l.relative = p.key) AND NOT EXISTS "
                           f"(SELECT FROM {s}.place x WHERE x.category = 'relative' AND x.key = p.key)")  # fmt: skip
            self.report.unattached_relatives = cursor.fetchone()[0]
            cursor.execute(f"SELECT DISTINCT file, pupil, relative FROM {s}.link l WHERE school IS "
                           f"NOT NULL AND NOT EXISTS "
                           f"(SELECT FROM {s}.person p WHERE p.category = 'relative' AND p.key = l.relative) "
                           f"ORDER BY 1, 2, 3 LIMIT {LISTED}")  # fmt: skip
            for file, pupil, relative in cursor.fetchall():
                self._note(file, pupil, "relative", f"Responsable {relative} absent de l'export : lien laissé de côté.")
            cursor.execute(f"SELECT category, min(file), string_agg(key, ', ' ORDER BY key), min(key) FROM {s}.person "
                           "WHERE birth_date IS NOT NULL GROUP BY category, sort_key, birth_date HAVING count(*) > 1 "
                           f"ORDER BY 1, 4 LIMIT {LISTED}")  # fmt: skip
            for _, file, keys, first in cursor.fetchall():
                reason = f"Doublon possible : mêmes nom et date de naissance sous les identifiants {keys}."
                self._note(file, first, "possible_duplicate", reason)
        self.report.foreign_staff, self.report.requests = staging.findings.foreign_staff, staging.requests
        self.digests = {} if self.is_delta else self._digests(staging)

    def _digests(self, staging: Staging) -> dict[int, str]:
        """Per structure, of all that the export says of it."""
        with connection.cursor() as cursor:
            total = "SELECT coalesce(sum(hashtextextended(code || label, 0)::numeric), 0) FROM"
            cursor.execute(f"SELECT ({total} {self.schema}.subject), ({total} {self.schema}.programme)")
            labels = cursor.fetchone()
            cursor.execute(f"SELECT x.school, count(*), sum(p.hash::numeric) FROM {self.schema}.place x "
                           f"JOIN {self.schema}.person p ON p.category = x.category AND p.key = x.key "
                           "GROUP BY 1")  # fmt: skip
            people = {school: (number, total) for school, number, total in cursor.fetchall()}
        common = (VERSION, self._date().year, self._date().month >= 9, labels, sorted(staging.findings.categories))
        return {
            structure.number: hashlib.sha256(
                repr((common, structure.key, structure.attributes, people.get(structure.number))).encode()
            ).hexdigest()
            for structure in staging.structures.values()
        }

    def _date(self) -> datetime.date:
        return self.export.date or timezone.localdate()

    # --- schools -------------------------------------------------------------------------------------------------

    def _schools(self, staging: Staging) -> None:
        chosen = [structure for structure in staging.structures.values() if structure.wanted]
        concerned = set(staging.concerned) if self.is_delta else set()
        named = [s for s in chosen if staging.findings.named[s.number] or s.number in concerned]
        if self.create_schools:
            empty_ones = [s for s in chosen if s not in named and s.school_pk is None]
            if not self.dry_run:
                with transaction.atomic():
                    register(empty_ones)
        done = {} if self.dry_run else {
            done.school_id: done.report for done in Done.objects.filter(run=self.run)
        }  # fmt: skip
        for position, structure in enumerate(named, 1):
            self.progress(f"{structure.uai} ({position}/{len(named)})", 40 + 58 * position // max(1, len(named)))
            if structure.school_pk in done:
                self.report.schools[structure.uai] = done[structure.school_pk]
                self._recall(structure)
                continue
            try:
                counts = self._school(structure, staging)
            except Exception as error:
                if connection.in_atomic_block and connection.needs_rollback:
                    raise
                # The database's own words may quote people's names: they stay in the server's log.
                logger.exception("Import of %s failed", structure.uai)
                self.report.failed[structure.uai] = type(error).__name__
                reason = f"Échec de l'import de {structure.uai}, rien n'y est changé ({type(error).__name__})."
                self._note(structure.file, structure.key, "school", reason)
                continue
            if counts is not None:
                self.report.schools[structure.uai] = counts
            if position in ANALYSED and not self.dry_run and counts and counts["accounts"]["created"]:
                with connection.cursor() as cursor:
                    cursor.execute(
                        "ANALYZE public.accounts_account, public.accounts_accountkey, public.accounts_membership"
                    )

    def _school(self, structure: Structure, staging: Staging) -> Counts | None:
        before = self._before(structure)
        if before is not None and self.dry_run:
            self._recall(structure)
            return before
        if before is None and not self.accounts_assigned:  # once, and not at all where nothing has changed
            accounts.assign(self.schema)
            self.accounts_assigned = True
        counts = None
        created = structure.school_pk is None
        work, outcomes = None, []
        try:
            with transaction.atomic():
                if created:
                    register([structure])
                school = School.objects.get(pk=structure.school_pk)
                if not school.has_schema:
                    if not self.create_schools:
                        self._note(structure.file, structure.key, "structure",
                                   f"L'espace de {structure.uai} n'est pas encore créé : laissé de côté.")  # fmt: skip
                        return None
                    provision(school)
                    school.refresh_from_db()
                if school.directory_key != structure.key:
                    School.objects.filter(pk=school.pk).update(directory_key=structure.key)
                if before is None:
                    work = SchoolImport(self.schema, structure.number, school.pk, self.run.pk, self._date(),
                                        delta=self.is_delta, categories=set(staging.findings.categories))  # fmt: skip
                    with inside_as_owner(school):
                        counts = work.do()
                else:
                    counts = before
                    self._recall(structure)
                if self.dry_run:
                    outcomes = self._outcomes(structure)
                    raise _Undo
                Done.objects.create(run=self.run, school=school, report=counts,
                                    digest=self.digests.get(structure.number, ""))  # fmt: skip
        except _Undo:
            connection.search_path_set_schemas = None
            if created:
                structure.school_pk = None
            if work:
                self._remember(staging, structure, outcomes)
        except Exception:
            connection.search_path_set_schemas = None
            if created:
                structure.school_pk = None
            raise
        return counts

    def _recall(self, structure: Structure) -> None:
        """The people of a school that has nothing to do (any more), for the totals."""
        school = School.objects.get(pk=structure.school_pk)
        work = SchoolImport(
            self.schema, structure.number, school.pk, self.run.pk, self._date(), delta=False, categories=set()
        )
        with inside_as_owner(school):
            work.people()

    def _outcomes(self, structure: Structure) -> list[tuple]:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {self.schema}.outcome WHERE school = %s", [structure.number])
            return cursor.fetchall()

    def _remember(self, staging: Staging, structure: Structure, outcomes: list[tuple]) -> None:
        """Of a school a dry run has rolled back: its part of the totals, and the accounts it would have made."""
        staging.copy({"outcome": outcomes})
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {self.schema}.newcomer n USING {self.schema}.outcome o WHERE o.school = %s "
                           "AND o.category = 'account' AND o.how = 'created' AND n.id = o.key::uuid",
                           [structure.number])  # fmt: skip

    def _totals(self) -> None:
        totals = self.report.totals
        for counts in self.report.schools.values():
            for kind in AUDIENCES:
                for how, number in counts[kind].items():
                    totals[kind][how] += number
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT category, guardian, how, count(*) FROM (SELECT category, "
                "bool_or(is_guardian) AS guardian, CASE "
                "WHEN count(DISTINCT how) = 1 THEN min(how) WHEN category = 'account' AND bool_or(how = 'created') "
                f"THEN 'created' ELSE 'changed' END AS how FROM {self.schema}.outcome GROUP BY category, "
                f"key) o GROUP BY 1, 2, 3"
            )
            for category, guardian, how, number in cursor.fetchall():
                totals[kind_of(category, guardian)][how] += number

    def _before(self, structure: Structure) -> Counts | None:
        """Where the last import of this school read exactly the same: its figures, all unchanged."""
        if structure.school_pk is None or self.is_delta:
            return None
        last = Done.objects.filter(school=structure.school_pk).order_by("-at", "-pk").first()
        if last is None or not last.digest or last.digest != self.digests[structure.number]:
            return None
        return {
            kind: empty() | {"unchanged": figures["created"] + figures["changed"] + figures["unchanged"]}
            for kind, figures in last.report.items()
        }

    # --- report --------------------------------------------------------------------------------------------------

    def _note(self, file: str, identifier: str, kind: str, reason: str) -> None:
        self.notes.append(Oddity(file, identifier, kind, reason))

    def _close_report(self, staging: Staging) -> None:
        self.report.oddities = [*self.export.oddities, *self.notes, *staging.findings.oddities]
        unlisted = self.export.unlisted_oddities | {"import": staging.findings.unlisted_oddities}
        for category, number in unlisted.items():
            if number == 0:
                continue
            self.report.oddities.append(Oddity("", "", category, f"{number} autres remarques non listées."))
        self._share_oddities(staging)
        run, failed = self.run, self.report.failed
        run.report = self.report.as_json()
        run.progress, run.ended_at = 100, timezone.now()
        run.state = ImportRun.State.FAILED if failed else ImportRun.State.DONE
        run.message = f"Établissements en échec : {', '.join(failed)}." if failed else ""
        run.save()
        announce(run.topic)
        self.tell("Import terminé" if not failed else run.message, 100)

    def _share_oddities(self, staging: Staging) -> None:
        """Each school is told what was strange about itself and its people."""
        if self.dry_run:
            return
        told: dict[int, list[dict]] = {structure.number: [] for structure in staging.structures.values()}
        by_key = {structure.key: structure.number for structure in staging.structures.values()}
        ids = list({oddity.id[:40] for oddity in self.report.oddities if oddity.id})
        places: dict[str, set[int]] = {}
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT DISTINCT key, school FROM {self.schema}.place WHERE key = ANY(%s)", [ids])
            for key, number in cursor.fetchall():
                places.setdefault(key, set()).add(number)
        for oddity in self.report.oddities:
            own = {by_key[oddity.id]} if oddity.id in by_key else places.get(oddity.id[:40], set())
            for number in own:
                if len(told[number]) < LISTED_TO_SCHOOL:
                    told[number].append(asdict(oddity))
        numbers = {structure.school_pk: structure.number for structure in staging.structures.values()}
        done = list(Done.objects.filter(run=self.run, school__in=[pk for pk in numbers if pk]))
        for one in done:
            one.oddities = told[numbers[one.school_id]]
        Done.objects.bulk_update(done, ["oddities"], batch_size=100)


def _unfinished(digest: str, dry_run: bool) -> ImportRun | None:
    """The last run, where it is of this export and did not come to its end."""
    if dry_run:
        return None
    last = ImportRun.objects.filter(is_dry_run=False).exclude(state=ImportRun.State.WAITING).first()
    unfinished = (ImportRun.State.RUNNING, ImportRun.State.FAILED)
    return last if last and last.digest == digest and last.state in unfinished else None


def _fail(run: ImportRun | None, message: str) -> None:
    if run is not None and not connection.needs_rollback:
        run.state, run.message, run.ended_at = ImportRun.State.FAILED, message, timezone.now()
        run.save()
        announce(run.topic)


def is_at_work(run: ImportRun) -> bool:
    """Whether a process is making, or taking back, this import right now."""
    return is_held(f"import:{run.pk}")


@contextmanager
def at_work_on(run: ImportRun) -> Iterator[None]:
    """Work on a run, alone; raises AnotherAtWork where another process does."""
    with held(f"import:{run.pk}") as mine:
        if not mine:
            raise AnotherAtWork("Cet import est déjà en cours.")
        yield
