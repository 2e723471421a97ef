"""Create the space of registered schools."""

from django.core.management.base import BaseCommand, CommandError

from tenants.models import School
from tenants.provisioning import provision


class Command(BaseCommand):
    help = "Crée l'espace d'établissements enregistrés, chacun en une transaction."

    def add_arguments(self, parser):
        parser.add_argument("uai", nargs="*")
        parser.add_argument("--all", action="store_true", help="tous ceux qui n'en ont pas")
        parser.add_argument("--open", action="store_true", help="les ouvrir aussitôt")

    def handle(self, *args, uai, **options):
        if not uai and not options["all"]:
            raise CommandError("Donnez un ou plusieurs UAI, ou --all.")
        wanted = {code.upper() for code in uai}
        schools = School.objects.filter(revision=None) if options["all"] else School.objects.filter(uai__in=wanted)
        unknown = wanted - {school.uai for school in schools} if wanted else set()
        if unknown:
            raise CommandError(f"Inconnu : {', '.join(sorted(unknown))}. Importez d'abord la liste des établissements.")
        total = len(schools)
        for number, school in enumerate(schools, 1):
            made = provision(school, opened=options["open"])
            self.stdout.write(f"[{number}/{total}] {school.uai} {school} : {'créé' if made else 'existait déjà'}")
