"""The eight o'clock storm: teachers open their home and send a roll, then pupils and parents open theirs.

On the demonstration's schools in a database of their own, by the server of `scripts/run`. What this machine serves a
second says how many such machines the academy needs.
"""

import json
import math
import statistics
import subprocess
import sys
import time
from pathlib import Path

from django.db import connection

from ent.accounts.models import Account
from ent.school.people.models import Person, Profile
from ent.school.structure.models import SchoolYear
from ent.school.timetable.demo import keep_alive
from ent.school.timetable.generating import generate
from ent.school.timetable.models import Session, SessionTeacher
from platform_admin.benchmarks.pages import Visit, database_of_its_own, peopled, queries_of, served, signed_in
from platform_admin.benchmarks.schools import Figures
from tenants.context import inside, inside_as_owner, platform
from tenants.hosts import host_of
from tenants.models import School

THREADS = 8
# The academy's morning: who does what within how many seconds.
ROLLS, ROLLS_WITHIN = 8_000, 600
HOMES, HOMES_WITHIN = 60_000, 900
FAMILIES, ROUNDS = 150, 3
ROSARIOSIS_HOMES_A_SECOND = 35


def bench_day() -> Figures:
    """Requests a second, median, p95, errors; queries of the homes; machines for the academy; a year's generation."""
    with database_of_its_own(), served() as (port, _):
        schools = peopled()
        teachers, homes = [], []
        for school in schools:
            teachers += rolls_of(school)
            homes += homes_of(school)
        queries = {kind: queries_of(Visit(kind, host, "/", cookie)) for kind, host, cookie in samples(teachers, homes)}
        plan = {"port": port, "threads": THREADS, "teachers": teachers, "homes": homes * ROUNDS}
        storm(plan | {"homes": homes})  # templates and connections warm
        found = storm(plan)
        one_by_one = storm(plan | {"threads": 1, "homes": homes})
        generated = generation(schools)
    rolls, families = found["rolls"], found["homes"]
    roll_rate = len(rolls["times"]["roll"]) / rolls["seconds"]
    home_rate = len(families["times"]["home_family"]) / families["seconds"]
    alone = one_by_one["rolls"]["times"] | one_by_one["homes"]["times"]
    return {
        "teachers": len(teachers),
        "rolls_a_second (home, register, roll: 3 requests each)": round(roll_rate, 1),
        "homes_a_second (aim >= 350)": round(home_rate, 1),
        "homes_over_rosariosis (aim >= 10)": round(home_rate / ROSARIOSIS_HOMES_A_SECOND, 1),
        "errors": rolls["errors"] + families["errors"],
        **{f"{kind}_under_load_ms": spread(times) for kind, times in (rolls["times"] | families["times"]).items()},
        **{f"{kind}_alone_ms": spread(times) for kind, times in alone.items()},
        **{f"queries_{kind} (aim <= 12)": count for kind, count in queries.items()},
        "machines_for_rolls": math.ceil(ROLLS / ROLLS_WITHIN / roll_rate),
        "machines_for_homes": math.ceil(HOMES / HOMES_WITHIN / home_rate),
        **generated,
    }


def spread(times: list[float]) -> dict[str, float]:
    """Median and p95, in milliseconds."""
    return {"median": round(statistics.median(times), 1), "p95": round(statistics.quantiles(times, n=20)[-1], 1)}


def rolls_of(school: School) -> list[tuple[str, str, str]]:
    """(host, register, cookie) of the teachers who lead a session now."""
    with inside_as_owner(school):
        keep_alive()
        running = [one for one in Session.objects.filter(is_orphan=False) if one.is_now]
        led = SessionTeacher.objects.filter(session__in=running, teacher__account_id__isnull=False)
        found = list(led.values_list("session", "teacher__account_id"))
    host = host_of(school)
    with platform():
        accounts = Account.objects.in_bulk([account for _, account in found])
    return [(host, f"/sessions/{session}/register/", signed_in(host, school, accounts[account]))
            for session, account in found if account in accounts]  # fmt: skip


def homes_of(school: School) -> list[tuple[str, str]]:
    """(host, cookie) of pupils, then of parents."""
    with inside(school):
        people = Person.objects.filter(closed_at=None, account_id__isnull=False)
        ids = [account for profile in (Profile.PUPIL, Profile.RELATIVE) for account in people.filter(profile=profile)
               .values_list("account_id", flat=True)[: FAMILIES // 2]]  # fmt: skip
    with platform():
        accounts = Account.objects.in_bulk(ids)
    host = host_of(school)
    return [(host, signed_in(host, school, accounts[key])) for key in ids if key in accounts]


def samples(teachers: list, homes: list) -> list[tuple[str, str, str]]:
    """One teacher's home and some families'."""
    return [("home_teacher", teachers[0][0], teachers[0][2]), ("home_pupil", *homes[0]), ("home_parent", *homes[-1])]


def storm(plan: dict) -> dict:
    """Have a process apart be the crowd."""
    script = Path(__file__).with_name("storm.py")
    done = subprocess.run(
        [sys.executable, str(script)], input=json.dumps(plan), stdout=subprocess.PIPE, text=True, check=True
    )
    return json.loads(done.stdout)


def generation(schools: list[School]) -> Figures:
    """A year of sessions from nothing, in the school with most pupils."""
    largest, most = None, 0
    for school in schools:
        with inside(school):
            count = Person.objects.filter(profile=Profile.PUPIL, closed_at=None).count()
        largest, most = (school, count) if count > most else (largest, most)
    if largest is None:
        return {}
    with inside_as_owner(largest):
        with connection.cursor() as cursor:  # a database of the bench's own
            cursor.execute(f"TRUNCATE {Session._meta.db_table} CASCADE")
        year = SchoolYear.objects.get(is_current=True)
        started = time.perf_counter()
        generate(year, "A")
        spent = time.perf_counter() - started
        sessions = Session.objects.filter(planned_on__isnull=False).count()
    return {"pupils": most, "sessions_generated": sessions, "generation_s (aim < 5 for 1000 pupils)": round(spent, 2)}
