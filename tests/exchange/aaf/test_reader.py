"""The academy's files are read in full or refused in plain French; nothing of them makes the reader crash."""

from __future__ import annotations

import datetime
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ent.exchange.aaf.reader import (
    Export,
    ExportError,
    Kinship,
    check_uai,
    kinships,
    parse_date,
    parse_kinship,
    presentable_name,
    split_composite,
)

REAL = Path(__file__).resolve().parents[3].parent / "shared/data/aaf"
real = pytest.mark.skipif(not REAL.is_dir(), reason=f"exports réels absents ({REAL})")
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE ficAlimMENESR SYSTEM "ficAlimMENESR.dtd">\n'
NAME = "ENT_Complet_20250901_Eleve_0000.xml"


def pupil(identifier: str, sn: str = "FAURE", said: str = "Eleve", extra: str = "") -> str:
    return (
        f'<addRequest><operationalAttributes><attr name="categoriePersonne"><value>{said}</value></attr>'
        f"</operationalAttributes><identifier><id>{identifier}</id></identifier><attributes>"
        f'<attr name="sn"><value>{sn}</value></attr><attr name="mail"><value/></attr>{extra}'
        "</attributes></addRequest>\n"
    )


def put(folder: Path, body: str, name: str = NAME, head: str = HEAD) -> Path:
    (folder / name).write_text(f"{head}<ficAlimMENESR>\n{body}</ficAlimMENESR>\n", encoding="utf-8")
    return folder


def read(folder: Path, category: str = "pupil"):
    export = Export.open(folder)
    return list(export.records(category)), export.oddities


def test_a_pupil_is_read_and_an_empty_attribute_is_an_empty_list(tmp_path):
    body = pupil("1", extra='<attr name="ENTEleveClasses"><value>7$6e A</value><value>7$6e B</value></attr>')
    records, oddities = read(put(tmp_path, body))
    assert oddities == []
    assert (records[0].operation, records[0].category, records[0].id, records[0].file) == ("add", "pupil", "1", NAME)
    assert records[0].attributes == {"sn": ["FAURE"], "mail": [], "ENTEleveClasses": ["7$6e A", "7$6e B"]}


def test_a_delta_modifies_and_deletes(tmp_path):
    said = '<operationalAttributes><attr name="categoriePersonne"><value>Eleve</value></attr></operationalAttributes>'
    body = (
        f"<modifyRequest>{said}<identifier><id>1</id></identifier><modifications>"
        '<modification name="sn" operation="replace"><value>ROUX</value></modification></modifications></modifyRequest>'
        f"<deleteRequest>{said}<identifier><id>2</id></identifier></deleteRequest>"
    )
    put(tmp_path, body, "ENT_Delta_201300408_Eleve_0000.xml")
    export = Export.open(tmp_path)
    assert (export.kind, export.date) == ("Delta", datetime.date(2013, 4, 8))
    found = [(r.operation, r.attributes) for r in export.records("pupil")]
    assert found == [
        ("modify", {"sn": ["ROUX"]}),
        ("delete", {}),
    ]


def test_many_records_are_swept_from_memory_without_losing_one(tmp_path):
    records, _ = read(put(tmp_path, "".join(pupil(str(i)) for i in range(3000))))
    assert [r.id for r in records] == [str(i) for i in range(3000)]


def test_oddities_do_not_stop_the_reading(tmp_path):
    body = pupil("1") + pupil("1", "AUTRE") + pupil("") + pupil("2", said="PersRelEleve")
    body += pupil("3", extra='<attr name="ENTEleveNouveau"><value>x</value></attr>')
    body += pupil(
        "4",
        extra='<attr name="ENTEleveNouveau"><value>x</value></attr>'
        '<attr name="ENTPersonJointure"><value>9</value></attr>',
    )
    (tmp_path / "autre.xml").write_text("<x/>")
    put(tmp_path, pupil("5"), "ENT_Complet_20250901_Eleve_0003.xml")
    put(tmp_path, "", "ENT_Complet_20250901_Cantine_0000.xml")
    records, oddities = read(put(tmp_path, body))
    assert [r.id for r in records] == ["1", "2", "3", "4", "5"]
    assert records[0].attributes["sn"] == ["FAURE"]
    assert Counter(o.kind for o in oddities) == {"file": 3, "duplicate": 1, "id": 2, "category": 1, "attribute": 1}
    assert any("0001 à 0002" in o.reason for o in oddities)


