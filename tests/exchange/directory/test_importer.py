"""Schools of a list get an address that is theirs for good."""

from pathlib import Path

import pytest

from ent.exchange.directory.importer import import_school_list
from ent.exchange.directory.reader import SchoolListError
from tenants.models import School
from tests import factories

HEADER = (
    "numero_uai;appellation_officielle;denomination_principale;secteur_public_prive_libe;libelle_commune;"
    "code_departement;latitude;longitude"
)


def written(folder: Path, *rows: tuple[int, str, str, str]) -> Path:
    lines = [f"{factories.uai(number)};{name};{kind};Public;{town};063;45.7;3.1" for number, name, kind, town in rows]
    path = folder / "liste.csv"
    path.write_text("\n".join([HEADER, *lines]))
    return path


def test_a_college_belongs_to_its_departement_and_a_lycee_to_the_region(platform_db, tmp_path):
    import_school_list(
        written(tmp_path, (700, "Collège des Essais", "COLLEGE", "Riom"), (701, "Lycée des Essais", "LYCEE", "Riom"))
    )
    codes = dict(
        School.objects.filter(uai__in=[factories.uai(700), factories.uai(701)]).values_list("uai", "authority__code")
    )
    assert codes == {factories.uai(700): "63", factories.uai(701): "ARA"}


def test_two_schools_of_one_name_get_two_addresses_that_stay(platform_db, tmp_path):
    rows = [(702, "Collège Modèle", "COLLEGE", "Riom"), (703, "Collège Modèle", "COLLEGE", "Thiers")]
    first = import_school_list(written(tmp_path, *rows))
    addresses = dict(School.objects.values_list("uai", "subdomain"))
    again = import_school_list(written(tmp_path, *reversed(rows)))
    assert (first.created, again.unchanged) == (2, 2)
    assert dict(School.objects.values_list("uai", "subdomain")) == addresses
    assert {addresses[factories.uai(702)], addresses[factories.uai(703)]} == {"modele", "modele-thiers"}


def test_a_list_without_one_readable_school_is_refused(platform_db, tmp_path):
    path = written(tmp_path)
    with pytest.raises(SchoolListError, match="aucun établissement lisible"):
        import_school_list(path)
    path.write_text(f"{HEADER}\n0630001Z;Collège des Essais;COLLEGE;Public;Riom;063;45.7;3.1\n")
    with pytest.raises(SchoolListError, match=r"ligne 2 : numéro d'établissement"):
        import_school_list(path)
