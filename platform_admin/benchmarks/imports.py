"""Directory imports: speed and memory."""

import os
import re
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from platform_admin.benchmarks.schools import Figures, plain_address, timed


def bench_import() -> Figures:
    """People a second and peak memory: an invented export of 100,000 people, the real one, each twice.

    Each is imported into an empty academy; `cpu` is what the import's own processes and its server process spend,
    to be read where the machine has other work.
    """
    figures: Figures = {}
    folder = settings.DATA_DIR / "export-100000"
    spent: list[float] = []
    if not folder.exists():
        with timed(spent):
            call_command("generate_aaf", str(folder), schools=66, seed=1)
        figures["generate_s"] = round(spent[0], 1)
    real = Path(__file__).resolve().parents[3] / "shared/data/aaf/complet-2013"
    for label, export in (("invented", folder), ("complet_2013", real)):
        if not export.exists():
            figures[f"{label}_skipped"] = f"{export} n'existe pas"
            continue
        people = _people_in(export)
        with _empty_academy("ent_bench_import") as address:
            first, cpu, memory = _import_apart(export, address)
            second, cpu_again, memory_again = _import_apart(export, address)
        figures |= {
            f"{label}_people": people,
            f"{label}_first_s": round(first, 1),
            f"{label}_first_cpu_s": round(cpu, 1),
            f"{label}_people_per_s (aim >= 4000)": round(people / first),
            f"{label}_peak_mb (aim < 300)": round(max(memory, memory_again)),
            f"{label}_second_s": round(second, 1),
            f"{label}_second_cpu_s": round(cpu_again, 1),
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


@contextmanager
def _empty_academy(name: str) -> Iterator[str]:
    """A database of its own with the platform and the template, no school: yields its address."""
    database = connection.settings_dict | {"NAME": name}
    user, password = database["USER"], f":{quote(database['PASSWORD'])}" if database["PASSWORD"] else ""
    port = f"&port={database['PORT']}" if database["PORT"] else ""
    address = f"postgresql://{user}{password}@/{name}?host={quote(database['HOST'])}{port}"
    with psycopg.connect(plain_address(), autocommit=True) as plain:
        plain.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        plain.execute(f"CREATE DATABASE {name}")
        try:
            subprocess.run(
                [sys.executable, "manage.py", "migrate_schools", "--verbosity", "0"],
                check=True,
                env=os.environ | {"DATABASE_URL": address},
            )
            yield address
        finally:
            plain.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _import_apart(export: Path, address: str) -> tuple[float, float, float]:
    """Import in a process of its own: seconds, processor seconds, and peak memory in MB with its readers'."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "manage.py", "import_aaf", str(export), "--create-schools"],
        stdout=subprocess.DEVNULL, env=os.environ | {"DATABASE_URL": address, "PYTHONWARNINGS": "ignore"},
    )  # fmt: skip
    highest = server_cpu = 0.0
    with psycopg.connect(address, autocommit=True) as watcher:
        while os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            highest = max(highest, sum(map(_resident_mb, [process.pid, *_children(process.pid)])))
            backends = watcher.execute(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
                "AND backend_type = 'client backend'"
            ).fetchall()
            server_cpu = max(server_cpu, sum(_cpu_s(pid) for (pid,) in backends))
            time.sleep(0.1)
    spent = time.perf_counter() - started
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"import_aaf {export} s'est terminé par {process.returncode}")
    return spent, usage.ru_utime + usage.ru_stime + server_cpu, max(highest, usage.ru_maxrss / 1024)


def _children(pid: int) -> list[int]:
    with suppress(OSError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def _resident_mb(pid: int) -> float:
    """Memory a process holds at the moment (Linux)."""
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize() / 2**20
    return 0.0


def _cpu_s(pid: int) -> float:
    """Processor seconds of a process up to now (Linux)."""
    with suppress(OSError):
        user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
    return 0.0
