"""Provisioning killed at any moment leaves no half school, and can be run again."""

import signal

import psycopg
import pytest

from tests.tenants.apart import database, manage, register

__all__ = ["database"]
SCHOOLS = 40


def halves(connection: psycopg.Connection) -> list[tuple]:
    """Schools of which the row and the schema disagree."""
    return connection.execute(
        """SELECT uai FROM tenants_school LEFT JOIN pg_namespace ON nspname = schema_name
           WHERE (revision IS NULL) <> (nspname IS NULL)"""
    ).fetchall()


@pytest.mark.parametrize("created", [1, 7])
def test_killed_in_the_middle_it_leaves_whole_schools_only(database, created):
    with psycopg.connect(database, autocommit=True) as connection:
        for number in range(SCHOOLS):
            register(connection, 500 + number)
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
