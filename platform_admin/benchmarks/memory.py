"""What a database connection comes to weigh."""

import re
import time
from pathlib import Path

from django.conf import settings
from django.db import connection

from ent.school.people.models import Person
from ent.school.structure.models import Division, Teaching
from platform_admin.benchmarks.schools import ACADEMY, Figures, provisioned
from tenants.context import inside, platform
from tenants.models import School


def bench_memory() -> Figures:
    """Private memory of one connection's backend after 1, 50 and 271 schools, with and without retiring it."""

    def visit(school: School) -> None:
        with inside(school):
            list(Person.objects.select_related("pupil__programme").prefetch_related("functions", "wards", "enrolments"))
            list(Division.objects.prefetch_related("enrolments__pupil", "teachings__subject", "groups"))
            list(Teaching.objects.select_related("teacher", "subject", "group"))

    with platform():
        schools = provisioned(ACADEMY)
    figures: Figures = {}
    for label, cap in (("ours", settings.SCHOOLS_PER_CONNECTION), ("never_retired", 10_000)):
        settings.SCHOOLS_PER_CONNECTION, kept = cap, settings.SCHOOLS_PER_CONNECTION
        connection.close()
        highest, spent = 0.0, time.perf_counter()
        for number, school in enumerate(schools, 1):
            visit(school)
            highest = max(highest, _backend_mb())
            if number in (1, 50, ACADEMY):
                figures[f"{label}_{number}_schools_mb"] = round(highest, 1)
        figures[f"{label}_ms_per_visit"] = round((time.perf_counter() - spent) / len(schools) * 1000, 2)
        settings.SCHOOLS_PER_CONNECTION = kept
    connection.close()
    return figures


def _backend_mb() -> float:
    """Private memory of the connection's server process."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    return private_mb(pid)


def private_mb(pid: int) -> float:
    """A process's memory that it shares with no other (Linux)."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return sum(int(size) for size in re.findall(r"Private_\w+:\s+(\d+) kB", rollup)) / 1024
