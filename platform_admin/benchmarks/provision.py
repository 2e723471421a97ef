"""A school's space: ours, stock django-tenants, the raw DDL."""

import statistics

import psycopg
from django.conf import settings
from django.db import connection

from platform_admin.benchmarks.schools import ACADEMY, Figures, plain_address, provisioned, registered, timed
from tenants.context import platform
from tenants.models import School
from tenants.provisioning import delete, provision, template_statements


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
        with psycopg.connect(plain_address()) as plain:
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
