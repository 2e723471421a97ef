"""Taking an import back, school by school, within seven days and as long as none came after."""

import datetime

from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from ent.exchange.aaf.importer import WRITING, at_work_on
from ent.exchange.aaf.reader import ExportError
from ent.exchange.models import ImportRun
from ent.exchange.models import SchoolImport as Done
from ent.kernel.live import announce
from ent.kernel.locks import held
from tenants.context import inside_as_owner, platform
from tenants.models import School

KEPT = datetime.timedelta(days=7)
# What refers to others comes before them.
ORDER = (
    "structure_formtutor", "structure_teaching", "people_stafffunction", "people_guardianship",
    "structure_groupenrolment", "structure_enrolment", "people_pupil", "aaf_directoryrecord",
    "public.accounts_membership", "people_person", "structure_groupdivision", "structure_group",
    "structure_division", "structure_programme", "structure_subject", "accounts_accountkey", "accounts_account",
)  # fmt: skip
KEPT_OPEN = {"people_pupil", "aaf_directoryrecord", "structure_groupdivision", "structure_programme",
             "structure_subject", "accounts_accountkey"}  # fmt: skip


class UndoRefused(ExportError):
    """The import cannot be taken back; the message, in French, says why."""


def check_undo(run: ImportRun) -> list[Done]:
    """What a run did, school by school, if all of it can be taken back; raises UndoRefused where it cannot."""
    done = list(run.schools.select_related("school"))
    if run.state == ImportRun.State.UNDONE:
        raise UndoRefused("Cet import a déjà été annulé.")
    if run.is_dry_run or not done:
        raise UndoRefused("Cet import n'a rien changé : il n'y a rien à annuler.")
    if timezone.now() - run.started_at > KEPT:
        raise UndoRefused("Cet import a plus de sept jours : il ne peut plus être annulé.")
    for one in done:
        later = Done.objects.filter(school=one.school, at__gt=one.at).exclude(run=run)
        later = later.exclude(run__state=ImportRun.State.UNDONE)
        if any(_changed(other.report) for other in later):
            raise UndoRefused(f"Un import plus récent a modifié {one.school} : annulez-le d'abord.")
    return done


def undo(run: ImportRun) -> None:
    """Restore every school the run touched; all may be undone, or none is."""
    with platform(), at_work_on(run), held(WRITING, wait=True):
        done = check_undo(run)
        for position, one in enumerate(done, 1):
            with transaction.atomic():
                _restore(one.school, run)
                # What this school holds is no longer what any export said.
                Done.objects.filter(school=one.school).update(digest="")
            run.progress = 100 * position // len(done)
            ImportRun.objects.filter(pk=run.pk).update(progress=run.progress)
            announce(run.topic)
        run.state = ImportRun.State.UNDONE
        run.message = "Annulé : chaque établissement est revenu à son état précédent."
        run.save(update_fields=["state", "message"])


def _changed(report: dict) -> bool:
    return any(counts[how] for counts in report.values() for how in ("created", "changed", "closed"))


def _restore(school: School, run: ImportRun) -> None:
    with inside_as_owner(school), connection.cursor() as cursor:
        for table in ORDER:
            _restore_rows(cursor, table, f"c.run_id = '{run.pk}' AND c.\"table\" = '{table}'")
        for table in ORDER:
            _remove_created(cursor, table, f"c.run_id = '{run.pk}' AND c.\"table\" = '{table}'")
        cursor.execute("DELETE FROM aaf_importchange WHERE run_id = %s", [run.pk])
        cursor.execute("DELETE FROM aaf_importcreation WHERE run_id = %s", [run.pk])


def _restore_rows(cursor, table: str, of_run: str) -> None:
    """Put back the columns each changed row had, and the rows that were deleted."""
    key = "person_id" if table == "people_pupil" else "id"
    cursor.execute(
        "SELECT DISTINCT name FROM (SELECT jsonb_object_keys(c.before) AS name FROM aaf_importchange c "
        f"WHERE {of_run}) k"
    )
    columns = [row[0] for row in cursor.fetchall() if row[0] != key]
    if not columns:
        return
    sets = ", ".join(
        f'"{name}" = CASE WHEN c.before ? \'{name}\' THEN r."{name}" ELSE t."{name}" END' for name in columns
    )
    cursor.execute(
        f"UPDATE {table} t SET {sets} FROM aaf_importchange c, jsonb_populate_record(NULL::{table}, c.before) r "
        f"WHERE {of_run} AND t.{key}::text = c.row_id"
    )
    cursor.execute(
        f"INSERT INTO {table} SELECT r.* FROM aaf_importchange c, jsonb_populate_record(NULL::{table}, c.before) r "
        f"WHERE {of_run} AND c.before ? '{key}' ON CONFLICT DO NOTHING"
    )


def _remove_created(cursor, table: str, of_run: str) -> None:
    """Delete what the run created; where something refers to it by now, close it instead."""
    key = "person_id" if table == "people_pupil" else "id"
    created = f"SELECT unnest(c.row_ids) FROM aaf_importcreation c WHERE {of_run}"
    spared = ""
    if table == "accounts_account":
        spared = (
            " AND activated_at IS NULL AND NOT EXISTS (SELECT FROM public.accounts_membership m "
            "WHERE m.account_id = t.id) AND NOT EXISTS (SELECT FROM public.accounts_accountkey k "
            "WHERE k.account_id = t.id)"
        )
    elif table == "accounts_accountkey":
        spared = " AND NOT EXISTS (SELECT FROM public.accounts_membership m WHERE m.account_id = t.account_id)"
    try:
        with transaction.atomic():
            cursor.execute(f"DELETE FROM {table} t WHERE t.{key}::text IN ({created}){spared}")
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    except DatabaseError:
        if table not in KEPT_OPEN:
            cursor.execute(f"UPDATE {table} t SET closed_at = now() WHERE t.{key}::text IN ({created})")
        return
    if table == "accounts_account":
        cursor.execute(
            f"UPDATE {table} t SET closed_at = now() WHERE t.id::text IN ({created}) AND NOT EXISTS "
            "(SELECT FROM public.accounts_membership m WHERE m.account_id = t.id AND m.closed_at IS NULL)"
        )
