"""Bring the platform, the template and every school to the code's state."""

import os

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from tenants import provisioning, revisions
from tenants.context import platform


class Command(BaseCommand):
    help = "Migre la plateforme, le modèle, puis chaque établissement en retard."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser):
        parser.add_argument("--workers", type=int, default=os.cpu_count() or 2, help="établissements à la fois")

    def handle(self, *args, workers, **options):
        with platform():
            call_command("migrate_schemas", schema_name="public", interactive=False, verbosity=0)
            provisioning.prepare_database()
            new = revisions.migrate_template()
            behind = list(revisions.schools_behind())
            if options["verbosity"]:
                self.stdout.write(f"Modèle : {new} migration(s) ; établissements en retard : {len(behind)}")
            done = 0

            def progress(school, error):
                nonlocal done
                done += 1
                if error:
                    self.stdout.write(f"\r{school.uai} {school} : échec")
                elif self.stdout.isatty() or done == len(behind):
                    bar = "█" * (30 * done // len(behind))
                    self.stdout.write(f"\r{bar:30} {done}/{len(behind)}", ending="\n" if done == len(behind) else "")

            failed = revisions.migrate_schools(behind, workers, progress) if behind else []
        if failed:
            lines = "\n".join(f"  {school.uai} {school} : {error}" for school, error in failed)
            raise CommandError(f"{len(failed)} établissement(s) non migré(s), les autres le sont :\n{lines}")
