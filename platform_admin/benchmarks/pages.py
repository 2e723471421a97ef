"""The pages: what they weigh, how many queries they make, how fast they come, at 6 and at 271 schools.

On a database of its own, made for the run: the six invented schools of the demonstration, then as many empty ones as
the academy needs. The server is the one of `scripts/run`, the visitors are a process apart.
"""

import json
import os
import random
import shutil
import socket
import statistics
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_otp import DEVICE_ID_SESSION_KEY
from psycopg.conninfo import make_conninfo

from ent.accounts.models import Account
from ent.config import run
from ent.kernel.access import Role
from ent.school.people.models import Function, Person, Profile, StaffFunction
from ent.school.structure.models import Division
from platform_admin import demonstration
from platform_admin.benchmarks.memory import private_mb
from platform_admin.benchmarks.schools import ACADEMY, Figure, Figures, plain_address, provisioned
from platform_admin.officers.second_factor import device_of
from tenants.context import inside, inside_as_owner, platform
from tenants.hosts import base_host, host_of, url_of
from tenants.models import School

DATABASE = "ent_pages"
# Not the numbers of the other benches: a server's roles are one name space.
FIRST_EMPTY = 501
ROUNDS = 3
VISITS_PER_ROUND = 690
THREADS = 4
SEED = 271
ROLES = (Role.PUPIL, Role.GUARDIAN, Role.TEACHER, Role.SCHOOL_HEAD, Role.SCHOOL_ADMIN)
CHROMIUM_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@dataclass(frozen=True)
class Visit:
    """A page to ask for, as a signed-in person or a visitor."""

    kind: str
    host: str
    path: str
    cookie: str = ""


def bench_pages() -> Figures:
    """Cold sign-in plus home in Chromium; per page queries and time, at 6 and at 271 schools; requests a second."""
    with database_of_its_own(), served() as (port, server_address):
        schools = peopled()
        visits = [visit for school in schools for visit in visits_of(school)] + console_visits()
        queries = {visit.kind: queries_of(visit) for visit in visits}
        few = measured(port, visits, [])
        figures: Figures = {} | cold(port, schools[0])
        with platform():
            empty = provisioned(ACADEMY - School.objects.filter(revision__isnull=False).count(), FIRST_EMPTY)
        passing = [visit for school in empty for visit in visits_of_empty(school)]
        many = measured(port, visits, passing)
        backends = backends_mb(server_address)
    for kind, count in sorted(queries.items()):
        row: dict[str, Figure] = {"queries (<=10)": count}
        for label, found in (("6", few), (str(ACADEMY), many)):
            row |= {f"median_{label}_ms": found.median(kind), f"p95_{label}_ms": found.p95(kind)}
        figures[kind] = row
    return figures | {
        "most_queries (aim <= 10)": max(queries.values()),
        "median_6_ms": few.median(),
        f"median_{ACADEMY}_ms (aim < 15)": many.median(),
        f"median_{ACADEMY}_over_6 (aim <= 1)": round(many.median() / few.median(), 2),
        "requests_per_s_6": round(few.rate),
        f"requests_per_s_{ACADEMY}": round(many.rate),
        "connections": len(backends),
        "heaviest_connection_mb (aim < 150)": round(max(backends), 1),
    }


@contextmanager
def database_of_its_own() -> Iterator[None]:
    """The demonstration's schools in a fresh database, dropped afterwards."""
    ordinary, name = plain_address(), connection.settings_dict["NAME"]

    def drop() -> None:
        connection.close()
        with psycopg.connect(ordinary, autocommit=True) as server:
            server.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")

    drop()
    with psycopg.connect(ordinary, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {DATABASE}")
    connection.settings_dict["NAME"] = DATABASE
    try:
        cache.clear()  # hosts and sessions of another run
        call_command("migrate_schools", verbosity=0)
        demonstration.build(None, demonstration.PILOT_SCHOOLS, lambda line: None)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        yield
    finally:
        drop()
        connection.settings_dict["NAME"] = name
        cache.clear()


@contextmanager
def served() -> Iterator[tuple[int, str]]:
    """The production server on this database: its port, and the plain address of the database."""
    call_command("collectstatic", interactive=False, verbosity=0)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "DATABASE_URL": database_url(), "ENT_PORT": str(port), "DJANGO_SETTINGS_MODULE": "ent.config.settings",
    }  # fmt: skip
    settings.PUBLIC_PORT = str(port)
    process = subprocess.Popen(run.commands(port, str(settings.DATA_DIR))["web"], cwd=run.ROOT, env=environment)
    try:
        run.wait_for(f"http://127.0.0.1:{port}/health", process)
        yield port, plain_address()
    finally:
        process.terminate()
        process.wait(15)


