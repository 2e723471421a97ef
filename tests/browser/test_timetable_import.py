"""The administrator brings an EDT export: one teacher is unknown, is settled once, and the week is there."""

from datetime import date, timedelta

from playwright.sync_api import expect

from tests.browser.conftest import PHONE
from tests.browser.test_school_pages import overflow
from tests.browser.test_sign_in import faults

ADMINISTRATOR = "Administrateur de l'ENT"
SUBJECT = "Quidditch"
# Saturday, from 16:00: no class of the demonstration has a lesson then.
SATURDAY, PLACE = 6, 8


def export(division: str, starts_on: date) -> str:
    """One lesson a week of this year, for a class of the school, by a teacher whom its directory does not know."""
    monday = starts_on - timedelta(days=starts_on.weekday())
    places = "".join(
        f'<Place Numero="{n}" LibelleHeureDebut="{8 + n:02}:00:00" LibelleHeureFin="{9 + n:02}:00:00"/>'
        for n in range(10)
    )
    weeks = sum(1 << bit for bit in range(1, 53))
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<ExportEmploiDuTemps xmlns="http://www.index-education.com/exportemploidutemps" Version="1.1" UAI="0639999Z">
<AnneeScolaire DateDebut="{starts_on}" DateFin="{starts_on + timedelta(days=360)}" DatePremierJourSemaine1="{monday}"/>
<GrilleHoraire NombrePlacesParJour="10" DureePlace="60"><PlacesParJour>{places}</PlacesParJour></GrilleHoraire>
<Matieres><Matiere Ident="1" Code="QUID" Libelle="{SUBJECT}"/></Matieres>
<Professeurs><Professeur Ident="1" Nom="PUYDESSAI" Prenom="Maud"/></Professeurs>
<Classes><Classe Ident="1" Nom="{division}"/></Classes>
<Cours><Cours Jour="{SATURDAY}" NumeroPlaceDebut="{PLACE}" NombrePlaces="1"><Matiere Ident="1"/>
<Professeur Ident="1" Semaines="{weeks}"/><Classe Ident="1" Semaines="{weeks}"/></Cours></Cours>
</ExportEmploiDuTemps>"""


def test_an_edt_file_is_sent_a_teacher_settled_and_the_week_seen(enter, academy, tmp_path):
    page = enter(ADMINISTRATOR)
    uai, _ = academy.who(ADMINISTRATOR)
    imports = academy.url(uai, "/timetable/imports/")
    page.goto(imports)
    assert faults(page) == []
    division = page.locator("[name=division] option").nth(1)
    code, pk = division.text_content(), division.get_attribute("value")
    today = date.today()
    file = tmp_path / "edt.xml"
    file.write_text(export(code, date(today.year if today.month > 8 else today.year - 1, 9, 1)))
    page.set_input_files("[name=file]", file)
    page.click("text=Lire le fichier")

    expect(page.locator("h1")).to_have_text("edt.xml")
    expect(page.locator("main")).to_contain_text("PUYDESSAI Maud (1 cours)")
    assert faults(page) == []
    page.click("text=Mettre en place cet emploi du temps")
    expect(page.locator("[role=alert]")).to_contain_text("Rien n'est encore en place")
    asked = page.locator("[aria-invalid=true]").evaluate_all("fields => fields.map(one => one.labels[0].textContent)")
    assert asked == ["PUYDESSAI Maud (1 cours)"]
    page.set_viewport_size(PHONE)
    assert overflow(page) <= 0
    teacher = page.get_by_label("PUYDESSAI Maud")
    name = teacher.locator("option").nth(3).text_content()
    teacher.select_option(label=name)
    page.click("text=Mettre en place cet emploi du temps")
    expect(page.locator("main")).to_contain_text("En place depuis le")
    assert faults(page) == []
    assert overflow(page) <= 0

    # In the holidays there is no lesson: a week of the next month has one.
    weeks = (f"/timetable/classes/{pk}/?day={today + timedelta(weeks=week)}" for week in range(5))
    assert any(SUBJECT in page.goto(academy.url(uai, week)).text() for week in weeks)

    # The same file again: the answer is remembered.
    page.goto(imports)
    page.set_input_files("[name=file]", file)
    page.click("text=Lire le fichier")
    expect(page.locator("main")).to_contain_text("Tous les noms sont reconnus")
    page.goto(imports)
    page.locator("tr", has_text="En place").first.locator("button", has_text="Annuler cet import").click()
    expect(page.locator("main")).to_contain_text("L'import est annulé")
