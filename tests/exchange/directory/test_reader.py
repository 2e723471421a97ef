"""The Ministry's lists of schools, as they come and as they may arrive broken."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ent.exchange.directory.reader import SchoolListError, read_school_list
from ent.exchange.naming import directory_school, presentable_school, presentable_town
from tenants.models import SchoolKind

LISTS = Path(__file__).resolve().parents[3].parent / "shared/data/schools"
HEADER = "Identifiant_de_l_etablissement;Nom_etablissement;Type_etablissement;Statut_public_prive;Code postal;etat"


@pytest.fixture
def written(tmp_path):
    def write(content: str | bytes) -> Path:
        path = tmp_path / "liste.csv"
        path.write_bytes(content.encode("utf-8-sig") if isinstance(content, str) else content)
        return path

    return write


@pytest.mark.parametrize(
    ("name", "rows"),
    [("colleges-clermont-ferrand.csv", 191), ("colleges-france.csv", 7654), ("lycees-france.csv", 3607)],
)
def test_the_real_lists_are_read_whole(name, rows):
    if not (LISTS / name).exists():
        pytest.skip(f"{name} is not beside this project")
    found = read_school_list(LISTS / name)
    assert len(found.rows) + len(found.problems) + found.left_out.total() >= rows
    assert len(found.rows) > rows * 0.99


def test_the_academys_list_has_its_191_colleges_and_no_attached_section():
    path = LISTS / "academy-clermont-ferrand.csv"
    if not path.exists():
        pytest.skip("the academy's list is not beside this project")
    found = read_school_list(path)
    assert sum(row.kind == SchoolKind.COLLEGE for row in found.rows) == 191
    assert {row.departement for row in found.rows} == {"03", "15", "43", "63"}


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("LYCEE POLYVALENT PAUL CONSTANS LYCEE DES METIERS DE L'ENERGIE", "Lycée polyvalent Paul Constans"),
        ("Collège Jean Rostand", "Collège Jean Rostand"),
        ("LYCEE GENERAL ET TECHNOLOGIQUE BLAISE PASCAL", "Lycée général et technologique Blaise Pascal"),
    ],
)
def test_names_become_presentable(raw, shown):
    assert presentable_school(raw) == shown


@pytest.mark.parametrize(
    ("raw", "shown"),
    [("LE PUY EN VELAY", "Le Puy-en-Velay"), ("ST FLOUR", "Saint-Flour"), ("Clermont-Ferrand", "Clermont-Ferrand")],
)
def test_towns_become_presentable(raw, shown):
    assert presentable_town(raw) == shown


@pytest.mark.parametrize(
    ("raw", "town", "shown"),
    [
        ("CLG$LES CLOSEAUX$RUNGIS", "RUNGIS", "Collège Les Closeaux"),
        ("LYC$$THIERS", "", "Lycée Thiers"),
        ("CLG$de la Pierre Bleue$SAINT-FLOUR", "", "Collège de la Pierre Bleue"),
        ("COLLEGE DU LAC", "", "Collège du Lac"),
    ],
)
def test_names_of_the_directory_become_presentable(raw, town, shown):
    assert directory_school(raw, town) == shown


@given(st.text(max_size=60))
def test_any_name_is_presented_once_for_all(text):
    assert presentable_school(presentable_school(text)) == presentable_school(text)


def test_primary_and_closed_schools_are_left_out_and_counted(written):
    found = read_school_list(
        written(f"""{HEADER}
0630001A;Ecole Jules Ferry;Ecole;Public;63000;OUVERT
0639001F;Lycée des Essais;Lycée;Public;63000;FERMÉ
""")
    )
    assert found.rows == []
    assert found.left_out == {"école primaire": 1, "établissement fermé": 1}


def test_a_wrong_uai_is_reported_with_its_line(written):
    found = read_school_list(written(f"{HEADER}\n0630001Z;Collège des Essais;Collège;Public;63000;OUVERT\n"))
    assert [(problem.line, problem.uai) for problem in found.problems] == [(2, "0630001Z")]


def test_a_quote_that_is_never_closed_is_reported_with_all_it_swallows(written):
    found = read_school_list(written(f'{HEADER}\n0630001X;"Collège;Collège;Public;63000;OUVERT\na;b\nc;d\n'))
    assert [(problem.line, problem.reason) for problem in found.problems] == [
        (2, "guillemet jamais refermé : rien n'est lu jusqu'à la ligne 4")
    ]


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02", b"PK\x03\x04\x00\x00", "nom;prénom\nx;y\n".encode()])
def test_what_is_no_list_of_schools_is_refused_in_french(written, content):
    with pytest.raises(SchoolListError, match=r"liste"):
        read_school_list(written(content))


def test_a_list_in_the_old_windows_encoding_is_read(written):
    from tests.factories import uai

    text = f"{HEADER}\n{uai(1)};Collège des Essais;Collège;Public;63000;OUVERT\n"
    assert read_school_list(written(text.encode("cp1252"))).rows[0].name == "Collège des Essais"
