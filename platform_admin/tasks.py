"""The console's background jobs: each names its school or its import explicitly, and may be done again."""

import shutil
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from celery import shared_task
from django.conf import settings
from django.db.models import Exists, OuterRef
from django.utils import timezone

from ent.exchange.aaf.importer import AnotherAtWork, is_at_work, run_import
from ent.exchange.aaf.models import ImportChange, ImportCreation
from ent.exchange.aaf.reader import ExportError
from ent.exchange.aaf.staging import drop_left_over
from ent.exchange.aaf.undo import KEPT, undo
from ent.exchange.models import ImportRun
from ent.kernel.live import announce
from platform_admin.rollout.actions import observe
from platform_admin.rollout.models import Job, Launch
from tenants.configuration.queries import academy_value
from tenants.context import inside_as_owner, platform
from tenants.models import School
from tenants.provisioning import provision

# Seconds between two looks at imports left unfinished, for which what one look sends again is good.
RESUMED_EVERY = 60


def imports_folder() -> Path:
    """Where exports wait, one folder each."""
    return settings.DATA_DIR / "imports"


def launches_folder() -> Path:
    """Where the exports of waves are cut by school, one folder a launch."""
    return settings.DATA_DIR / "launches"


@shared_task
def provision_in_background(uai: str) -> None:
    """Create a school's space; done again after a crash it changes nothing."""
    with platform():
        school = School.objects.get(uai=uai)
        provision(school)
        observe([school.pk])
        announce(f"school:{uai}")


@shared_task
def import_in_background(run_id: str) -> None:
    """Make the plan of an import, or the import: started again after a crash it goes on where it was."""
    with platform():
        run = ImportRun.objects.get(pk=UUID(run_id))
        if run.state not in (ImportRun.State.WAITING, ImportRun.State.RUNNING) or Job.objects.filter(run=run).exists():
            return
        # What went wrong is said in the run, for who asked for it.
        with suppress(ExportError):
            run_import(Path(run.folder), create_schools=run.create_schools, dry_run=run.is_dry_run, run=run)


@shared_task
def undo_in_background(run_id: str) -> None:
    """Take an import back; where that is refused, the run says why and stands as it was."""
    with platform():
        run = ImportRun.objects.get(pk=UUID(run_id))
        if run.state != ImportRun.State.UNDOING:
            return
        try:
            undo(run)
        except AnotherAtWork:
            return
        except ExportError as error:
            run.state, run.message = ImportRun.State.DONE, str(error)
            run.save(update_fields=["state", "message"])
        announce(run.topic)


@shared_task
def resume_imports() -> None:
    """Start again what a killed worker left unfinished; a job too many finds its work done, or someone at it."""
    with platform():
        # A launch sees to its own: the export of one school names its neighbours too, in part.
        of_launches = Job.objects.filter(run=OuterRef("pk"))
        for run in ImportRun.objects.filter(~Exists(of_launches), state__in=ImportRun.UNFINISHED):
            if not is_at_work(run):
                job = undo_in_background if run.state == ImportRun.State.UNDOING else import_in_background
                job.apply_async([str(run.pk)], expires=RESUMED_EVERY)


@shared_task
def forget_exports() -> None:
    """Delete the files of exports that nothing unfinished needs, once kept long enough; what killed imports staged."""
    with platform():
        unfinished = ImportRun.objects.filter(state__in=ImportRun.UNFINISHED)
        drop_left_over(unfinished.values_list("pk", flat=True))
        needed = set(unfinished.values_list("folder", flat=True))
        needed |= set(Launch.objects.exclude(state=Launch.State.DONE).values_list("parts", flat=True))
        oldest = (timezone.now() - timedelta(days=academy_value("exports_days"))).timestamp()
    for folder in [*imports_folder().glob("*"), *launches_folder().glob("*")]:
        if folder.is_dir() and str(folder) not in needed and folder.stat().st_mtime < oldest:
            shutil.rmtree(folder)


@shared_task
def forget_undo() -> None:
    """Delete what would take an import back, where it is too old to be."""
    with platform():
        schools = list(School.objects.exclude(revision=None))
    oldest = timezone.now() - KEPT
    for school in schools:
        with inside_as_owner(school):
            for model in (ImportChange, ImportCreation):
                model.objects.filter(at__lt=oldest).delete()


@shared_task
def keep_demonstration_alive() -> None:
    """Sessions at any hour, in the demonstration only."""
    from platform_admin.demonstration import keep_alive  # the demonstration itself stands on these jobs

    keep_alive()
