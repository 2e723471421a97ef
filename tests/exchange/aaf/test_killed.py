"""An import killed in the middle leaves whole schools only; run again, it ends as if it had not been."""

import json
import signal
import time

import psycopg
import pytest

from ent.exchange.aaf.generator import generate
from tests.tenants.apart import database, manage

__all__ = ["database"]
pytestmark = pytest.mark.xdist_group("aaf")


def test_killed_in_the_middle_it_goes_on_with_the_same_figures(database, tmp_path):
    summary = generate(tmp_path / "export", 4, 11, size="small")
    command = ["import_aaf", str(tmp_path / "export"), "--create-schools", "--report", str(tmp_path / "report.json")]
    with psycopg.connect(database, autocommit=True) as connection:

        def one(query: str) -> int:
            return connection.execute(query).fetchone()[0]

        with manage(database, *command) as running:
            while one("SELECT count(*) FROM exchange_schoolimport") == 0:
                assert running.poll() is None
                time.sleep(0.01)
            running.send_signal(signal.SIGKILL)
        while one("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"):
            time.sleep(0.05)  # the server notices the loss of its client
        finished = one("SELECT count(*) FROM exchange_schoolimport")
        assert finished < 4
        assert one("SELECT count(*) FROM pg_namespace WHERE nspname ~ '^e_[0-9]'") == finished
        with manage(database, *command) as again:
            again.stdout.read()
        assert again.returncode == 0
        assert one("SELECT count(*) FROM exchange_importrun") == 1
        totals = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["totals"]
        created = {kind: counts["created"] for kind, counts in totals.items()}
        assert (created["pupils"], created["guardians"]) == (summary.pupils, summary.relatives)
        assert (created["contacts"], created["staff"]) == (summary.contacts, summary.staff)
        assert created["accounts"] == one("SELECT count(*) FROM accounts_account")
        assert sum(counts[how] for counts in totals.values() for how in ("changed", "unchanged", "closed")) == 0
