"""The console's background jobs: each names its school or its import explicitly, and may be done again."""

import shutil
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from ent.exchange.aaf.importer import AnotherAtWork, is_at_work, run_import
from ent.exchange.aaf.reader import ExportError
from ent.exchange.aaf.undo import undo
from ent.exchange.models import ImportRun
from ent.kernel.live import announce
from tenants.configuration.queries import academy_value
from tenants.context import platform
from tenants.models import School
from tenants.provisioning import provision

# While another import is at work, this one asks again.
RETRY_SECONDS = 20


def imports_folder() -> Path:
    """Where exports wait, one folder each."""
    return settings.DATA_DIR / "imports"


@shared_task
def provision_in_background(uai: str) -> None:
    """Create a school's space; done again after a crash it changes nothing."""
    with platform():
        provision(School.objects.get(uai=uai))
        announce(f"school:{uai}")


@shared_task(bind=True, max_retries=None)
def import_in_background(self, run_id: str) -> None:
    """Make the plan of an import, or the import: started again after a crash it goes on where it was."""
    with platform():
        run = ImportRun.objects.get(pk=UUID(run_id))
        if run.state not in (ImportRun.State.WAITING, ImportRun.State.RUNNING):
            return
        try:
            run_import(Path(run.folder), create_schools=run.create_schools, dry_run=run.is_dry_run, run=run)
        except AnotherAtWork as error:
            raise self.retry(countdown=RETRY_SECONDS) from error
        except ExportError:
            pass  # said in the run, for who asked for it


@shared_task(bind=True, max_retries=None)
def undo_in_background(self, run_id: str) -> None:
    """Take an import back; where that is refused, the run says why and stands as it was."""
    with platform():
        run = ImportRun.objects.get(pk=UUID(run_id))
        if run.state != ImportRun.State.UNDOING:
            return
        try:
            undo(run)
        except AnotherAtWork as error:
            raise self.retry(countdown=RETRY_SECONDS) from error
        except ExportError as error:
            run.state, run.message = ImportRun.State.DONE, str(error)
            run.save(update_fields=["state", "message"])
        announce(run.topic)


@shared_task
def resume_imports() -> None:
    """Start again what a killed worker left unfinished; a job too many finds its work done, or waits its turn."""
    with platform():
        if is_at_work():
            return
        for run in ImportRun.objects.filter(state__in=ImportRun.UNFINISHED):
            job = undo_in_background if run.state == ImportRun.State.UNDOING else import_in_background
            job.delay(str(run.pk))


@shared_task
def forget_exports() -> None:
    """Delete the files of exports that nothing unfinished needs, once kept as long as the academy decided."""
    with platform():
        needed = set(ImportRun.objects.filter(state__in=ImportRun.UNFINISHED).values_list("folder", flat=True))
    oldest = (timezone.now() - timedelta(days=academy_value("exports_days"))).timestamp()
    for folder in imports_folder().glob("*"):
        if folder.is_dir() and str(folder) not in needed and folder.stat().st_mtime < oldest:
            shutil.rmtree(folder)
