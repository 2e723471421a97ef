"""Commands run apart, on a database of their own: what they commit, or lose when killed, is real."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import DatabaseError, transaction
from django.db import connection as in_force
from psycopg.conninfo import make_conninfo

from tests import factories

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def database() -> Iterator[str]:
    """A migrated database of its own on the run's server."""
    server = os.environ["DATABASE_URL"]
    name = f"test_apart_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    address = make_conninfo(server, dbname=name)
    with manage(address, "migrate_schools", "--verbosity", "0") as migrating:
        assert migrating.wait() == 0
    yield address
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def manage(database: str, *command: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-u", "manage.py", *command],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
        env=os.environ | {"DATABASE_URL": database, "PYTHONWARNINGS": "ignore"},
    )  # fmt: skip


def register(connection: psycopg.Connection, number: int) -> str:
    """Register a school in that database; returns its UAI."""
    uai = factories.uai(number)
    connection.execute(
        """INSERT INTO tenants_school (schema_name, uai, name, kind, is_public, town, postal_code, departement,
               state, subdomain, directory_key, updated_at)
           VALUES (%s, %s, %s, 'college', true, '', '', '63', 'registered', %s, '', now())""",
        (f"e_{uai.lower()}", uai, f"Collège d'essai {number}", uai.lower()),
    )
    return uai


def refused(statement: str, *values) -> bool:
    """Whether PostgreSQL forbids a statement to the role in force (no other error counts)."""
    try:
        with transaction.atomic(), in_force.cursor() as cursor:
            cursor.execute(statement, values)
    except DatabaseError as error:
        return "row-level security" in str(error) or "permission denied" in str(error)
    return False
