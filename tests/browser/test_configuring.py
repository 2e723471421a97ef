"""An officer of Cantal changes the département's colour, and sees it on its schools' pages only."""

import os
import subprocess
import sys
from dataclasses import dataclass

import psycopg
import pytest

from ent.kernel.embedded import Embedded
from tests import factories
from tests.browser.conftest import PHONE, ROOT, Academy
from tests.browser.test_sign_in import faults

OFFICER = "Agent de collectivité, Cantal"
SCHOOL_ADMINISTRATOR = "Administrateur de l'ENT"


@dataclass(frozen=True)
class Opened:
    """An open school of Cantal, and where its pages are."""

    uai: str
    name: str
    url: str


@pytest.fixture(scope="module")
def theirs(academy: Academy) -> Opened:
    """The demonstration's two schools lie elsewhere: one more, in Cantal."""
    servers = Embedded(academy.data)
    uai = factories.uai(150)
    host = f"cantal-{uai.lower()}"
    with psycopg.connect(servers.database_url, autocommit=True) as connection:
        connection.execute(
            """INSERT INTO tenants_school (schema_name, uai, name, kind, is_public, town, postal_code, departement,
                   state, subdomain, directory_key, updated_at, authority_id)
               SELECT %s, %s, 'Collège de la Rhue Essai', 'college', true, 'Essai-sur-Rhue', '', '15', 'registered', %s,
                   '', now(), id FROM tenants_authority WHERE code = '15'""",
            (f"e_{uai.lower()}", uai, host),
        )
    environment = os.environ | {
        "DATABASE_URL": servers.database_url, "REDIS_URL": servers.redis_url, "ENT_DEMO": "1",
        "ENT_DATA": str(academy.data), "PYTHONWARNINGS": "ignore",
    }  # fmt: skip
    subprocess.run(
        [sys.executable, "manage.py", "provision_school", uai, "--open"],
        cwd=ROOT, env=environment, check=True, capture_output=True,
    )  # fmt: skip
    return Opened(uai, "Collège de la Rhue Essai", f"http://{host}.ent.localhost:{academy.port}/sign-in/")


def accent(page, url: str) -> str:
    page.goto(url)
    return page.get_attribute("html", "data-accent")


def test_cantals_colour_is_seen_on_its_schools_pages_only(enter, page, academy, theirs):
    elsewhere = next(academy.url(uai, "/sign-in/") for uai in academy.hosts)
    before = accent(page, elsewhere)
    assert accent(page, theirs.url) == "lava"

    enter(OFFICER)
    page.click("nav >> text=Réglages")
    assert "Cantal" in page.inner_text("h1")
    assert "Allier" not in page.inner_text("main")
    assert faults(page) == []
    page.click("tr:has-text('Couleur') >> text=Modifier")
    page.check("[value=plum]")
    page.click("text=Voir ce que cela touche")
    assert "change" in page.inner_text("[role=status]")
    assert theirs.name in page.inner_text("main")
    assert faults(page) == []
    visitor = page.context.new_page()
    assert accent(visitor, theirs.url) == "lava"
    page.click("button:has-text('Confirmer')")
    assert "Couleur : Prune (violet)." in page.inner_text("main")

    assert accent(visitor, theirs.url) == "plum"
    assert accent(visitor, elsewhere) == before

    page.click("text=Annuler ce changement >> nth=0")
    page.click("button:has-text('Annuler ce changement')")
    assert accent(visitor, theirs.url) == "lava"


def test_a_schools_administrator_changes_the_schools_message_from_a_phone(enter, page, academy):
    page.set_viewport_size(PHONE)
    enter(SCHOOL_ADMINISTRATOR)
    uai, _ = academy.who(SCHOOL_ADMINISTRATOR)
    page.goto(academy.url(uai, "/administration/settings/"))
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.click("tr:has-text('Message à l') >> text=Modifier")
    page.fill("textarea", "Portes ouvertes samedi.")
    page.click("text=Enregistrer")
    assert "Portes ouvertes samedi." in page.inner_text("main")
    page.context.clear_cookies()
    page.goto(academy.url(uai, "/sign-in/"))
    assert "Portes ouvertes samedi." in page.inner_text("main")
    assert faults(page) == []


def test_a_file_that_is_no_image_is_told_beside_the_field(enter, page, academy, tmp_path):
    enter(OFFICER)
    page.goto(academy.url(None, "/console/settings/15/logo/"))
    drawing = tmp_path / "logo.svg"
    drawing.write_text("<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>")
    page.set_input_files("[name=value]", drawing)
    page.click("text=Voir ce que cela touche")
    assert "SVG" in page.inner_text(".error")
    assert faults(page) == []
