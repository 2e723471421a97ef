"""Register schools from the Ministry's open-data lists."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from ent.exchange.directory.importer import import_school_list
from ent.exchange.directory.reader import SchoolListError
from tenants.context import platform


class Command(BaseCommand):
    help = "Lit des listes d'établissements (CSV du ministère) et les enregistre."

    def add_arguments(self, parser):
        parser.add_argument("files", nargs="+", type=Path, metavar="FICHIER")

    def handle(self, *args, files, **options):
        for path in files:
            try:
                with platform():
                    outcome = import_school_list(path)
            except SchoolListError as error:
                raise CommandError(str(error)) from None
            self.stdout.write(
                f"{path.name} ({outcome.list.layout}) : {outcome.created} créés, {outcome.changed} modifiés, "
                f"{outcome.unchanged} inchangés"
            )
            for reason, count in sorted(outcome.list.left_out.items()):
                self.stdout.write(f"  laissés de côté : {count} – {reason}")
            for problem in outcome.list.problems:
                self.stdout.write(f"  ligne {problem.line}, « {problem.uai} » : {problem.reason}")
