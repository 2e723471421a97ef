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


def test_a_second_user_shares_the_servers_and_the_last_one_stops_them(servers):
    with servers.running():
        first = postmaster(servers)
        with Embedded(servers.data).running():
            assert postmaster(servers) == first
        assert servers.is_running()
    assert not servers.is_running()
