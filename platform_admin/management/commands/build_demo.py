"""Build the demonstration academy, once."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from platform_admin import demonstration


class Command(BaseCommand):
    help = "Construit l'académie de démonstration si elle ne l'est pas encore."

    def add_arguments(self, parser):
        parser.add_argument("--aaf", type=Path, help="export d'annuaire à importer au lieu d'un annuaire inventé")
        parser.add_argument("--schools", type=int, default=demonstration.PILOT_SCHOOLS)

    def handle(self, *args, aaf, schools, **options):
        if not settings.DEMO:
            raise CommandError("Cette commande est réservée à la démonstration (ENT_DEMO=1).")
        if demonstration.sign_ins_file().exists() and aaf is None:
            demonstration.keep_alive()
            return
        demonstration.build(aaf, schools, lambda line: self.stdout.write(line))
