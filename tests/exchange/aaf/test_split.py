"""An academy's export is cut by school; each part, imported alone, gives what the whole gave there."""

import pytest

from ent.accounts.models import Account
from ent.exchange.aaf.generator import generate
from ent.exchange.aaf.importer import run_import
from ent.exchange.aaf.reader import Export, ExportError
from ent.exchange.aaf.split import split

pytestmark = [pytest.mark.xdist_group("aaf"), pytest.mark.usefixtures("platform_db")]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole") / "export"
    generate(folder, 3, 5, size="small")
    return folder


def uais(folder) -> list[str]:
    return [record.attributes["ENTStructureUAI"][0] for record in Export.open(folder).records("structure")]


def test_each_part_gives_what_the_whole_gives_in_its_school(whole, tmp_path):
    expected = run_import(whole, create_schools=True, dry_run=True).schools
    found = split(whole, uais(whole), tmp_path / "parts")
    assert found == set(expected)
    for uai in sorted(found):
        part = run_import(tmp_path / "parts" / uai, create_schools=True, only={uai}, dry_run=True).schools[uai]
        # Imported alone, whoever is also known elsewhere is new: the number of accounts is the same.
        assert sum(part.pop("accounts").values()) == sum(expected[uai].pop("accounts").values())
        assert part == expected[uai]


def test_parts_imported_one_by_one_make_the_same_accounts_as_the_whole(whole, tmp_path):
    accounts = run_import(whole, create_schools=True, dry_run=True).totals["accounts"]["created"]
    for uai in sorted(split(whole, uais(whole), tmp_path / "parts")):
        run_import(tmp_path / "parts" / uai, create_schools=True, only={uai})
    assert Account.objects.filter(keys__isnull=False).distinct().count() == accounts


def test_only_the_wanted_schools_are_written(whole, tmp_path):
    first, *_ = uais(whole)
    assert split(whole, [first, "0630000A"], tmp_path / "parts") == {first}
    assert [path.name for path in (tmp_path / "parts").iterdir()] == [first]


def test_a_broken_export_leaves_no_part_behind(whole, tmp_path):
    broken = tmp_path / "broken"
    broken.mkdir()
    for path in whole.glob("*.xml"):
        content = path.read_bytes()
        (broken / path.name).write_bytes(content[: len(content) // 2] if "_Eleve_" in path.name else content)
    with pytest.raises(ExportError):
        split(broken, uais(whole), tmp_path / "parts")
    assert not (tmp_path / "parts").exists()
