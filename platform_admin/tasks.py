"""The console's background jobs: each names its school or run explicitly."""

from celery import shared_task

from tenants.context import platform
from tenants.models import School
from tenants.provisioning import provision


@shared_task
def provision_in_background(uai: str) -> None:
    """Create a school's space; done again after a crash it changes nothing."""
    with platform():
        provision(School.objects.get(uai=uai))


@shared_task
def import_in_background(run_id: str, folder: str, *, create_schools: bool, dry_run: bool) -> None:
    """Run a directory import, its progress written to the run."""
    from pathlib import Path

    from ent.exchange.aaf.importer import run_import
    from ent.exchange.models import ImportRun

    with platform():
        run = ImportRun.objects.get(pk=run_id)
        run_import(Path(folder), create_schools=create_schools, dry_run=dry_run, run=run)
