"""Directory imports: speed and memory."""

import os
import re
import resource
import subprocess
import sys
import time
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from platform_admin.benchmarks.schools import Figures, timed


def bench_import() -> Figures:
    """People a second and peak memory: an invented export of 100,000 people, the real one, each twice."""
    figures: Figures = {}
    folder = settings.DATA_DIR / "export-100000"
    spent: list[float] = []
    if not folder.exists():
        with timed(spent):
            call_command("generate_aaf", str(folder), schools=90, seed=1)
        figures["generate_s"] = round(spent[0], 1)
    real = Path(__file__).resolve().parents[3] / "shared/data/aaf/complet-2013"
    for label, export in (("invented", folder), ("complet_2013", real)):
        if not export.exists():
            figures[f"{label}_skipped"] = f"{export} n'existe pas"
            continue
        people = _people_in(export)
        first, memory = _import_apart(export)
        second, _ = _import_apart(export)
        figures |= {
            f"{label}_people": people,
            f"{label}_first_s": round(first, 1),
            f"{label}_people_per_s (aim >= 4000)": round(people / first),
            f"{label}_peak_mb (aim < 300)": round(memory),
            f"{label}_second_s": round(second, 1),
            f"{label}_first_over_second (aim >= 3)": round(first / second, 1),
        }
    return figures


def _people_in(export: Path) -> int:
    """People in an export: requests of the three categories of persons."""
    return sum(
        len(re.findall(rb"<addRequest>", path.read_bytes()))
        for path in export.glob("*.xml")
        if re.search(r"_(Eleve|PersRelEleve|PersEducNat)_", path.name)
    )


def _import_apart(export: Path) -> tuple[float, float]:
    """Import in a process of its own: seconds, and its peak memory in MB."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, "manage.py", "import_aaf", str(export), "--create-schools"],
        check=True, stdout=subprocess.DEVNULL, env=os.environ | {"PYTHONWARNINGS": "ignore"},
    )  # fmt: skip
    spent = time.perf_counter() - started
    return spent, max(before, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / 1024