def test_reading_twice_does_not_double_the_oddities(tmp_path):
    export = Export.open(put(tmp_path, pupil("1") + pupil("1")))
    assert len(list(export.records("pupil"))) == len(list(export.records("pupil"))) == 1
    assert len(export.oddities) == 1


def test_folders_that_are_no_export(tmp_path):
    with pytest.raises(ExportError, match="ne peut pas être lu : il n'existe pas"):
        Export.open(tmp_path / "absent")
    with pytest.raises(ExportError, match="est vide"):
        Export.open(tmp_path)
    (tmp_path / "notes.xml").write_text("<x/>")
    with pytest.raises(ExportError, match="aucun fichier AAF"):
        Export.open(tmp_path)
    put(tmp_path, pupil("1"))
    put(tmp_path, pupil("2"), "ENT_Delta_20250902_Eleve_0000.xml")
    with pytest.raises(ExportError, match="mélange"):
        Export.open(tmp_path)


BOMB = '<!DOCTYPE ficAlimMENESR [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
EXTERNAL = '<!DOCTYPE ficAlimMENESR [<!ENTITY x SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "vide"),
        (b"bonjour", "n'est pas du XML"),
        ((HEAD + "<ficAlimMENESR>" + pupil("1") + "<addRequest>").encode(), "tronqué"),
        ((HEAD + "<ficAlimMENESR>" + pupil("1") + "<").encode(), "tronqué"),
        ((HEAD + "<ficAlimMENESR>" + pupil("1", "LEFÈVRE") + "</ficAlimMENESR>").encode("latin-1"), "encodage"),
        (("<ficAlimMENESR>" + pupil("1", "LEFÈVRE") + "</ficAlimMENESR>").encode("latin-1"), "encodage"),
        ((HEAD + "<html>" + pupil("1") + "</html>").encode(), "racine"),
        ((HEAD + "<html/>").encode(), "racine"),
        ((BOMB + "<ficAlimMENESR>" + pupil("1", "&b;") + "</ficAlimMENESR>").encode(), "entités"),
        ((EXTERNAL + "<ficAlimMENESR>" + pupil("1", "&x;") + "</ficAlimMENESR>").encode(), "entités"),
        (
            (f"<!--{'x' * 70000}-->" + BOMB + "<ficAlimMENESR>" + pupil("1", "&b;") + "</ficAlimMENESR>").encode(),
            "entités",
        ),
        ((BOMB + "<ficAlimMENESR>" + pupil("1") + "</ficAlimMENESR>").encode("utf-16"), "entités"),
        ((HEAD + "<ficAlimMENESR><addRequest>" + pupil("1") + "</addRequest></ficAlimMENESR>").encode(), "placée"),
        ((HEAD + "<ficAlimMENESR>" + pupil("1", "x" * 11_000_000) + "</ficAlimMENESR>").encode(), "démesurée"),
        ((HEAD + "<ficAlimMENESR>" + "<junk>0123456789</junk>\n" * 1_500_000).encode(), "32 Mo"),
    ],
    ids=range(15),
)
def test_a_file_that_cannot_be_read_in_full_is_refused(tmp_path, content, words):
    (tmp_path / NAME).write_bytes(content)
    with pytest.raises(ExportError) as caught:
        read(tmp_path)
    assert NAME in str(caught.value)
    assert words in str(caught.value)


def test_an_undeclared_entity_is_left_out_and_reported(tmp_path):
    records, oddities = read(put(tmp_path, pupil("1", "FAU&inconnue;RE")))
    assert records[0].attributes["sn"] == ["FAURE"]
    assert [o.kind for o in oddities] == ["entity"]


def test_the_digest_follows_the_content(tmp_path):
    before = Export.open(put(tmp_path, pupil("1"))).digest()
    assert before == Export.open(tmp_path).digest()
    assert before != Export.open(put(tmp_path, pupil("2"))).digest()


@given(st.dates())
def test_dates_survive(day):
    assert parse_date(f"{day.day:02d}/{day.month:02d}/{day.year:04d}") == day


