"""The academy makes a wave, launches it, sees one school fail, gives it another export, tries again, and opens."""

from platform_admin.rollout.demo_exports import KEPT_BYTES, LAID, MENDED
from tests.browser.conftest import Academy
from tests.browser.test_sign_in import faults

ADMINISTRATOR = "Administrateur de la plateforme"


def test_a_wave_is_made_launched_mended_and_opened(enter, page, academy: Academy):
    page.set_default_timeout(60_000)
    laid = academy.data / "imports" / LAID
    cut = [path for path in laid.iterdir() if any(one.stat().st_size == KEPT_BYTES for one in path.glob("*_Eleve_*"))]
    [broken], whole = cut, next(path for path in laid.iterdir() if path not in cut)
    enter(ADMINISTRATOR)

    page.goto(academy.url(None, "/console/waves/new/"))
    page.fill("[name=name]", "Vague du navigateur")
    page.click("text=Enregistrer la vague")
    wave = page.url
    page.click("text=Coller des UAI")
    page.fill("[name=uais]", f"{broken.name} {whole.name}")
    page.click("text=Placer dans la vague")
    assert "Première vague" in page.inner_text("#report")
    page.click("text=Les déplacer")
    page.goto(wave)
    assert broken.name in page.content()

    page.click("a:has-text('Lancer')")
    page.select_option("[name=laid]", LAID)
    assert faults(page) == []
    page.click("button:has-text('Lancer la vague')")
    page.wait_for_selector("[data-done]")
    assert "Faits : 1 sur 2 · en cours : 0 · en échec : 1" in page.inner_text("main")
    assert faults(page) == []
    page.click("text=Envoyer un autre export")
    page.select_option("[name=laid]", MENDED)
    page.click("button:has-text('Envoyer et réessayer')")
    page.wait_for_selector("text=Faits : 2 sur 2")

    page.goto(academy.url(None, f"/console/schools/{broken.name}/rollout/"))
    for step in ("training", "letters"):
        page.click(f"#step-{step} summary")
        page.click(f"#step-{step} button")
    page.click("text=Ouvrir l’établissement")
    assert "L’établissement est ouvert" in page.inner_text("main")
