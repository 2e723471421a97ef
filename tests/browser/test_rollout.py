"""The academy composes a wave, follows a school to its opening, suspends it and opens it again."""

from datetime import date, timedelta

from tests.browser.conftest import PHONE
from tests.browser.test_sign_in import faults

ADMINISTRATOR = "Administrateur de la plateforme"
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def test_a_wave_is_composed_from_pasted_uais_and_a_school_walks_to_its_opening(enter, page, academy, tmp_path):
    document = tmp_path / "convention.pdf"
    document.write_bytes(PDF)
    enter(ADMINISTRATOR)
    page.goto(academy.url(None, "/console/plan/schools/?wave=2"))
    taken = page.inner_text("table th .muted").split()[-1]
    page.goto(academy.url(None, "/console/waves/"))
    page.click("text=Ajouter une vague")
    page.fill("[name=name]", "Internats")
    page.fill("[name=opens_on]", f"{date.today() - timedelta(days=1)}")
    page.click("text=Enregistrer la vague")
    assert "est passé : choisissez un jour à venir" in page.inner_text("main")
    page.fill("[name=opens_on]", f"{date.today() + timedelta(days=90)}")
    page.click("text=Enregistrer la vague")
    assert faults(page) == []

    page.click("text=Choisir des établissements")
    free = page.inner_text("table tbody tr:first-child [data-label=UAI]").split()[-1]
    page.click("text=Coller plutôt une liste d’UAI")
    page.fill("[name=uais]", f"{free}\n{taken}\n0639999X\n")
    page.click("text=Placer dans la vague")
    report = page.inner_text("#report")
    assert "1 établissement placé dans cette vague" in report
    assert f"({taken}) : Première vague" in report
    assert "Ce ne sont pas des UAI" in report
    assert "0639999X" in page.input_value("textarea")
    assert faults(page) == []

    page.goto(academy.url(None, f"/console/schools/{free}/rollout/"))
    page.click("#step-agreement summary")
    page.set_input_files("#step-agreement [type=file]", document)
    page.click("#step-agreement button")
    page.click("#step-network summary")
    page.fill("#step-network [name=note]", "Fibre raccordée")
    page.click("#step-network button")
    assert "Fibre raccordée" in page.inner_text("#step-network")
    with page.expect_download() as download:
        page.click("text=Document joint")
    assert download.value.path().read_bytes() == PDF
    assert "La plateforme le fait au lancement" in page.inner_text("#step-space")
    assert "Il manque d’abord : annuaire importé" in page.inner_text("#step-letters")
    assert "Il ne peut pas ouvrir" in page.inner_text("main")
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_ready_school_is_opened_suspended_and_opened_again(enter, page, academy):
    enter(ADMINISTRATOR)
    page.goto(academy.url(None, "/console/plan/schools/?wave=2"))
    # The last ones of the list that are not open have nothing left to do.
    row = page.locator("tbody tr").filter(has=page.locator("td", has_text="6 sur 7")).first
    row.locator("th a").click()
    address = page.url
    page.click("text=Ouvrir l’établissement")
    assert "L’établissement est ouvert." in page.inner_text("main")
    page.click("summary:has-text('Suspendre l’établissement')")
    page.fill("#id_suspend-reason", "Inondation du rez-de-chaussée")
    page.click("button:has-text('Suspendre')")
    assert "Inondation du rez-de-chaussée" in page.inner_text("main")
    assert faults(page) == []
    page.goto(address)
    page.click("text=Rouvrir l’établissement")
    lines = page.locator("#history + .table strong").all_inner_texts()
    assert lines[:3] == ["Rouvert", "Suspendu", "Ouvert"]
