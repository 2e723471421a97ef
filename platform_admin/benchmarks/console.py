"""`scripts/bench console`: what pages of the console cost at 271 and at 11,000 registered schools."""

import gzip
import statistics
import time
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ent.accounts.models import Account
from platform_admin.benchmarks.schools import Figures, pass_second_factor
from platform_admin.dashboards.review import review
from platform_admin.officers.models import Officer
from platform_admin.rollout.models import Deployment, Wave
from tenants.context import platform
from tenants.models import UAI_LETTERS, Authority, School, SchoolKind

SIZES = (271, 11_000)
TIMES = 9
PAGES = {
    "dashboard": "/console/dashboard/",
    "map_by_use": "/console/dashboard/?by=use",
    "help": "/console/dashboard/help/",
    "compare": "/console/dashboard/schools/",
    "list": "/console/",
    "list_last_page": "/console/?page=9999",
}
# Real lists of all France, where they lie beside the project; schools are invented up to the number wanted.
LISTS = Path(__file__).resolve().parents[3] / "shared/data/schools"


def bench_console() -> Figures:
    """Queries, median milliseconds and kilobytes (compressed) of each page. Nothing is left in the database."""
    figures: Figures = {}
    call_command("collectstatic", interactive=False, verbosity=0)
    with platform(), transaction.atomic():
        School.objects.all().delete()
        for size in SIZES:
            _register(size)
            _counts()
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")
            started = time.perf_counter()
            review()
            figures[f"{size}_schools"] = School.objects.count()
            figures[f"{size}_hourly_review_s"] = round(time.perf_counter() - started, 2)
            client = _officer()
            for name, path in PAGES.items():
                queries, spent, kilobytes = _measured(client, path)
                figures[f"{size}_{name}_queries (aim <= 15)"] = queries
                figures[f"{size}_{name}_ms (aim <= 150)"] = round(spent, 1)
                figures[f"{size}_{name}_kb (aim <= 60)"] = round(kilobytes, 1)
        transaction.set_rollback(True)
    return figures


def _officer() -> Client:
    account, _ = Account.objects.get_or_create(sign_in_name="agent.mesure", defaults={"activated_at": timezone.now()})
    Officer.objects.get_or_create(
        account=account, defaults={"name": "Agent de mesure", "function": Officer.Function.ADMINISTRATOR}
    )
    client = Client(headers={"host": settings.BASE_DOMAIN})
    client.force_login(account)
    pass_second_factor(client, account)
    return client


def _measured(client: Client, path: str) -> tuple[int, float, float]:
    """Queries, median milliseconds in the server, compressed kilobytes of a page."""

    def ask():
        try:
            return client.get(path)
        finally:
            # The request left the platform with a visitor's rights.
            connection.is_owner = True
            connection.set_schema_to_public()

    response = ask()
    if response.status_code != 200:
        raise RuntimeError(f"{path} : {response.status_code}")
    with CaptureQueriesContext(connection) as captured:
        ask()
    queries = sum("set_config" not in one["sql"] for one in captured.captured_queries)
    spent = []
    for _ in range(TIMES):
        started = time.perf_counter()
        ask()
        spent.append((time.perf_counter() - started) * 1000)
    return queries, statistics.median(spent), len(gzip.compress(response.content, 6)) / 1000


def _register(size: int) -> None:
    """So many schools: the Ministry's own lists first, then invented ones, spread over the four départements."""
    known = ["academy-clermont-ferrand.csv"] if size < 1_000 else ["colleges-france.csv", "lycees-france.csv"]
    for name in known:
        if (LISTS / name).exists():
            call_command("import_schools", str(LISTS / name), verbosity=0)
    extra = School.objects.count() - size
    if extra > 0:
        School.objects.filter(
            pk__in=list(School.objects.order_by("-uai").values_list("pk", flat=True)[:extra])
        ).delete()
    authorities = {
        code: Authority.objects.get_or_create(
            code=code, defaults={"kind": Authority.Kind.DEPARTEMENT, "name": f"Département {code}"}
        )[0]
        for code in ("03", "15", "43", "63")
    }
    codes = list(authorities)
    schools = []
    for number in range(max(-extra, 0)):
        code, digits = codes[number % 4], f"99{number:05}"
        uai = digits + UAI_LETTERS[int(digits) % 23]
        schools.append(
            School(
                uai=uai, name=f"Collège inventé {number}", kind=SchoolKind.COLLEGE, town=f"Ville {number % 300}",
                departement=code, latitude=44.8 + number % 17 / 10, longitude=2.4 + number % 13 / 10,
                headcount=150 + number * 37 % 900, authority=authorities[code], subdomain=f"invente-{number}",
                schema_name=f"e_{uai.lower()}",
            )
        )  # fmt: skip
    School.objects.bulk_create(schools, batch_size=2_000)
    wave, _ = Wave.objects.get_or_create(
        number=1, defaults={"name": "Tous", "opens_on": timezone.localdate() - timedelta(days=5)}
    )
    placed = (Deployment(school_id=pk, wave=wave) for pk in School.objects.values_list("pk", flat=True))
    Deployment.objects.bulk_create(placed, batch_size=2_000, ignore_conflicts=True)


def _counts() -> None:
    """Nine schools in ten are open and sent counts: the last ten days, and each Thursday of two years for a tenth."""
    School.objects.filter(
        pk__in=School.objects.order_by("uai").values("pk")[: School.objects.count() * 9 // 10]
    ).update(state=School.State.OPEN)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM liaison_schoolpulse")
        cursor.execute("DELETE FROM liaison_schoolactivity")
        cursor.execute(PULSES, {"today": timezone.localdate()})
        cursor.execute(ACTIVITY, {"today": timezone.localdate()})


DAYS = """
      FROM tenants_school school
      JOIN generate_series(%(today)s::date - 728, %(today)s::date, interval '1 day') AS moment
        ON moment::date > %(today)s::date - 10 OR (extract(isodow FROM moment) = 4 AND school.id %% 10 = 0)
"""
PULSES = f"""
    INSERT INTO liaison_schoolpulse (school_id, day, role, accounts, activated, came_today, came_this_week)
    SELECT school.id, moment::date, role, 400, 150 + school.id %% 250, 90, 100 + school.id %% 50
    {DAYS} CROSS JOIN unnest(ARRAY['pupil', 'guardian', 'teacher', 'staff']) AS role
     WHERE school.state = 'open'
"""
ACTIVITY = f"""
    INSERT INTO liaison_schoolactivity
           (school_id, day, lessons_filled, rolls_taken, messages_sent, letters_printed, storage_bytes,
            requests, errors, median_ms, p95_ms)
    SELECT school.id, moment::date, 0, 0, 0, 1, 1000000, 5000, school.id %% 40, 80, 300 + school.id %% 900
    {DAYS} WHERE school.state = 'open'
"""