def database_url() -> str:
    """The environment's address, with the bench's database."""
    return f"postgresql://{connection.settings_dict['USER']}@/{DATABASE}?host={connection.settings_dict['HOST']}"


def signed_in(host: str, school: School | None, account: Account) -> str:
    """The cookie of a fresh session on a host; an officer's is past the second factor."""
    client = Client(headers={"host": host})
    with inside(school) if school else platform():
        client.force_login(account)
        device = None if school else device_of(account)
        if device:
            session = client.session
            session[DEVICE_ID_SESSION_KEY] = device.persistent_id
            session.save()
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


def peopled() -> list[School]:
    """The demonstration's schools that have people: those one may sign in to."""
    with platform():
        return list(School.objects.filter(uai__in=json.loads(demonstration.sign_ins_file().read_text())))


def sign_ins(where: str) -> dict[str, Account]:
    """The demonstration's accounts of a school (or the platform), by role."""
    rows = json.loads(demonstration.sign_ins_file().read_text())[where]
    with platform():
        accounts = Account.objects.in_bulk([name for _, name in rows], field_name="sign_in_name")
    return {label: accounts[name] for label, name in rows}


def visits_of(school: School) -> list[Visit]:
    """The pages of a school with people, each as the roles that open it."""
    host = host_of(school)
    visits = [Visit("sign_in", host, "/sign-in/")]
    accounts = sign_ins(school.uai)
    for role in ROLES:
        account = accounts.get(str(role.label))
        if account is None:
            continue
        cookie = signed_in(host, school, account)
        with inside(school):
            person = Person.objects.filter(account_id=account.pk).first()
            pages = {"home": "/"} | pages_for(role, person)
        visits += [Visit(f"{page}_{role.value}", host, path, cookie) for page, path in pages.items()]
    return visits


def pages_for(role: Role, person: Person | None) -> dict[str, str]:
    """The pages besides home that a role opens, with an object of their own."""
    pupils = Person.objects.filter(profile=Profile.PUPIL, closed_at=None, enrolments__closed_at=None)
    if role == Role.GUARDIAN:
        return {"person": f"/people/{pupils.filter(guardianships__relative=person).first().pk}/"}
    if role == Role.PUPIL:
        return {"class": f"/classes/{Division.objects.filter(enrolments__pupil=person).first().pk}/"}
    lists = {"classes": "/classes/", "search": "/people/?q=mar"}
    if role == Role.TEACHER:
        division = Division.objects.filter(teachings__teacher=person, enrolments__closed_at=None).first()
    else:
        division = Division.objects.filter(closed_at=None, enrolments__isnull=False).first()
    pupil = pupils.filter(enrolments__division=division).first()
    objects = {"person": f"/people/{pupil.pk}/", "class": f"/classes/{division.pk}/"}
    if role == Role.SCHOOL_ADMIN:
        accounts = {"accounts": "/administration/accounts/"}
        return lists | objects | accounts | {"accounts_list": "/administration/accounts/?audience=pupils"}
    return lists | objects


def console_visits() -> list[Visit]:
    """The console's dashboard."""
    officer = sign_ins("platform")[str(Role.ACADEMY_ADMIN.label)]
    return [Visit("console", base_host(), "/console/", signed_in(base_host(), None, officer))]


def visits_of_empty(school: School) -> list[Visit]:
    """A school without people but its head: the sign-in page, and the head's home so that its tables are read."""
    with platform():
        account, _ = Account.objects.get_or_create(sign_in_name="direction.essai")
    with inside_as_owner(school):
        head = Person.objects.create(
            profile=Profile.STAFF, directory_key="1", last_name="Essai", sort_key="essai", account_id=account.pk
        )
        StaffFunction.objects.create(
            person=head, function=Function.SCHOOL_HEAD, source=StaffFunction.Source.DIRECTORY
        )  # fmt: skip
    host = host_of(school)
    return [Visit("elsewhere", host, "/sign-in/"), Visit("elsewhere", host, "/", signed_in(host, school, account))]


def queries_of(visit: Visit) -> int:
    """SQL queries of a page, what it keeps in the cache being there."""
    client = Client(headers={"host": visit.host}, SERVER_NAME=visit.host)
    if visit.cookie:
        name, value = visit.cookie.split("=", 1)
        client.cookies[name] = value
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            response = client.get(visit.path)
    if response.status_code != 200:
        raise SystemExit(f"{response.status_code} http://{visit.host}{visit.path}")
    return len(queries)


