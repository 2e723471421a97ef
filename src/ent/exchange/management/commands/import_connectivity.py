"""Declare schools' connections from CSV lists."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from ent.exchange.connectivity.importer import import_connectivity
from ent.exchange.connectivity.reader import ConnectivityListError
from tenants.context import platform


class Command(BaseCommand):
    help = "Lit des listes de connexions (CSV : UAI, technologie, débits, zone blanche) et les déclare."

    def add_arguments(self, parser):
        parser.add_argument("files", nargs="+", type=Path, metavar="FICHIER")

    def handle(self, *args, files, **options):
        refused = []
        for path in files:
            try:
                raw = path.read_bytes()
                with platform():
                    outcome = import_connectivity(raw, author=f"Fichier {path.name}"[:120])
            except OSError as error:
                refused.append(f"{path} ne peut pas être lu : {error.strerror}.")
                continue
            except ConnectivityListError as error:
                refused.append(f"{path.name} : {error}")
                continue
            self.stdout.write(
                f"{path.name} : {outcome.created} déclarés, {outcome.changed} modifiés, {outcome.unchanged} inchangés"
            )
            for problem in sorted([*outcome.list.problems, *outcome.unknown], key=lambda one: one.line):
                self.stdout.write(f"  ligne {problem.line}, « {problem.uai} » : {problem.reason}")
        if refused:
            raise CommandError("\n".join(refused))
