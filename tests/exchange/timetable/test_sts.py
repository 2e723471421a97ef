"""STS-web exports: the real one whole, and what is wrong in invented ones."""

import io
from collections import Counter
from datetime import date

import pytest

from ent.exchange.timetable.schedule import Schedule, Service, Unreadable
from ent.exchange.timetable.sts import read as read_sts
from tests.exchange.timetable.samples import real

SMALL = """<?xml version="1.0" encoding="ISO-8859-15"?><STS_EDT><PARAMETRES><UAJ CODE="0639999Z"/>
<ANNEE_SCOLAIRE ANNEE="2025"><DATE_DEBUT>2025-09-01</DATE_DEBUT><DATE_FIN>2026-08-31</DATE_FIN></ANNEE_SCOLAIRE>
</PARAMETRES><NOMENCLATURES><MATIERES><MATIERE CODE="061300"><CODE_GESTION>MATHS</CODE_GESTION>
<LIBELLE_EDITION>Mathématiques</LIBELLE_EDITION></MATIERE></MATIERES></NOMENCLATURES><DONNEES><INDIVIDUS>
<INDIVIDU ID="1" TYPE="epp"><NOM_USAGE>NOËL</NOM_USAGE><PRENOM>ZOÉ</PRENOM><FONCTION>ENS</FONCTION></INDIVIDU>
<INDIVIDU ID="1" TYPE="dir"><NOM_USAGE>CHEF</NOM_USAGE><FONCTION>DIR</FONCTION></INDIVIDU></INDIVIDUS>
<STRUCTURE><DIVISIONS><DIVISION CODE="6A"><SERVICES>
<SERVICE CODE_MATIERE="061300" CODE_MOD_COURS="CG"><HEURES_STRUCTURE>4.500</HEURES_STRUCTURE>
<ENSEIGNANTS><ENSEIGNANT ID="1" TYPE="epp"><HEURES_AGENT>4.5</HEURES_AGENT></ENSEIGNANT></ENSEIGNANTS></SERVICE>
</SERVICES></DIVISION></DIVISIONS><GROUPES/></STRUCTURE></DONNEES></STS_EDT>"""


def read(text: str) -> Schedule:
    return read_sts(io.BytesIO(text.encode("iso-8859-15")))


def test_the_real_export_is_read_whole():
    with real("sts/sts_emp_0639999Z_2021.xml").open("rb") as file:
        found = read_sts(file)
    assert (found.starts_on, found.ends_on) == (date(2021, 9, 1), date(2022, 8, 31))
    assert (len(found.divisions), len(found.groups)) == (23, 136)
    # 45 of the 48 people teach, 44 of them have a service.
    assert (len(found.subjects), len(found.teachers)) == (19, 44)
    # 374 services, 2 without a teacher, 3 with two.
    assert len(found.services) == 375
    assert Counter("division" if one.division else "group" for one in found.services) == {"division": 165, "group": 210}
    assert all(one.teacher in found.teachers and one.subject in found.subjects for one in found.services)
    assert found.lessons == []
    assert [one.what[:10] for one in found.oddities] == ["2 services"]
    assert found.groups["3-1-ESP2"].extra["divisions"] == ("3EME 1",)
    assert (found.subjects["090100"].name, found.subjects["090100"].code) == ("Arts plastiques", "090100")


def test_services_and_people_of_a_small_export():
    found = read(SMALL)
    assert {key: one.name for key, one in found.teachers.items()} == {"epp-1": "NOËL ZOÉ"}
    assert found.services == [Service("061300", "epp-1", division="6A")]
    assert found.oddities == ()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('<MATIERE CODE="061300">', '<MATIERE CODE="">', "sans code"),
        ('<MATIERE CODE="061300">', '<MATIERE CODE="1">', "ajoutez-la dans STS-web"),
        ('ENSEIGNANT ID="1"', 'ENSEIGNANT ID="5"', "Absent du fichier"),
        ("2026-08-31", "1026-08-31", "dates manquent"),
        ('INDIVIDU ID="1" TYPE="epp"', 'INDIVIDU ID="" TYPE="epp"', "sans identifiant"),
    ],
)
def test_what_is_wrong_is_told(old, new, said):
    assert any(said in oddity.what for oddity in read(SMALL.replace(old, new)).oddities)


@pytest.mark.parametrize("text", [SMALL[:900], "<STS_EDT/>", "<BEE_ELEVES/>", ""])
def test_what_is_not_whole_or_another_export_is_refused(text):
    with pytest.raises(Unreadable):
        read(text)
