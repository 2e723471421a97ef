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
        single = {label: value for label, value in figures.items() if not isinstance(value, dict)}
        rows = {label: value for label, value in figures.items() if isinstance(value, dict)}
        width = max(map(len, figures))
        if rows:
            columns = list(next(iter(rows.values())))
            self.stdout.write(" " * width + "".join(f"  {column:>14}" for column in columns))
            for label, row in rows.items():
                self.stdout.write(f"{label:{width}}" + "".join(f"  {row[column]:>14}" for column in columns))
        for label, value in single.items():
            self.stdout.write(f"{label:{width}}  {value:>14}")
        self.stdout.write(f"\n{path}")
