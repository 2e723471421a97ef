"""Small invented files, and where the real ones are."""

from pathlib import Path

import pytest

REAL = Path(__file__).resolve().parents[3].parent / "shared/data"


def real(path: str) -> Path:
    """A real file beside the project, or the test is skipped."""
    if not (REAL / path).exists():
        pytest.skip(f"le fichier réel {path} n'est pas à côté du projet (../shared/data)")
    return REAL / path


def edt(
    courses: str = "", *, year: str = "", head: str = '<?xml version="1.0" encoding="UTF-8"?>', extra: str = ""
) -> bytes:
    """A school of two divisions, two teachers, one group made of a part; places of an hour from 8:00."""
    places = "".join(
        f'<Place Numero="{n}" LibelleHeureDebut="{8 + n:02}:00:00" LibelleHeureFin="{9 + n:02}:00:00"/>'
        for n in range(10)
    )
    year = year or 'DateDebut="2025-09-01" DateFin="2026-08-31" DatePremierJourSemaine1="2025-09-01"'
    return f"""{head}
<ExportEmploiDuTemps xmlns="http://www.index-education.com/exportemploidutemps" Version="1.1" UAI="0639999Z">
<AnneeScolaire {year}/>
<GrilleHoraire NombrePlacesParJour="10" DureePlace="60"><JoursOuvres><Jour>1</Jour></JoursOuvres>
<PlacesParJour>{places}</PlacesParJour></GrilleHoraire>
<Matieres><Matiere Ident="1" Code="MATHS" Libelle="MATHEMATIQUES"/></Matieres>
<Professeurs><Professeur Ident="1" Nom="NOËL" Prenom="Zoé" DateNaissance="1980-02-29" IDSTS="777"/>
<Professeur Ident="2" Nom="BRUN" Prenom="Luc"/></Professeurs>
<Classes><Classe Ident="1" Nom="6A"><PartieDeClasse Ident="1"/></Classe><Classe Ident="2" Nom="6B"/></Classes>
<Groupes><Groupe Ident="1" Nom="6 LATIN"><Classe Ident="2"/><PartieDeClasse Ident="1"/></Groupe></Groupes>
<Salles><Salle Ident="1" Nom="S12"/></Salles>
<Eleves><Eleve Ident="9" Nom="PETIT" Prenom="Lou" DateNaissance="2013-05-06" Sexe="Feminin">
<Classe Ident="1" DateEntree="2025-09-01" DateSortie="2026-08-31"/>
<PartieDeClasse Ident="1" DateEntree="2025-09-01" DateSortie="2026-01-31"/></Eleve></Eleves>
<Cours>{courses}</Cours>{extra}
</ExportEmploiDuTemps>""".encode()


def course(*, day: object = 1, place: object = 0, length: object = 1, people: str = "", more: str = "") -> str:
    people = people or '<Professeur Ident="1" Semaines="6"/><Classe Ident="1" Semaines="6"/>'
    return (
        f'<Cours Jour="{day}" NumeroPlaceDebut="{place}" NombrePlaces="{length}" {more}>'
        f'<Matiere Ident="1"/>{people}</Cours>'
    )
