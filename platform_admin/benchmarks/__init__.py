"""Measures of the platform, one module each: a function that returns a table of figures.

Run by `scripts/bench NAME` on servers and data of their own (`.data/bench`).
"""

from collections.abc import Callable

from platform_admin.benchmarks.console import bench_console
from platform_admin.benchmarks.day import bench_day
from platform_admin.benchmarks.imports import bench_import
from platform_admin.benchmarks.memory import bench_memory
from platform_admin.benchmarks.migrate import bench_migrate
from platform_admin.benchmarks.pages import bench_pages
from platform_admin.benchmarks.provision import bench_provision
from platform_admin.benchmarks.schools import Figures
from platform_admin.benchmarks.wave import bench_wave

BENCHES: dict[str, Callable[[], Figures]] = {
    "provision": bench_provision,
    "migrate": bench_migrate,
    "memory": bench_memory,
    "import": bench_import,
    "pages": bench_pages,
    "wave": bench_wave,
    "console": bench_console,
    "day": bench_day,
}
