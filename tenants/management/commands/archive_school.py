"""Close a school for good; its data are exported, then kept."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from tenants.context import platform
from tenants.models import School
from tenants.provisioning import ProvisioningError, archive


class Command(BaseCommand):
    help = "Ferme un établissement pour de bon ; ses données sont exportées puis gardées."

    def add_arguments(self, parser):
        parser.add_argument("uai")
        parser.add_argument("--confirm", default="", metavar="UAI", help="le même UAI, une seconde fois")

    def handle(self, *args, uai, confirm, **options):
        with platform():
            school = School.objects.filter(uai=uai.upper()).first()
            if school is None:
                raise CommandError(f"{uai} : établissement inconnu.")
            try:
                path = archive(school, confirm, settings.DATA_DIR / "exports")
            except ProvisioningError as error:
                raise CommandError(str(error)) from None
        self.stdout.write(f"{school} : fait. Export : {path}")
