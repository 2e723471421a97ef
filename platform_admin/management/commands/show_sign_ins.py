"""Print the demonstration's addresses and sign-ins."""

import json

from django.core.management.base import BaseCommand

from platform_admin import demonstration
from tenants.context import platform
from tenants.hosts import url_of
from tenants.models import School


class Command(BaseCommand):
    help = "Affiche les adresses et les identifiants de la démonstration."

    def handle(self, *args, **options):
        sign_ins = json.loads(demonstration.sign_ins_file().read_text())
        write = self.stdout.write
        write(f"\nPortail et console de l'académie : {url_of(None)}  (console : {url_of(None, '/console/')})")
        for role, name in sign_ins.pop("platform"):
            write(f"    {role:45} {name}")
        write("    (après le mot de passe, la page montre le code de la seconde étape)")
        with platform():
            schools = {school.uai: school for school in School.objects.filter(uai__in=sign_ins)}
        for number, (uai, rows) in enumerate(sign_ins.items()):
            school = schools[uai]
            write(f"\n{school.name} ({school.town}) : {url_of(school)}")
            # Every school has all roles; the first shows them, the others' are on their sign-in page.
            for role, name in rows if number == 0 else rows[:2]:
                write(f"    {role:45} {name}")
        write(f"\nMot de passe de tous : {demonstration.PASSWORD}\n")