@given(st.one_of(st.none(), st.text()))
def test_any_text_is_a_date_or_none(text):
    assert parse_date(text) is None or isinstance(parse_date(text), datetime.date)


@pytest.mark.parametrize("text", ["", "31/02/2010", "2010-02-01", "00/00/0000", "1/1/10", None])
def test_impossible_dates(text):
    assert parse_date(text) is None


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("DUPONT-MARTIN", "Dupont-Martin"),
        ("DE LA TOUR", "De La Tour"),
        ("D'ARC", "D'Arc"),
        ("jean pierre", "Jean Pierre"),
        ("  LEFÈVRE  ", "Lefèvre"),
        ("McKay", "McKay"),
        (None, ""),
    ],
)
def test_presentable_names(raw, name):
    assert presentable_name(raw) == name


@given(st.text(alphabet="ABCÉèçabc -'’\u0000\t"))
def test_presentable_names_are_stable(text):
    once = presentable_name(text)
    assert presentable_name(once) == once
    assert once == " ".join(once.split())


@given(st.text())
def test_presentable_names_never_fail(text):
    assert "\x00" not in presentable_name(text)


@pytest.mark.parametrize(
    ("code", "kinship"),
    [("1", "father"), ("20", "father"), ("2", "mother"), ("10", "mother"), ("3", "guardian"), ("50", "guardian"),
     ("39", "other_relative"), ("41", "other_relative"), ("90", "child_welfare"), ("6", "other"), ("70", "self"),
     ("999", "other")],
)  # fmt: skip
def test_kinships(code, kinship):
    assert parse_kinship(f"12${code}$1$2$1$0") == Kinship("12", kinship, True, 2, True, False)


@pytest.mark.parametrize("digit", ["0", "3", "", "x", "1$", "²"])
def test_unclear_authority_gives_no_right(digit):
    kinship = parse_kinship(f"12$1$0${digit}$0$0")
    assert kinship.legal_rank == (1 if digit == "1$" else 0)
    assert parse_kinship("$1$1$1$1$1") is None


def test_the_deprecated_form_serves_only_where_the_new_one_is_absent():
    old = {"ENTElevePere": ["1"], "ENTEleveMere": ["2"], "ENTEleveParents": ["2", "1"]}
    old |= {"ENTEleveAutoriteParentale": ["2"], "ENTElevePersRelEleve1": ["3"]}
    found, unread = kinships(old)
    assert unread == []
    assert [(k.relative_id, k.kinship, k.legal_rank) for k in found] == [
        ("2", "mother", 1),
        ("1", "father", 0),
        ("3", "other", 0),
    ]
    assert kinships(old | {"ENTElevePersRelEleve": []}) == ([], [])


def test_composites_uai_and_school_names():
    assert split_composite("a$b", 3) == ("a", "b", "")
    assert split_composite("a$b$c$d", 3) == ("a", "b", "c$d")
    assert check_uai("0940072T")
    assert not any(check_uai(x) for x in ("0940072A", "004001ZV", "", None, "0940072t"))


@real
@pytest.mark.parametrize(
    ("folder", "counts"),
    [
        (
            "complet-2013",
            {"structure": 10, "subject": 718, "programme": 2504, "staff": 701, "relative": 9975, "pupil": 642},
        ),
        ("college-2018", {"structure": 125, "staff": 52, "relative": 550, "pupil": 277}),
    ],
)
def test_the_real_exports(folder, counts):
    export = Export.open(REAL / folder)
    assert {c: sum(1 for _ in export.records(c)) for c in export.files} == counts
    assert export.kind == "Complet"
    assert {o.kind for o in export.oddities} <= {"file"}


@real
def test_authority_in_the_real_export():
    legal, others = set(), set()
    for record in Export.open(REAL / "complet-2013").records("pupil"):
        for kinship in kinships(record.attributes)[0]:
            (legal if kinship.legal_rank else others).add(kinship.relative_id)
    assert (len(legal), len(others - legal)) == (881, 148)


@real
def test_the_real_delta():
    export = Export.open(REAL / "delta-2013")
    people = Counter(r.operation for c in ("pupil", "relative", "staff") for r in export.records(c))
    assert (export.kind, export.date, people) == (
        "Delta",
        datetime.date(2013, 4, 8),
        {"add": 6, "modify": 6, "delete": 6},
    )
