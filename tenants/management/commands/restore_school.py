"""Put a school's export back in place."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from tenants.context import platform
from tenants.provisioning import ProvisioningError, restore


class Command(BaseCommand):
    help = "Remet en place l'export d'un établissement dont l'espace a été supprimé."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, metavar="FICHIER")

    def handle(self, *args, file, **options):
        try:
            with platform():
                school = restore(file)
        except ProvisioningError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{school} : remis en place, espace créé mais pas encore ouvert.")
