"""A deployment: nothing to do, and one added column."""

import psycopg
from django.core.management import call_command

from platform_admin.benchmarks.schools import ACADEMY, Figures, plain_address, provisioned, timed
from tenants import revisions
from tenants.context import platform
from tenants.models import SchemaRevision, School


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
        with psycopg.connect(plain_address(), autocommit=True) as plain, timed(raw):
            for school in schools:
                plain.execute(f'ALTER TABLE "{school.schema_name}".people_person ADD COLUMN bench_raw varchar(20) NULL')
        number = revisions.head() + 1
        added = "ALTER TABLE people_person ADD COLUMN bench_ours varchar(20) NULL"
        revision = SchemaRevision.objects.create(number=number, app="people", name="bench", statements=[added])
        try:
            ours = run()
            behind = revisions.schools_behind().count()
        finally:
            with psycopg.connect(plain_address(), autocommit=True) as plain:
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