@dataclass(frozen=True)
class Measured:
    """Milliseconds per kind of page asked one after the other; requests a second by several at once."""

    times: dict[str, list[float]]
    rate: float

    def median(self, kind: str | None = None) -> float:
        """Of a kind of page, or of all."""
        return round(statistics.median(self._of(kind)), 1)

    def p95(self, kind: str) -> float:
        """Nineteen in twenty come faster."""
        return round(statistics.quantiles(self._of(kind), n=20)[-1], 1)

    def _of(self, kind: str | None) -> list[float]:
        return self.times[kind] if kind else [time for times in self.times.values() for time in times]


def measured(port: int, visits: list[Visit], passing: list[Visit]) -> Measured:
    """Visits in random order, every second one at a school of `passing`, in turn; the calmest of a few rounds."""
    chance = random.Random(SEED)  # noqa: S311  (an order, not a secret)
    elsewhere = iter(passing * (ROUNDS * 3 * VISITS_PER_ROUND // max(len(passing), 1) + 1))

    def order() -> list[Visit]:
        kinds: dict[str, list[Visit]] = defaultdict(list)
        for visit in visits:
            kinds[visit.kind].append(visit)
        chosen = [chance.choice(kinds[kind]) for kind in kinds for _ in range(VISITS_PER_ROUND // len(kinds))]
        chance.shuffle(chosen)
        if not passing:
            return chosen
        return [one for pair in zip(chosen, elsewhere, strict=False) for one in pair]

    asked(port, order(), THREADS)  # templates, hosts and connections warm
    rounds, rates = [], []
    for _ in range(ROUNDS):
        times: dict[str, list[float]] = defaultdict(list)
        for kind, milliseconds in asked(port, order(), 1)["times"]:
            if kind != "elsewhere":
                times[kind].append(milliseconds)
        rounds.append(times)
        crowd = order()
        rates.append(len(crowd) / asked(port, crowd, THREADS)["seconds"])
    calmest = min(rounds, key=lambda times: statistics.median(time for found in times.values() for time in found))
    return Measured(calmest, max(rates))


def asked(port: int, visits: list[Visit], threads: int) -> dict:
    """Have a process apart make the visits."""
    plan = {
        "port": port,
        "threads": threads,
        "visits": [(visit.kind, visit.host, visit.path, visit.cookie) for visit in visits],
    }
    crowd = Path(__file__).with_name("load.py")
    done = subprocess.run(
        [sys.executable, str(crowd)], input=json.dumps(plan), stdout=subprocess.PIPE, text=True, check=True
    )
    return json.loads(done.stdout)


def backends_mb(address: str) -> list[float]:
    """Private memory of each connection of the server to the database."""
    with psycopg.connect(make_conninfo(address)) as asking:
        pids = asking.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = %s AND pid NOT IN (pg_backend_pid(), %s) "
            "AND backend_type = 'client backend'",
            (DATABASE, connection.connection.info.backend_pid if connection.connection else 0),
        ).fetchall()
    return [private_mb(pid) for (pid,) in pids]


def cold(port: int, school: School) -> Figures:
    """Sign-in then home in Chromium with an empty cache: the heaviest of the roles."""
    # A tool of development, absent in production.
    from playwright.sync_api import sync_playwright

    browser_path = shutil.which("chromium") or shutil.which("google-chrome")
    if browser_path is None:
        return {"chromium": "absent (apt-get install chromium)"}
    heaviest, most = 0, 0
    accounts = sign_ins(school.uai)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=CHROMIUM_FLAGS)
        for role in ROLES:
            context = browser.new_context()
            page = context.new_page()
            session = context.new_cdp_session(page)
            session.send("Network.enable")
            sizes: list[int] = []
            session.on("Network.loadingFinished", lambda event, sizes=sizes: sizes.append(event["encodedDataLength"]))
            page.goto(url_of(school, "/sign-in/"), wait_until="networkidle")
            page.fill("[name=username]", accounts[str(role.label)].sign_in_name)
            page.fill("[name=password]", demonstration.PASSWORD)
            page.press("[name=password]", "Enter")
            page.wait_for_url(lambda url: "sign-in" not in url)
            page.wait_for_load_state("networkidle")
            context.close()
            heaviest, most = max(heaviest, sum(sizes)), max(most, len(sizes))
        browser.close()
    return {"cold_sign_in_and_home_kb (aim <= 60)": round(heaviest / 1000, 1), "cold_requests (aim <= 8)": most}
