"""Print the open schools' host names as JSON."""

import json

from django.core.management.base import BaseCommand

from tenants.context import platform
from tenants.hosts import host_of
from tenants.models import School


class Command(BaseCommand):
    help = "Affiche les noms d'hôte des établissements ouverts, en JSON."

    def handle(self, *args, **options):
        with platform():
            opened = School.objects.filter(state=School.State.OPEN)
            self.stdout.write(json.dumps({school.uai: host_of(school) for school in opened}))
