"""The academy sends an export, follows its plan and its import live, and takes it back."""

import zipfile

from ent.exchange.aaf.generator import generate
from tests.browser.test_sign_in import faults

ADMINISTRATOR = "Administrateur de la plateforme"


def test_an_export_is_sent_planned_imported_and_taken_back(enter, page, academy, tmp_path):
    generate(tmp_path / "export", 1, 97, size="small")
    archive = tmp_path / "export.zip"
    with zipfile.ZipFile(archive, "w") as made:
        for path in (tmp_path / "export").glob("*.xml"):
            made.write(path, path.name)
    streams = []
    page.on("request", lambda request: streams.append(request.url) if "/live/" in request.url else None)

    enter(ADMINISTRATOR)
    page.goto(academy.url(None, "/console/imports/"))
    assert faults(page) == []
    page.set_input_files("[name=archive]", archive)
    page.click("text=Préparer l’import")
    page.click("button:has-text('Lancer l’import')")
    page.wait_for_selector("h2:has-text('Annuler cet import')")
    assert "Collège" in page.inner_text("main") or "Lycée" in page.inner_text("main")
    assert faults(page) == []
    page.click("button:has-text('Annuler l’import')")
    page.wait_for_selector("text=est revenu à son état précédent")
    assert streams


def test_nothing_chosen_is_told_next_to_the_form(enter, page, academy):
    enter(ADMINISTRATOR)
    page.goto(academy.url(None, "/console/imports/"))
    page.click("text=Préparer l’import")
    assert "Choisissez une archive" in page.inner_text("[role=alert]")
