"""What officers do in the console."""

from pathlib import Path

from django.db import transaction

from ent.accounts.models import Account
from ent.exchange.aaf.importer import ImportRefused
from ent.exchange.aaf.undo import check_undo
from ent.exchange.models import ImportRun
from ent.kernel.audit.models import record
from platform_admin import tasks
from tenants.models import School


@transaction.atomic
def ask_space(by: Account, school: School) -> None:
    """Ask for a school's space."""
    if not school.has_schema:
        record("schools.provision", account_id=by.pk, uai=school.uai)
    transaction.on_commit(lambda: tasks.provision_in_background.delay(school.uai))


@transaction.atomic
def plan_import(by: Account, folder: Path, *, create_schools: bool) -> ImportRun:
    """Ask for the plan of an import: what it would create, change and close."""
    run = ImportRun.objects.create(folder=str(folder), is_dry_run=True, create_schools=create_schools)
    _note(by, "plan", run)
    transaction.on_commit(lambda: tasks.import_in_background.delay(str(run.pk)))
    return run


@transaction.atomic
def apply_import(by: Account, run: ImportRun) -> ImportRun:
    """Ask for the import that a plan describes, or for the rest of one that failed; asked twice it is made once."""
    run = ImportRun.objects.select_for_update().get(pk=run.pk)
    if run.is_unfinished:
        return run
    if not Path(run.folder).is_dir():
        raise ImportRefused("Les fichiers de cet export ne sont plus sur le serveur : envoyez-les de nouveau.")
    if run.is_dry_run and run.state == ImportRun.State.DONE:
        asked = ImportRun.objects.filter(folder=run.folder, is_dry_run=False, started_at__gt=run.started_at)
        known = asked.exclude(state=ImportRun.State.UNDONE).first()
        if known:
            return known
        run = ImportRun.objects.create(folder=run.folder, kind=run.kind, create_schools=run.create_schools)
    elif run.state == ImportRun.State.FAILED:
        run.state, run.message = ImportRun.State.WAITING, ""
        run.save(update_fields=["state", "message"])
    else:
        raise ImportRefused("Cet import est terminé : préparez-en un autre.")
    _note(by, "apply", run)
    transaction.on_commit(lambda: tasks.import_in_background.delay(str(run.pk)))
    return run


@transaction.atomic
def undo_import(by: Account, run: ImportRun) -> ImportRun:
    """Ask that an import be taken back; refused at once where it cannot be."""
    run = ImportRun.objects.select_for_update().get(pk=run.pk)
    if run.state != ImportRun.State.UNDOING:
        check_undo(run)
        run.state, run.message = ImportRun.State.UNDOING, ""
        run.save(update_fields=["state", "message"])
        _note(by, "undo", run)
        transaction.on_commit(lambda: tasks.undo_in_background.delay(str(run.pk)))
    return run


def _note(by: Account, what: str, run: ImportRun) -> None:
    """In the journal: who asked for what, of which export (its folder's name, that holds no person's)."""
    record(f"imports.{what}", account_id=by.pk, object_id=run.pk, export=Path(run.folder).name)
