"""The invented academy looks like a real one, and is the same each time."""

from __future__ import annotations

from collections import defaultdict

import pytest

from ent.exchange.aaf.generator import generate
from ent.exchange.aaf.reader import Export, check_uai, kinships, parse_date
from ent.exchange.aaf.writer import PER_FILE


@pytest.fixture(scope="module")
def academy(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pilot")
    summary = generate(folder, 6, 1, pilot=True)
    export = Export.open(folder)
    data = {category: {r.id: r.attributes for r in export.records(category)} for category in export.files}
    return folder, summary, export, data


def key(value: str) -> str:
    return value.split("$")[0]


def test_it_reads_back_without_an_oddity(academy):
    _, summary, export, data = academy
    assert export.kind == "Complet"
    assert export.oddities == []
    assert (len(data["structure"]), len(data["pupil"]), len(data["staff"])) == (6, summary.pupils, summary.staff)
    assert len(data["relative"]) == summary.relatives + summary.contacts
    assert 3300 <= summary.pupils <= 3700
    assert sum(len(s["ENTStructureClasses"]) for s in data["structure"].values()) == summary.divisions
    assert sum(len(s["ENTStructureGroupes"]) for s in data["structure"].values()) == summary.groups
    kinds = sorted(s["ENTStructureTypeStruct"][0].split()[0] for s in data["structure"].values())
    assert kinds == ["COLLEGE"] * 4 + ["LYCEE"] * 2


def test_schools_have_valid_numbers_out_of_use(academy):
    numbers = [s["ENTStructureUAI"][0] for s in academy[3]["structure"].values()]
    assert len(set(numbers)) == 6
    assert all(check_uai(n) and n[3] == "9" for n in numbers)


def test_every_reference_resolves(academy):
    data = academy[3]
    classes = {f"{k}${v.split('$')[0]}" for k, s in data["structure"].items() for v in s["ENTStructureClasses"]}
    groups = {f"{k}${v.split('$')[0]}" for k, s in data["structure"].items() for v in s["ENTStructureGroupes"]}
    for identifier, pupil in data["pupil"].items():
        assert set(pupil["ENTEleveClasses"]) <= classes
        assert set(pupil["ENTEleveGroupes"]) <= groups
        assert pupil["ENTEleveMEF"][0] in data["programme"]
        assert set(pupil["ENTEleveCodeEnseignements"]) <= data["subject"].keys()
        assert parse_date(pupil["ENTPersonDateNaissance"][0])
        found, unread = kinships(pupil)
        assert found
        assert unread == []
        assert any(k.legal_rank for k in found)
        assert all(identifier in data["relative"][k.relative_id]["ENTAuxPersRelEleveEleve"] for k in found)
    taught = {c for t in data["staff"].values() for c in t["ENTAuxEnsClasses"]}
    assert taught == classes
    assert {g for t in data["staff"].values() for g in t["ENTAuxEnsGroupes"]} == groups
    for person in data["staff"].values():
        assert {c.split("$")[2] for c in person["ENTAuxEnsClassesMatieres"]} <= data["subject"].keys()
        assert set(person["ENTAuxEnsClassesPrincipal"]) <= set(person["ENTAuxEnsClasses"])


def test_groups_span_divisions_and_every_role_is_held(academy):
    data = academy[3]
    assert any(len(g.split("$")) > 3 for s in data["structure"].values() for g in s["ENTStructureGroupes"])
    for structure in data["structure"]:
        codes = {
            f.split("$")[1] for t in data["staff"].values() for f in t["ENTPersonFonctions"] if key(f) == structure
        }
        assert codes >= {"ENS", "DIR", "EDU", "AED", "DOC", "ORI", "SAN", "ADF"}


def test_families_are_not_all_alike(academy):
    data = academy[3]
    schools_of = defaultdict(set)
    siblings = defaultdict(set)
    separated = without_rights = alone = 0
    for identifier, pupil in data["pupil"].items():
        found, _ = kinships(pupil)
        for k in found:
            schools_of[k.relative_id].add(pupil["ENTPersonStructRattach"][0])
            siblings[k.relative_id].add(identifier)
        parents = [data["relative"][k.relative_id] for k in found if k.kinship in ("father", "mother")]
        homes = {p["ENTPersonAdresse"][0] for p in parents}
        separated += len(homes) == 2 and any(p["ENTPersonAdresseDiffusion"] == ["N"] for p in parents)
        alone += len(parents) == 1
        without_rights += any(k.kinship == "other_relative" and k.legal_rank == 0 for k in found)
    assert sum(len(s) == 2 for s in schools_of.values()) > 20
    assert sum(len(s) > 1 for s in siblings.values()) > 200
    assert 0.1 < separated / len(data["pupil"]) < 0.3
    assert alone > 100
    assert without_rights > 100


def test_some_parents_teach_and_some_teachers_have_two_schools(academy):
    data = academy[3]

    def who(person):
        return tuple(tuple(person[a]) for a in ("sn", "givenName", "ENTPersonDateNaissance", "mail"))

    staff = {who(p) for p in data["staff"].values()}
    assert sum(who(r) in staff for r in data["relative"].values()) >= 6
    shared = [p for p in data["staff"].values() if len({key(f) for f in p["ENTPersonFonctions"]}) == 2]
    assert shared
    assert any(len({key(c) for c in p["ENTAuxEnsClasses"]}) == 2 for p in shared)


def test_the_same_seed_gives_the_same_files(academy, tmp_path):
    assert generate(tmp_path / "a", 6, 1, pilot=True) == academy[1]
    assert Export.open(tmp_path / "a").digest() == academy[2].digest()
    generate(tmp_path / "b", 6, 2, pilot=True)
    assert Export.open(tmp_path / "b").digest() != academy[2].digest()


def test_big_exports_are_cut_into_files_and_progress_is_told(tmp_path):
    told = []
    summary = generate(tmp_path, 12, 3, progress=lambda done, total: told.append((done, total)))
    assert told == [(n, 12) for n in range(1, 13)]
    files = Export.open(tmp_path).files
    assert len(files["pupil"]) == -(-summary.pupils // PER_FILE) > 1


def test_what_cannot_be_generated_is_refused(tmp_path):
    (tmp_path / "x.xml").write_text("<x/>")
    with pytest.raises(ValueError, match="vide"):
        generate(tmp_path, 1, 1)
    with pytest.raises(ValueError, match="4000"):
        generate(tmp_path / "n", 0, 1)
    with pytest.raises(ValueError, match="taille"):
        generate(tmp_path / "n", 1, 1, size="énorme")
