"""An export goes in, schools with their people come out: once, again, undone, modified."""

import json
import re
import shutil
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from ent.accounts.models import Account, Membership
from ent.accounts.names import sign_in_base
from ent.exchange.aaf.generator import generate
from ent.exchange.aaf.importer import AnotherAtWork, run_import
from ent.exchange.aaf.reader import ExportError
from ent.exchange.aaf.undo import UndoRefused, undo
from ent.exchange.models import ImportRun, SchoolImport
from ent.kernel.locks import held
from ent.school.people.models import Guardianship, Person, StaffFunction
from ent.school.structure.models import Division, SchoolYear, Teaching
from tenants.context import inside_as_owner
from tenants.models import School
from tests import factories

# Roles belong to the server: two workers creating those of the same schools would wait for each other.
pytestmark = [pytest.mark.xdist_group("aaf"), pytest.mark.usefixtures("platform_db")]


REAL = Path(__file__).resolve().parents[3].parent / "shared/data/aaf"
real = pytest.mark.skipif(not REAL.exists(), reason="the real exports are not beside this project")


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Two invented schools, one file set."""
    folder = tmp_path_factory.mktemp("aaf") / "export"
    return folder, generate(folder, 2, 7, size="small")


@pytest.fixture
def export(written, tmp_path):
    """A copy of the export that a test may spoil."""
    return shutil.copytree(written[0], tmp_path / "export")


def imported(folder, **options):
    return run_import(folder, create_schools=True, **options)


def changes(report):
    return sum(counts[how] for counts in report.totals.values() for how in ("created", "changed", "closed"))


def edit(folder, category, pattern, replacement):
    """Replace text in the first file of a category that has it."""
    for path in sorted(folder.glob(f"*_{category}_*.xml")):
        text = path.read_text(encoding="utf-8")
        new = re.sub(pattern, replacement, text, count=1, flags=re.DOTALL)
        if new != text:
            path.write_text(new, encoding="utf-8")
            return
    raise AssertionError(pattern)


def a_school(report):
    return School.objects.get(uai=sorted(report.schools)[0])


def test_figures_of_the_export_come_out(written):
    folder, summary = written
    report = imported(folder)
    created = {kind: counts["created"] for kind, counts in report.totals.items()}
    assert created["pupils"] == summary.pupils
    assert created["guardians"] == summary.relatives
    assert created["contacts"] == summary.contacts
    assert created["staff"] == summary.staff
    assert report.run.state == ImportRun.State.DONE
    school = a_school(report)
    with inside_as_owner(school):
        assert SchoolYear.objects.get(is_current=True)
        assert Division.objects.exists()
        assert Teaching.objects.filter(subject__isnull=False).exists()
        legal = Guardianship.objects.filter(legal_rank__gt=0).values("relative")
        assert not Person.objects.filter(profile="relative", account_id=None, pk__in=legal).exists()
        assert not Person.objects.filter(profile="relative", account_id__isnull=False).exclude(pk__in=legal).exists()
        people = Person.objects.exclude(account_id=None).count()
    assert Membership.objects.filter(school=school, closed_at=None).count() == people
    assert not Account.objects.get(pk=Membership.objects.filter(school=school).first().account_id).has_usable_password()


def test_indexes_and_keys_put_aside_while_a_school_is_filled_come_back(written, other_school):
    """As a school that no import has filled has them."""

    def secondary(schema):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT replace(indexdef, schemaname || '.', '') FROM pg_indexes WHERE schemaname = %s UNION ALL "
                "SELECT conrelid::regclass::text || ' ' || pg_get_constraintdef(oid) FROM pg_constraint "
                "WHERE connamespace = %s::regnamespace",
                [schema, schema],
            )
            return sorted(row[0].replace(f"{schema}.", "") for row in cursor.fetchall())

    school = a_school(imported(written[0]))
    assert secondary(school.schema_name) == secondary(other_school.schema_name)


def test_twice_changes_nothing_even_compared_row_by_row(export):
    imported(export)
    assert changes(imported(export)) == 0
    SchoolImport.objects.update(digest="")
    ImportRun.objects.update(state=ImportRun.State.DONE)
    assert changes(imported(export)) == 0


def test_a_dry_run_says_the_same_and_keeps_nothing(export):
    schools = School.objects.count()
    simulated = imported(export, dry_run=True)
    assert School.objects.count() == schools
    assert not SchoolImport.objects.exists()
    assert imported(export).as_json() == simulated.as_json()


def test_who_left_is_closed_and_comes_back(export):
    school = a_school(imported(export))
    with inside_as_owner(school):
        pupil = Person.objects.filter(profile="pupil").first()
    original = shutil.copytree(export, export.parent / "before")
    edit(export, "Eleve", rf"<addRequest>(?:(?!</addRequest>).)*<id>{pupil.directory_key}</id>.*?</addRequest>", "")
    report = imported(export)
    assert report.totals["pupils"]["closed"] == 1
    with inside_as_owner(school):
        pupil.refresh_from_db()
        assert pupil.closed_at
    assert Account.objects.get(pk=pupil.account_id or Membership.objects.get(person_id=pupil.pk).account_id).closed_at
    report = imported(original)
    assert report.totals["pupils"]["changed"] >= 1
    with inside_as_owner(school):
        pupil.refresh_from_db()
        assert pupil.closed_at is None
    assert Account.objects.get(pk=pupil.account_id).closed_at is None


def test_what_a_person_typed_survives(export):
    school = a_school(imported(export))
    with inside_as_owner(school):
        teacher = Person.objects.filter(profile="staff").first()
        factories.photographed(teacher)
        StaffFunction.objects.create(person=teacher, function="school_admin", source="hand")
    Account.objects.filter(pk=teacher.account_id).update(email="moi@exemple.invalid")
    SchoolImport.objects.update(digest="")
    imported(export)
    with inside_as_owner(school):
        before, teacher = teacher, Person.objects.get(pk=teacher.pk)
        assert teacher.photo.name == before.photo.name
        assert teacher.photo.storage.exists(teacher.photo.name)
        assert teacher.functions.filter(source="hand", closed_at=None).count() == 1
    assert Account.objects.get(pk=teacher.account_id).email == "moi@exemple.invalid"


def test_undo_restores_each_school(export):
    first = imported(export)
    school = a_school(first)
    with inside_as_owner(school):
        pupil = Person.objects.filter(profile="pupil").first()
        before = list(Person.objects.order_by("pk").values())
    edit(export, "Eleve", rf"<addRequest>(?:(?!</addRequest>).)*<id>{pupil.directory_key}</id>.*?</addRequest>", "")
    second = imported(export)
    with pytest.raises(UndoRefused, match="plus récent"):
        undo(first.run)
    undo(second.run)
    with inside_as_owner(school):
        assert list(Person.objects.order_by("pk").values()) == before
    undo(first.run)
    with inside_as_owner(school):
        assert not Person.objects.exists()
    assert not Account.objects.filter(memberships__school=school).exists()
    with pytest.raises(UndoRefused, match="déjà"):
        undo(first.run)
    assert changes(imported(export)) > 0


def delta(folder, export, pupil, operation, attributes=""):
    """A folder with a Delta of one pupil."""
    folder.mkdir()
    name = next(export.glob("*_EtabEducNat_*.xml"))
    shutil.copy(name, folder / name.name.replace("Complet", "Delta"))
    body = f"<modifications>{attributes}</modifications>" if operation == "modify" else ""
    (folder / name.name.replace("Complet", "Delta").replace("EtabEducNat", "Eleve")).write_text(
        f'<?xml version="1.0" encoding="UTF-8"?><ficAlimMENESR><{operation}Request><operationalAttributes>'
        f'<attr name="categoriePersonne"><value>Eleve</value></attr></operationalAttributes><identifier>'
        f"<id>{pupil}</id></identifier>{body}</{operation}Request></ficAlimMENESR>",
        encoding="utf-8",
    )
    return folder


def test_a_delta_changes_only_whom_it_names(export, tmp_path):
    school = a_school(imported(export))
    with inside_as_owner(school):
        pupil = Person.objects.filter(profile="pupil").first()
        people = Person.objects.filter(closed_at=None).count()
    key, change = pupil.directory_key, '<modification name="sn" operation="replace"><value>ZOLA</value></modification>'
    report = run_import(delta(tmp_path / "one", export, key, "modify", change))
    assert report.totals["pupils"]["changed"] == 1
    assert changes(report) == 1
    with inside_as_owner(school):
        pupil.refresh_from_db()
        assert (pupil.last_name, pupil.sort_key[:5]) == ("Zola", "zola ")
        assert Person.objects.filter(closed_at=None).count() == people
    report = run_import(delta(tmp_path / "two", export, key, "delete"))
    assert report.totals["pupils"]["closed"] == 1
    with inside_as_owner(school):
        assert not Guardianship.objects.filter(pupil=pupil, closed_at=None).exists()
    report = run_import(delta(tmp_path / "three", export, "none", "delete"))
    assert [oddity.id for oddity in report.oddities if oddity.kind == "unknown"] == ["none"]


def test_one_school_of_two(export):
    uai = sorted(imported(export, dry_run=True).schools)[0]
    assert list(imported(export, only={uai}).schools) == [uai]


def test_unknown_schools_are_refused(export):
    with pytest.raises(ExportError, match="n'est connu ici"):
        run_import(export)


def test_a_broken_file_leaves_nothing(export):
    path = next(export.glob("*_Eleve_*.xml"))
    path.write_bytes(path.read_bytes()[:-200])
    schools = School.objects.count()
    with pytest.raises(CommandError, match="Rien n'a été importé"):
        call_command("import_aaf", str(export), "--create-schools", verbosity=0)
    assert School.objects.count() == schools
    assert ImportRun.objects.get().state == ImportRun.State.FAILED


def test_the_same_import_is_made_by_one_process_at_a_time(export):
    run = ImportRun.objects.create(folder=str(export))
    with held(f"import:{run.pk}"), pytest.raises(AnotherAtWork, match="déjà en cours"):
        imported(export, run=run)
    assert imported(export, run=run).run.state == ImportRun.State.DONE


def test_each_school_is_told_what_was_strange_about_its_people(export):
    edit(export, "Eleve", r'(<attr name="ENTPersonDateNaissance"><value>)[^<]*', r"\g<1>31/02/2014")
    report = imported(export)
    told = {one.school.uai: one.oddities for one in SchoolImport.objects.filter(run=report.run)}
    assert sorted(len(oddities) for oddities in told.values()) == [0, 1]
    [[oddity]] = [oddities for oddities in told.values() if oddities]
    assert oddity["reason"].startswith("Date de naissance illisible")
    # What stands on the platform quotes nothing of a person.
    assert "31/02/2014" not in str(told)


def test_an_interrupted_run_goes_on(export):
    first = imported(export)
    run, uai = first.run, sorted(first.schools)[0]
    ImportRun.objects.filter(pk=run.pk).update(state=ImportRun.State.RUNNING)
    SchoolImport.objects.exclude(school__uai=uai).delete()
    again = imported(export)
    assert again.run.pk == run.pk
    assert again.schools[uai] == first.schools[uai]


def test_the_command_writes_the_report(export, tmp_path):
    call_command("import_aaf", str(export), "--create-schools", report=tmp_path / "r.json", verbosity=0)
    report = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert set(report) == {"schools", "totals", "unattached_relatives", "foreign_staff", "oddities"}
    assert set(report["totals"]["pupils"]) == {"created", "changed", "unchanged", "closed"}


def created(report):
    return {kind: counts["created"] for kind, counts in report.totals.items()}


@real
def test_the_figures_of_the_real_complet_and_delta():
    report = imported(REAL / "complet-2013")
    figures = created(report)
    del figures["accounts"], figures["teachings"]
    assert figures == {"pupils": 642, "divisions": 177, "groups": 173, "guardians": 881, "contacts": 148, "staff": 602}
    assert (len(report.schools), report.unattached_relatives, report.foreign_staff) == (10, 8946, 99)
    assert changes(imported(REAL / "complet-2013")) == 0
    report = imported(REAL / "delta-2013")
    assert report.requests == {"added": 6, "changed": 0, "removed": 0, "unknown": 12}


@real
def test_the_figures_of_the_real_college():
    report = imported(REAL / "college-2018")
    figures = created(report)
    del figures["accounts"], figures["teachings"]
    assert figures == {"pupils": 277, "divisions": 12, "groups": 35, "guardians": 468, "contacts": 82, "staff": 52}
    assert (len(report.schools), School.objects.filter(revision=None, directory_key__gt="").count()) == (1, 124)


@pytest.mark.parametrize(
    ("first", "last", "name"),
    [
        ("paul", "durand", "paul.durand"),
        ("jean luc", "d'arc", "jean-luc.d-arc"),
        ("", "李", "compte"),
        ("a1", "b2", "a1.b"),
    ],
)
def test_sign_in_names(first, last, name):
    assert sign_in_base(first, last) == name
