"""`scripts/run`: the whole product on one machine, from an empty folder to printed addresses."""

import argparse
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from ent.kernel.embedded import Embedded, data_folder

ROOT = Path(__file__).resolve().parents[3]
PYTHON = sys.executable


def say(text: str) -> None:
    """A line of progress."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def arguments() -> argparse.Namespace:
    """What can be asked."""
    parser = argparse.ArgumentParser(prog="scripts/run", description="Lance l'ENT sur cette machine.")
    parser.add_argument("--port", type=int, default=8000, help="port des pages (le suivant sert au direct)")
    parser.add_argument("--aaf", type=Path, help="construire l'académie depuis cet export au lieu d'un export inventé")
    parser.add_argument("--fresh", action="store_true", help="effacer les données et recommencer")
    return parser.parse_args()


def main() -> int:
    """Start everything, wait, stop everything."""
    options = arguments()
    data = data_folder()
    signal.signal(signal.SIGTERM, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
    servers = Embedded(data)
    if options.fresh:
        erase(servers)
    external = "DATABASE_URL" in os.environ and "REDIS_URL" in os.environ
    say("Démarrage de PostgreSQL et de Valkey…")
    with contextlib.nullcontext() if external else servers.running():
        environment = {
            "DATABASE_URL": servers.database_url,
            "REDIS_URL": servers.redis_url,
            "ENT_DEMO": "1",
            "ENT_DATA": str(data),
            "ENT_PORT": str(options.port),
            "ENT_LIVE_PORT": str(options.port + 1),
            "PYTHONWARNINGS": "ignore",
        } | os.environ
        try:
            return serve(environment, options)
        except KeyboardInterrupt:
            return 0


def erase(servers: Embedded) -> None:
    """Forget all state, with the servers stopped."""
    if servers.is_running():
        servers.stop()
    if servers.cluster.is_symlink():
        shutil.rmtree(servers.cluster.resolve(), ignore_errors=True)
    shutil.rmtree(servers.data, ignore_errors=True)


def serve(environment: dict[str, str], options: argparse.Namespace) -> int:
    """Prepare, then run web, live, worker and beat until Ctrl-C or until one of them dies."""

    def manage(*command: str) -> None:
        subprocess.run([PYTHON, "manage.py", *command], check=True, cwd=ROOT, env=environment)

    say("Mise à jour de la base…")
    manage("migrate_schools")
    demo = ["build_demo", *(["--aaf", str(options.aaf.resolve())] if options.aaf else [])]
    manage(*demo)
    say("Préparation des fichiers statiques…")
    manage("collectstatic", "--noinput", "--verbosity", "0")
    processes: dict[str, subprocess.Popen] = {}
    try:
        for name, command in commands(options.port, environment["ENT_DATA"]).items():
            processes[name] = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)
        wait_for(f"http://127.0.0.1:{options.port}/health", processes["web"])
        manage("show_sign_ins")
        say("Ctrl-C arrête tout.")
        while True:
            for name, process in processes.items():
                if process.poll() is not None:
                    say(f"« {name} » s'est arrêté (code {process.returncode}) : tout s'arrête.")
                    return 1
            time.sleep(0.5)
    finally:
        say("\nArrêt…")
        for process in processes.values():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
        for process in processes.values():
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)


def commands(port: int, data: str) -> dict[str, list[str]]:
    """The four processes of the product: pages, live events on the next port, background jobs, their clock."""
    granian = [PYTHON, "-m", "granian", "--host", "127.0.0.1", "--log-level", "warning", "--no-access-log"]
    # Pages come first: jobs, and the readers they start, take what is left of the processors.
    celery = ["nice", "-n", "15", PYTHON, "-m", "celery", "-A", "ent.config.celery", "--quiet"]
    return {
        "web": [*granian, "--interface", "wsgi", "--port", str(port), "--workers", "2",
                "--blocking-threads", "4", "ent.config.wsgi:application"],
        "live": [*granian, "--interface", "asgi", "--port", str(port + 1), "ent.config.live:application"],
        "worker": [*celery, "worker", "--concurrency", "2", "--loglevel", "warning"],
        "beat": [*celery, "beat", "--loglevel", "warning", "--schedule", f"{data}/beat-schedule"],
    }  # fmt: skip


def wait_for(url: str, process: subprocess.Popen) -> None:
    """Until the pages answer, at most a minute."""
    request = urllib.request.Request(url, headers={"Host": os.environ.get("ENT_BASE_DOMAIN", "ent.localhost")})  # noqa: S310
    for _ in range(240):
        if process.poll() is not None:
            raise SystemExit("Le serveur de pages ne démarre pas : voir les messages ci-dessus.")
        with contextlib.suppress(OSError), urllib.request.urlopen(request, timeout=2):  # noqa: S310
            return
        time.sleep(0.25)
    raise SystemExit("Le serveur de pages ne répond pas après une minute.")


if __name__ == "__main__":
    sys.exit(main())
