"""Measures of the platform, each a function that returns a flat table of figures.

Run by `scripts/bench NAME` on servers and data of their own (`.data/bench`).
"""

import os
import re
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from psycopg.conninfo import make_conninfo

from ent.school.people.models import Person
from ent.school.structure.models import Division, Teaching
from platform_admin.dashboards.benchmark import bench_console
from tenants import revisions
from tenants.context import inside, platform
from tenants.models import UAI_LETTERS, SchemaRevision, School, SchoolKind
from tenants.provisioning import delete, provision, template_statements

ACADEMY = 271
Figures = dict[str, float | int | str]


@contextmanager
def timed(into: list[float]) -> Iterator[None]:
    """Append the block's seconds."""
    started = time.perf_counter()
    yield
    into.append(time.perf_counter() - started)


def registered(count: int) -> list[School]:
    """`count` schools of the bench, registered if new."""
    schools = []
    for number in range(1, count + 1):
        digits = f"0638{number:03}"
        uai = digits + UAI_LETTERS[int(digits) % 23]
        school, _ = School.objects.get_or_create(
            uai=uai,
            defaults={"name": f"Collège d'essai {number}", "kind": SchoolKind.COLLEGE, "subdomain": f"essai-{number}"},
        )
        schools.append(school)
    return schools


def provisioned(count: int) -> list[School]:
    """`count` schools with their schema, open."""
    schools = registered(count)
    for school in schools:
        provision(school, opened=True)
        school.refresh_from_db()
    return schools


def bench_provision() -> Figures:
    """Seconds a school: ours, stock django-tenants, the raw DDL statement by statement; then the whole academy."""
    with platform():
        statements = template_statements().statements
        ours, raw, stock = [], [], []
        for school in registered(10):
            if school.has_schema:
                delete(school, school.uai, settings.DATA_DIR / "exports")
                school.refresh_from_db()
            with timed(ours):
                provision(school)
        with psycopg.connect(_plain_address()) as plain:
            for number in range(10):
                plain.execute(f"DROP SCHEMA IF EXISTS raw_{number} CASCADE")
                plain.commit()
                with timed(raw), plain.transaction():
                    plain.execute(f"CREATE SCHEMA raw_{number}")
                    plain.execute(f"SET LOCAL search_path = raw_{number}, public")
                    for statement in statements:
                        plain.execute(statement)
            for number in range(10):
                plain.execute(f"DROP SCHEMA raw_{number} CASCADE")
        for number in range(2):
            tenant = School(uai=f"STOCK{number}", subdomain=f"stock-{number}", schema_name=f"stock_{number}")
            with timed(stock):
                tenant.create_schema(check_if_exists=True, sync_schema=True, verbosity=0)
            with connection.cursor() as cursor:
                cursor.execute(f"DROP SCHEMA stock_{number} CASCADE")
        connection.set_schema_to_public()
        whole: list[float] = []
        with timed(whole):
            provisioned(ACADEMY)
        ours_s, raw_s, stock_s = map(statistics.median, (ours, raw, stock))
        return {
            "tables": sum(statement.startswith("CREATE TABLE") for statement in statements),
            "ours_s": round(ours_s, 4),
            "raw_ddl_s": round(raw_s, 4),
            "stock_s": round(stock_s, 3),
            "ours_over_raw (aim <= 1.5)": round(ours_s / raw_s, 2),
            "stock_over_ours (aim >= 15)": round(stock_s / ours_s, 1),
            "271_schools_s (aim < 90)": round(whole[0], 1),
        }


def bench_migrate() -> Figures:
    """`migrate_schools` with nothing to do for 1 and 271 schools; one added column, against the raw SQL."""

    def run() -> float:
        spent: list[float] = []
        with timed(spent):
            call_command("migrate_schools", verbosity=0)
        return spent[0]

    with platform():
        provisioned(1)
        one = min(run() for _ in range(3))
        schools = provisioned(ACADEMY)
        all_of_them = min(run() for _ in range(3))
        raw: list[float] = []
        with psycopg.connect(_plain_address(), autocommit=True) as plain, timed(raw):
            for school in schools:
                plain.execute(f'ALTER TABLE "{school.schema_name}".people_person ADD COLUMN bench_raw varchar(20) NULL')
        number = revisions.head() + 1
        added = "ALTER TABLE people_person ADD COLUMN bench_ours varchar(20) NULL"
        revision = SchemaRevision.objects.create(number=number, app="people", name="bench", statements=[added])
        try:
            ours = run()
            behind = revisions.schools_behind().count()
        finally:
            with psycopg.connect(_plain_address(), autocommit=True) as plain:
                for school in schools:
                    plain.execute(
                        f'ALTER TABLE "{school.schema_name}".people_person '
                        "DROP COLUMN IF EXISTS bench_raw, DROP COLUMN IF EXISTS bench_ours"
                    )
            School.objects.filter(revision=number).update(revision=number - 1)
            revision.delete()
        return {
            "nothing_to_do_1_school_s": round(one, 3),
            "nothing_to_do_271_schools_s": round(all_of_them, 3),
            "difference_s (aim <= 1)": round(all_of_them - one, 3),
            "one_column_raw_s": round(raw[0], 2),
            "one_column_ours_s": round(ours, 2),
            "ours_over_raw (aim <= 3)": round(ours / raw[0], 2),
            "schools_left_behind": behind,
        }


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


def bench_import() -> Figures:
    """People a second and peak memory: an invented export of 100,000 people, the real one, each twice."""
    figures: Figures = {}
    folder = settings.DATA_DIR / "export-100000"
    spent: list[float] = []
    if not folder.exists():
        with timed(spent):
            call_command("generate_aaf", str(folder), schools=90, seed=1)
        figures["generate_s"] = round(spent[0], 1)
    real = Path(__file__).resolve().parents[2] / "shared/data/aaf/complet-2013"
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


def _backend_mb() -> float:
    """Private memory of the connection's server process (Linux)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return sum(int(size) for size in re.findall(r"Private_\w+:\s+(\d+) kB", rollup)) / 1024


def _plain_address() -> str:
    database = connection.settings_dict
    named = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}
    return make_conninfo("", **{name: database[key] for name, key in named.items() if database[key]})


BENCHES: dict[str, Callable[[], Figures]] = {
    "provision": bench_provision,
    "migrate": bench_migrate,
    "memory": bench_memory,
    "import": bench_import,
    "console": bench_console,
}
