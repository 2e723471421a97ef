"""Measure, and write the figures as JSON and as a table."""

import json
import os
import platform as machine

from django.conf import settings
from django.core.management.base import BaseCommand

from platform_admin.benchmarks import BENCHES


class Command(BaseCommand):
    help = "Mesure la plateforme."

    def add_arguments(self, parser):
        parser.add_argument("name", choices=BENCHES)

    def handle(self, *args, name, **options):
        figures = BENCHES[name]()
        path = settings.DATA_DIR / f"bench-{name}.json"
        path.write_text(json.dumps(figures | {"cores": os.cpu_count(), "python": machine.python_version()}, indent=1))
        width = max(map(len, figures))
        for label, value in figures.items():
            self.stdout.write(f"{label:{width}}  {value:>12}")
        self.stdout.write(f"\n{path}")
