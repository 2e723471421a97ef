"""Lists of connections: read whatever their habits, every bad line told, never a crash."""

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from ent.exchange.connectivity.importer import import_connectivity
from ent.exchange.connectivity.reader import ConnectivityListError, read_connectivity
from tenants.liaison.models import Connectivity, Declaration
from tests import factories
from tests.factories import uai

HEADER = "UAI;Technologie;Débit descendant;Débit montant;Zone blanche"


def rows(text: str, encoding: str = "utf-8"):
    return read_connectivity(text.encode(encoding)).rows


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
@pytest.mark.parametrize("delimiter", [";", ","])
def test_a_list_is_read_in_every_usual_encoding(encoding, delimiter):
    text = f"{HEADER}\n{uai(1)};Fibre optique;100;50;non\n".replace(";", delimiter)
    [row] = rows(text, encoding)
    assert (row.uai, row.technology, row.down_mbps, row.up_mbps, row.is_white_zone) == (uai(1), "fibre", 100, 50, False)


@pytest.mark.parametrize(
    ("header", "cell", "mbps"),
    [
        ("Débit descendant", "8,5 Mbit/s", 8.5),
        ("débit descendant (Mbit/s)", "8", 8),
        ("DEBIT_DESCENDANT (kbit/s)", "512", 0.512),
        ("Débit descendant Mb/s", "1 Gbit/s", 1000),
        ("Download", "1 000", 1000),
        ("descendant", "512 kbps", 0.512),
        ("Débit descendant (Mbps)", "NC", None),
    ],
)
def test_speeds_are_read_with_their_unit(header, cell, mbps):
    [row] = rows(f"Code UAI;{header};zone blanche\n{uai(1)};{cell};oui\n")
    assert row.down_mbps == mbps


@pytest.mark.parametrize(("cell", "value"), [("Oui", True), ("x", True), ("1", True), ("NON", False), ("", None)])
def test_a_white_zone_is_said_in_several_ways(cell, value):
    [row] = rows(f"UAI;techno;ZB\n{uai(1)};ADSL2+;{cell}\n")
    assert (row.is_white_zone, row.technology) == (value, "adsl")


def test_every_bad_line_is_told_with_its_number_and_reason():
    found = read_connectivity(
        f"""{HEADER}
{uai(1)};fibre;100;50;non
0630001Z;fibre;100;50;non
{uai(2)};pigeon;1;1;non

{uai(3)};adsl;beaucoup;1;non
{uai(4)};adsl;8;1;peut-être
{uai(1)};adsl;8;1;non
{uai(5)};adsl;900000;1;non
{uai(6)};;;;
""".encode()
    )
    assert [row.uai for row in found.rows] == [uai(1)]
    told = {problem.line: problem.reason for problem in found.problems}
    assert set(told) == {3, 4, 6, 7, 8, 9, 10}
    assert "UAI" in told[3]
    assert "technologie inconnue « pigeon »" in told[4]
    assert "débit descendant illisible" in told[6]
    assert "oui ou non" in told[7]
    assert told[8] == "établissement déjà déclaré ligne 2"
    assert "unité" in told[9]
    assert "rien n’est déclaré" in told[10]


@pytest.mark.parametrize(
    "raw", [b"", b"\n\n", b"PK\x03\x04\x00", b"nom;prenom\nx;y\n", b"UAI\n0630001J\n", b"\x00\x00", b"%PDF-1.7"]
)
def test_what_is_no_list_of_connections_is_refused_in_french(raw):
    with pytest.raises(ConnectivityListError, match=r"fichier|Colonnes"):
        read_connectivity(raw)


@given(st.binary(max_size=400), st.booleans())
def test_nothing_that_is_sent_breaks_the_reader(raw, with_header):
    try:
        found = read_connectivity((f"{HEADER}\n".encode() if with_header else b"") + raw)
    except ConnectivityListError:
        return
    assert all(problem.reason and problem.line > 1 for problem in found.problems)


def test_twice_changes_nothing_and_an_empty_cell_keeps_what_was_declared(platform_db):
    school = factories.registered()
    first = import_connectivity(f"{HEADER}\n{school.uai};adsl;8;1;oui\n".encode(), author="Agent Essai")
    again = import_connectivity(f"{HEADER}\n{school.uai};adsl;8;1;oui\n".encode(), author="Agent Essai")
    poorer = import_connectivity(f"{HEADER}\n{school.uai};fibre;;;\n".encode(), author="Agent Essai")
    assert [(one.created, one.changed, one.unchanged) for one in (first, again, poorer)] == [
        (1, 0, 0), (0, 0, 1), (0, 1, 0),
    ]  # fmt: skip
    kept = Connectivity.objects.get(school=school)
    assert (kept.technology, kept.down_mbps, kept.is_white_zone) == ("fibre", 8, True)
    assert Declaration.objects.filter(school=school).count() == 2


def test_unknown_schools_are_listed(platform_db):
    outcome = import_connectivity(f"{HEADER}\n{uai(999)};adsl;8;1;oui\n".encode(), author="Agent Essai")
    assert [(one.line, one.uai) for one in outcome.unknown] == [(2, uai(999))]
    assert not Connectivity.objects.exists()


def test_the_command_tells_what_it_did_and_goes_on_after_a_bad_file(platform_db, tmp_path, capsys):
    school = factories.registered()
    bad, good = tmp_path / "autre.csv", tmp_path / "liste.csv"
    bad.write_bytes(b"PK\x03\x04")
    good.write_text(f"{HEADER}\n{school.uai};satellite;30;3;oui\n{uai(999)};adsl;8;1;oui\n", encoding="latin-1")
    with pytest.raises(CommandError, match=r"autre\.csv"):
        call_command("import_connectivity", bad, good, tmp_path / "absent.csv")
    told = capsys.readouterr().out
    assert "1 déclarés" in told
    assert f"ligne 3, « {uai(999)} »" in told
