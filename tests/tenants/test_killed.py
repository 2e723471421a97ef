"""Provisioning killed at any moment leaves no half school, and can be run again."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from tests import factories

ROOT = Path(__file__).resolve().parents[2]
SCHOOLS = 40


@pytest.fixture
def database() -> Iterator[str]:
    """A database of its own on the run's server: what is killed has been committed."""
    server = os.environ["DATABASE_URL"]
    name = f"test_killed_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield make_conninfo(server, dbname=name)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def manage(database: str, *command: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-u", "manage.py", *command],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
        env=os.environ | {"DATABASE_URL": database, "PYTHONWARNINGS": "ignore"},
    )  # fmt: skip


def halves(connection: psycopg.Connection) -> list[tuple]:
    """Schools of which the row and the schema disagree."""
    return connection.execute(
        """SELECT uai FROM tenants_school LEFT JOIN pg_namespace ON nspname = schema_name
           WHERE (revision IS NULL) <> (nspname IS NULL)"""
    ).fetchall()


@pytest.mark.parametrize("created", [1, 7])
def test_killed_in_the_middle_it_leaves_whole_schools_only(database, created):
    with manage(database, "migrate_schools", "--verbosity", "0") as migrating:
        assert migrating.wait() == 0
    with psycopg.connect(database, autocommit=True) as connection:
        for number in range(SCHOOLS):
            uai = factories.uai(500 + number)
            connection.execute(
                """INSERT INTO tenants_school (schema_name, uai, name, kind, is_public, town, postal_code, departement,
                       state, accent, subdomain, directory_key, updated_at)
                   VALUES (%s, %s, %s, 'college', true, '', '', '63', 'registered', 'lake', %s, '', now())""",
                (f"e_{uai.lower()}", uai, f"Collège d'essai {number}", uai.lower()),
            )
        with manage(database, "provision_school", "--all") as running:
            for _ in range(created):
                running.stdout.readline()
            running.send_signal(signal.SIGKILL)
        assert halves(connection) == []
        with manage(database, "provision_school", "--all") as again:
            again.stdout.read()
        assert again.returncode == 0
        assert halves(connection) == []
        (missing,) = connection.execute("SELECT count(*) FROM tenants_school WHERE revision IS NULL").fetchone()
        assert missing == 0
