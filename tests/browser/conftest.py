"""A real server on a demonstration of its own, in a real Chromium."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, sync_playwright

from ent.config.run import commands
from ent.kernel.embedded import Embedded

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "demonstration"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}

# Registered, invented: one college of Cantal, one of Allier.
OF_CANTAL, OF_ALLIER = "0159901F", "0039901W"
REGISTERED = f"""numero_uai;appellation_officielle;denomination_principale;secteur_public_prive_libe;libelle_commune;code_departement
{OF_CANTAL};Collège du Buron d'Essai;COLLEGE;Public;Salers;015
{OF_ALLIER};Collège du Bocage d'Essai;COLLEGE;Public;Moulins;003
"""  # noqa: E501


def chromium() -> str:
    """The browser of this machine."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    pytest.fail("Chromium manque : « apt-get install chromium » (ou Google Chrome), puis relancez scripts/test.")


def free_port() -> int:
    """A port that is free, as is the next one (live events)."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port


@dataclass(frozen=True)
class Academy:
    """The demonstration under test: its port, and who may sign in where."""

    port: int
    sign_ins: dict[str, list[list[str]]]
    hosts: dict[str, str]
    data: Path
    # A command of manage.py on these data: its output.
    manage: Callable[..., str]

    def url(self, uai: str | None = None, path: str = "/") -> str:
        host = self.hosts[uai] if uai else "ent.localhost"
        return f"http://{host}:{self.port}{path}"

    def who(self, role: str) -> tuple[str, str]:
        """(UAI, sign-in name) of the first person with a role."""
        return next((uai, name) for uai, rows in self.sign_ins.items() for label, name in rows if label == role)


@pytest.fixture(scope="session")
def academy() -> Iterator[Academy]:
    """Two generated schools, imported and served by the production server, on data of their own."""
    with tempfile.TemporaryDirectory(prefix="ent-navigateur-") as folder:
        port = free_port()
        servers = Embedded(Path(folder) / "donnees")
        with servers.running():
            environment = os.environ | {
                "DATABASE_URL": servers.database_url, "REDIS_URL": servers.redis_url, "ENT_DEMO": "1",
                "ENT_DATA": str(servers.data), "ENT_PORT": str(port), "ENT_LIVE_PORT": str(port + 1),
                "PYTHONWARNINGS": "ignore",
            }  # fmt: skip
            for name in ("PYTEST_XDIST_WORKER", "PYTEST_CURRENT_TEST"):
                environment.pop(name, None)

            def manage(*command: str) -> str:
                return subprocess.run(
                    [sys.executable, "manage.py", *command],
                    cwd=ROOT, env=environment, check=True, capture_output=True, text=True,
                ).stdout  # fmt: skip

            manage("migrate_schools")
            manage("build_demo", "--schools", "2")
            (servers.data / "liste.csv").write_text(REGISTERED)
            manage("import_schools", str(servers.data / "liste.csv"))
            manage("collectstatic", "--noinput")
            hosts = json.loads(manage("show_hosts"))
            started = commands(port, str(servers.data))
            processes = [
                subprocess.Popen(started[name], cwd=ROOT, env=environment) for name in ("web", "live", "worker")
            ]
            try:
                wait_for(port)
                sign_ins = json.loads((servers.data / "demo-sign-ins.json").read_text())
                yield Academy(port, sign_ins, hosts, servers.data, manage)
            finally:
                for process in processes:
                    process.terminate()
                for process in processes:
                    process.wait(15)


def wait_for(port: int) -> None:
    request = urllib.request.Request(f"http://127.0.0.1:{port}/health", headers={"Host": "ent.localhost"})
    for _ in range(120):
        try:
            urllib.request.urlopen(request, timeout=1).close()  # noqa: S310
        except urllib.error.HTTPError as error:
            error.close()
            return
        except OSError:
            time.sleep(0.25)
        else:
            return
    pytest.fail("the server does not answer")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session", autouse=True)
def _pages_come_whole() -> Iterator[None]:
    """A click or a key that opens a page is over when that page is whole: what is read next is not half of it."""
    with pytest.MonkeyPatch.context() as patch:
        for kind, name in ((Page, "click"), (Locator, "click"), (Page, "press"), (Locator, "press")):
            patch.setattr(kind, name, then_whole(getattr(kind, name)))
        yield


def then_whole(act: Callable[..., None]) -> Callable[..., None]:
    def acted(on: Page | Locator, *args, **options) -> None:
        act(on, *args, **options)
        page = on if isinstance(on, Page) else on.page
        if not page.is_closed():
            page.wait_for_load_state()

    return acted


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(locale="fr-FR", viewport=DESK)
    context.set_default_timeout(15_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A window in which an error of a script fails the test."""
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    assert not errors, errors


def sign_in_as(role: str, page: Page, academy: Academy) -> Page:
    """Sign in as the first person of a role, at their school (or on the platform, with the second factor)."""
    uai, name = academy.who(role)
    page.goto(academy.url(None if uai == "platform" else uai, "/sign-in/"))
    page.fill("[name=username]", name)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(lambda url: "sign-in" not in url)
    if "/second-factor/" in page.url:
        page.fill("[name=code]", page.inner_text("#shown-code"))
        page.press("[name=code]", "Enter")
        page.wait_for_url(lambda url: "second-factor" not in url)
    return page


@pytest.fixture
def enter(page: Page, academy: Academy) -> Callable[[str], Page]:
    """Sign in as a role."""
    return lambda role: sign_in_as(role, page, academy)


def pytest_collection_modifyitems(items) -> None:
    """One worker runs all browser tests: they share a server and a browser."""
    for item in items:
        if "tests/browser" in str(item.path):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))
