"""Import the academy's directory export."""

import json
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from ent.exchange.aaf.importer import run_import
from ent.exchange.aaf.reader import ExportError

LABELS = {
    "pupils": "élèves", "guardians": "responsables", "contacts": "contacts", "staff": "personnels",
    "divisions": "classes", "groups": "groupes", "teachings": "enseignements", "accounts": "comptes",
}  # fmt: skip


class Command(BaseCommand):
    help = "Importe un export d'annuaire (AAF), complet ou différentiel."
    # They concern who develops, and take as long as a small import.
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path, help="dossier de l'export")
        parser.add_argument("--create-schools", action="store_true", help="créer les établissements inconnus")
        parser.add_argument("--school", action="append", metavar="UAI", help="ne traiter que cet établissement")
        parser.add_argument("--dry-run", action="store_true", help="tout calculer, ne rien garder")
        parser.add_argument("--report", type=Path, metavar="FICHIER", help="écrire le rapport (JSON)")

    def handle(self, *args, folder, create_schools, school, dry_run, report, **options):
        def progress(message: str, percent: int) -> None:
            if self.stdout.isatty():
                self.stdout.write(f"\r{percent:3} % {message:60}", ending="")

        only = {uai.upper() for uai in school} if school else None
        try:
            done = run_import(folder, create_schools=create_schools, only=only, dry_run=dry_run, progress=progress)
        except ExportError as error:
            raise CommandError(str(error)) from error
        if report:
            report.write_text(json.dumps(done.as_json(), ensure_ascii=False, indent=1), encoding="utf-8")
        if options["verbosity"]:
            self._show(done, dry_run)
        if done.failed:
            raise CommandError("Établissements en échec : " + ", ".join(done.failed))

    def _show(self, done, dry_run: bool) -> None:
        if self.stdout.isatty():
            self.stdout.write("")
        self.stdout.write(f"{len(done.schools)} établissement(s)" + (" (simulation, rien n'est gardé)" * dry_run))
        self.stdout.write(f"{'':15}{'créés':>10}{'modifiés':>10}{'inchangés':>11}{'fermés':>10}")
        for kind, counts in done.totals.items():
            created, changed, unchanged, closed = (counts[how] for how in ("created", "changed", "unchanged", "closed"))
            self.stdout.write(f"{LABELS[kind]:15}{created:10}{changed:10}{unchanged:11}{closed:10}")
        if done.requests:
            added, changed, removed, unknown = done.requests.values()
            self.stdout.write(
                f"Personnes ajoutées : {added} ; modifiées : {changed} ; retirées : {removed} ; inconnues : {unknown}"
            )
        self.stdout.write(
            f"Responsables sans élève : {done.unattached_relatives} ; personnels d'autres structures : "
            f"{done.foreign_staff} ; remarques : {len(done.oddities)}"
        )
