"""An officer sends an export, reads the plan, imports, and takes it back."""

import html
import io
import zipfile

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from ent.exchange.aaf.generator import generate
from ent.exchange.models import ImportRun
from platform_admin import tasks
from platform_admin.officers.models import Officer
from tenants.models import School
from tests import factories
from tests.conftest import SchoolClient

pytestmark = [pytest.mark.xdist_group("aaf"), pytest.mark.usefixtures("platform_db")]


@pytest.fixture(scope="module")
def archive(tmp_path_factory) -> bytes:
    """A small invented export, compressed."""
    folder = tmp_path_factory.mktemp("sent")
    generate(folder, 1, 11, size="small")
    return zipped({f"export/{path.name}": path.read_bytes() for path in folder.glob("*.xml")})


@pytest.fixture(autouse=True)
def data(tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "DATA_DIR", tmp_path)


def zipped(files: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in files.items():
            opened.writestr(name, content)
    return made.getvalue()


def send(client, content: bytes):
    return client.post(
        "/console/imports/", {"archive": SimpleUploadedFile("Export été.zip", content), "create_schools": "on"}
    )


def work(run: ImportRun) -> ImportRun:
    """What the worker does."""
    job = tasks.undo_in_background if run.state == ImportRun.State.UNDOING else tasks.import_in_background
    job(str(run.pk))
    run.refresh_from_db()
    return run


def test_a_plan_changes_nothing_then_is_applied_once_then_undone(officer_client, archive):
    assert send(officer_client, archive).status_code == 302
    plan = work(ImportRun.objects.get())
    assert (plan.state, plan.is_dry_run) == (ImportRun.State.DONE, True)
    assert plan.report["totals"]["pupils"]["created"] > 0
    assert not School.objects.filter(uai__in=plan.report["schools"]).exists()
    assert "Rien n’est encore changé" in officer_client.get(f"/console/imports/{plan.pk}/").text

    pages = {officer_client.post(f"/console/imports/{plan.pk}/apply/")["Location"] for _ in range(2)}
    assert len(pages) == 1
    run = work(ImportRun.objects.get(is_dry_run=False))
    assert run.report["totals"] == plan.report["totals"]
    school = School.objects.get(uai__in=run.report["schools"])
    assert school.name in officer_client.get(f"/console/imports/{run.pk}/").text

    officer_client.post(f"/console/imports/{run.pk}/undo/")
    run.refresh_from_db()
    assert run.state == ImportRun.State.UNDOING
    assert work(run).state == ImportRun.State.UNDONE
    again = officer_client.post(f"/console/imports/{run.pk}/undo/", follow=True)
    assert "déjà été annulé" in again.text

    told = html.unescape(officer_client.get("/console/journal/").text)
    for sentence in ("a préparé l’import de", "a lancé l’import de", "a demandé l’annulation de l’import de"):
        assert told.count(sentence) == 1, sentence


def test_whoever_asks_for_a_space_is_in_the_journal(officer_client):
    school = factories.registered(name="Collège du Puy d'Essai")
    officer_client.post(f"/console/schools/{school.uai}/provision/")
    told = html.unescape(officer_client.get("/console/journal/").text)
    assert f"a demandé l’espace de {school.name} ({school.uai})" in told


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"not a zip", "archive ZIP lisible"),
        (zipped({"lisez-moi.txt": b"rien"}), "aucun fichier XML"),
        (zipped({"a/x.xml": b"<a/>", "b/x.xml": b"<b/>"}), "Deux fichiers"),
    ],
)
def test_an_archive_that_is_no_export_is_refused_and_leaves_nothing(officer_client, content, said):
    answer = send(officer_client, content)
    assert answer.status_code == 400
    assert said in answer.text
    assert not list(tasks.imports_folder().glob("*"))


def test_no_member_of_an_archive_is_written_outside_its_folder(officer_client, tmp_path):
    send(officer_client, zipped({"../../../evasion.xml": b"<a/>", "/tmp/evasion-absolue.xml": b"<a/>"}))
    [folder] = tasks.imports_folder().glob("*")
    assert sorted(path.name for path in folder.iterdir()) == ["evasion-absolue.xml", "evasion.xml"]
    assert len(list(tmp_path.rglob("evasion*"))) == 2


def test_an_export_that_cannot_be_read_says_why_and_can_be_taken_up_again(officer_client):
    send(officer_client, zipped({"ENT_Complet_20260901_Eleve_0000.xml": b"<ficAlimMENESR><addRe"}))
    run = work(ImportRun.objects.get())
    assert run.state == ImportRun.State.FAILED
    page = officer_client.get(f"/console/imports/{run.pk}/").text
    assert run.message
    assert "Reprendre" in page
    officer_client.post(f"/console/imports/{run.pk}/apply/")
    run.refresh_from_db()
    assert run.state == ImportRun.State.WAITING


def test_a_job_given_twice_does_the_work_once(officer_client, archive):
    send(officer_client, archive)
    plan = work(ImportRun.objects.get())
    ended = plan.ended_at
    assert work(plan).ended_at == ended


def test_a_pilot_does_not_import(platform_db):
    client = SchoolClient(settings.BASE_DOMAIN)
    client.force_login(factories.officer(Officer.Function.PILOT).account)
    assert client.get("/console/imports/").status_code == 403
