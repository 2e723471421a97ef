"""A wave of 48 schools launched from the academy's export, while people sign in elsewhere.

On a database of its own: the demonstration's six schools are open and used; 48 others of the same invented academy,
agreement and network done, are launched through the console's own jobs by the worker of `scripts/run`.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from ent.config import run
from ent.exchange.aaf.generator import generate
from ent.exchange.aaf.reader import Export
from ent.exchange.aaf.registration import register
from ent.exchange.aaf.rows import Structure
from ent.exchange.models import ImportRun
from platform_admin import demonstration
from platform_admin.benchmarks.pages import database_of_its_own, database_url, peopled, served, sign_ins
from platform_admin.benchmarks.schools import Figures
from platform_admin.rollout import launching
from platform_admin.rollout.actions import record_step
from platform_admin.rollout.models import Deployment, Launch, Step, Wave
from tenants.context import platform
from tenants.hosts import host_of
from tenants.models import School

SCHOOLS = 48
# About 650 people a school, families included.
SIZE = "small"
SIGN_INS_A_SECOND = 4
CALM_SECONDS = 30


def bench_wave() -> Figures:
    """Schools a minute, and sign-in times with and without the launch."""
    folder = settings.DATA_DIR / "export-wave"
    if not folder.exists():
        generate(folder, demonstration.PILOT_SCHOOLS + SCHOOLS, demonstration.SEED, size=SIZE)
    with database_of_its_own():
        with platform():
            wave = prepared(folder)
        people = [(host_of(one), account.sign_in_name) for one in peopled() for account in sign_ins(one.uai).values()]
        with served() as (port, _):
            plan = {"port": port, "a_second": SIGN_INS_A_SECOND, "password": demonstration.PASSWORD, "people": people}
            calm = during(plan, lambda: time.sleep(CALM_SECONDS))
            spent: list[float] = []
            busy = during(plan, lambda: spent.append(launched(wave, folder)))
        with platform():
            launch = Launch.objects.get(wave=wave)
            states = dict.fromkeys(("done", "failed"), 0)
            for job in launch.jobs.all():
                states[job.state] = states.get(job.state, 0) + 1
            reports = ImportRun.objects.filter(pk__in=launch.jobs.values("run")).values_list("report", flat=True)
            people_in = sum(
                counts["created"] + counts["unchanged"] + counts["changed"]
                for report in reports
                for kind, counts in report["totals"].items()
                if kind in ("pupils", "guardians", "contacts", "staff")
            )
    return {
        "schools": states["done"],
        "failed": states["failed"],
        "people": people_in,
        "seconds (aim < 240)": round(spent[0], 1),
        "schools_a_minute": round(60 * states["done"] / spent[0], 1),
        "people_a_second": round(people_in / spent[0]),
        "sign_in_median_calm_ms": round(statistics.median(calm)),
        "sign_in_median_launch_ms": round(statistics.median(busy)),
        "sign_in_p95_calm_ms": round(p95(calm)),
        "sign_in_p95_launch_ms": round(p95(busy)),
        "p95_launch_over_calm (aim <= 1.5)": round(p95(busy) / p95(calm), 2),
        "sign_ins_measured": len(calm) + len(busy),
    }


def prepared(folder: Path) -> Wave:
    """The schools of the export that are not open yet, registered, in a wave, ready to be launched."""
    known = set(School.objects.values_list("uai", flat=True))
    structures = [
        Structure(number, record.id, record.attributes["ENTStructureUAI"][0], record.attributes, record.file)
        for number, record in enumerate(Export.open(folder).records("structure"), 1)
    ]
    register([one for one in structures if one.uai not in known][:SCHOOLS])
    wave, _ = Wave.objects.get_or_create(number=99, defaults={"name": "Vague mesurée"})
    for school in School.objects.exclude(uai__in=known):
        deployment = Deployment.objects.create(school=school, wave=wave)
        for step in (Step.AGREEMENT, Step.NETWORK):
            record_step(deployment, step, done_on=timezone.localdate())
    return wave


def launched(wave: Wave, folder: Path) -> float:
    """Seconds from the officer's word to the last school, by a worker of its own."""
    environment = os.environ | {"DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": "ent.config.settings"}
    worker = subprocess.Popen(run.commands(0, str(settings.DATA_DIR))["worker"], cwd=run.ROOT, env=environment)
    started = time.perf_counter()
    try:
        with platform():
            launch = launching.start(wave, folder, 2, author="Mesure")
            while launch.state != Launch.State.DONE:
                time.sleep(0.25)
                launch.refresh_from_db()
                if launch.state == Launch.State.PAUSED:
                    raise SystemExit(launch.message)
        return time.perf_counter() - started
    finally:
        worker.terminate()
        worker.wait(30)


def during(plan: dict, work) -> list[float]:
    """Milliseconds of the sign-ins made while some work is done."""
    crowd = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("entering.py"))],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert crowd.stdin is not None  # noqa: S101
    crowd.stdin.write(json.dumps(plan) + "\n")
    crowd.stdin.flush()
    work()
    output, _ = crowd.communicate()
    return json.loads(output)


def p95(times: list[float]) -> float:
    """Nineteen in twenty come faster."""
    return statistics.quantiles(times, n=20)[-1]
