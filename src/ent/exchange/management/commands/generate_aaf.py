"""Invent a directory export."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from ent.exchange.aaf.generator import generate


class Command(BaseCommand):
    help = "Invente un export d'annuaire (AAF) plausible, toujours le même pour la même graine."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path, help="dossier où écrire, vide")
        parser.add_argument("--schools", type=int, required=True, help="nombre d'établissements")
        parser.add_argument("--seed", type=int, default=1, help="graine")
        parser.add_argument("--size", choices=("small", "large"), help="taille des établissements")

    def handle(self, *args, folder, schools, seed, size, **options):
        try:
            made = generate(folder, schools, seed, size=size)
        except (ValueError, OSError) as error:
            raise CommandError(str(error)) from error
        if options["verbosity"]:
            self.stdout.write(
                f"{made.schools} établissements, {made.pupils} élèves, {made.relatives} responsables, "
                f"{made.contacts} contacts, {made.staff} personnels"
            )
