"""A wave is launched school by school: one failure stops only itself, a killed worker loses nothing."""

import html
import re
import shutil

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from ent.exchange.aaf.generator import generate
from ent.exchange.aaf.reader import Export
from ent.exchange.aaf.registration import register
from ent.exchange.aaf.rows import Structure
from ent.exchange.models import ImportRun
from ent.kernel.locks import held
from platform_admin import tasks
from platform_admin.rollout import actions, launching
from platform_admin.rollout.models import Deployment, Job, Launch, Move, Step, Wave
from tenants.models import School
from tests import factories

pytestmark = [pytest.mark.xdist_group("aaf"), pytest.mark.usefixtures("platform_db")]


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """The export of an academy of three invented schools."""
    folder = tmp_path_factory.mktemp("wave") / "export"
    generate(folder, 3, 21, size="small")
    return folder


@pytest.fixture(autouse=True)
def data(tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "DATA_DIR", tmp_path / "data")


@pytest.fixture(autouse=True)
def queue(monkeypatch, django_capture_on_commit_callbacks):
    """What would be sent to the workers."""
    sent: list[tuple] = []

    def send(task):
        return lambda args=(), kwargs=None, **options: sent.append((task, args))

    for task in (launching.prepare_launch, launching.work_on_school):
        monkeypatch.setattr(task, "apply_async", send(task))
    return sent


@pytest.fixture
def work(queue, django_capture_on_commit_callbacks):
    """Let the workers do what waits, `times` jobs at most."""

    def do(times: int = 50) -> None:
        while queue and times:
            task, args = queue.pop(0)
            with django_capture_on_commit_callbacks(execute=True):
                task(*args)
            times -= 1

    return do


@pytest.fixture
def wave(written):
    """A wave of the export's schools, agreement and network done."""
    register([
        Structure(number, record.id, record.attributes["ENTStructureUAI"][0], record.attributes, record.file)
        for number, record in enumerate(Export.open(written).records("structure"), 1)
    ])  # fmt: skip
    wave = Wave.objects.create(number=90, name="Vague d'essai")
    for school in schools(written):
        deployment = Deployment.objects.create(school=school, wave=wave)
        for step in (Step.AGREEMENT, Step.NETWORK):
            actions.record_step(deployment, step)
    return wave


def schools(folder) -> list[School]:
    uais = [record.attributes["ENTStructureUAI"][0] for record in Export.open(folder).records("structure")]
    return list(School.objects.filter(uai__in=uais).order_by("uai"))


@pytest.fixture
def start(wave, django_capture_on_commit_callbacks):
    def launch(folder, at_most: int = 2) -> Launch:
        with django_capture_on_commit_callbacks(execute=True):
            return launching.start(wave, folder, at_most, author="Agent Essai")

    return launch


def states(launch: Launch) -> list[str]:
    return list(launch.jobs.order_by("school__uai").values_list("state", flat=True))


def test_the_ready_schools_get_their_space_and_their_people(wave, written, start, work):
    launch = start(written)
    work()
    launch.refresh_from_db()
    assert (launch.state, states(launch)) == (Launch.State.DONE, ["done"] * 3)
    for school in schools(written):
        assert school.state == School.State.PROVISIONED
        assert actions.steps_done(school.deployment) >= {Step.SPACE, Step.DIRECTORY}
        assert Move.objects.filter(school=school, kind=Move.Kind.LAUNCHED, author="Agent Essai").exists()
    assert not actions.ready_to_launch(wave).exists()


def test_at_most_so_many_schools_are_at_work_at_once(written, start, work, queue):
    launch = start(written, at_most=2)
    work(1)
    assert sorted(states(launch)) == ["running", "running", "waiting"]
    assert len(queue) == 2


def test_a_bad_export_stops_only_its_school_which_is_mended_and_taken_up_again(
    written, start, work, tmp_path, django_capture_on_commit_callbacks
):
    parts = tmp_path / "parts"
    launching.split(written, [school.uai for school in schools(written)], parts)
    broken, *_ = schools(written)
    good = shutil.copytree(parts / broken.uai, tmp_path / "mended")
    for path in (parts / broken.uai).glob("*_Eleve_*.xml"):
        path.write_bytes(path.read_bytes()[:2000])
    launch = start(parts)
    work()
    launch.refresh_from_db()
    assert (launch.state, states(launch)) == (Launch.State.DONE, ["failed", "done", "done"])
    job = launch.jobs.get(state="failed")
    assert "tronqué" in job.message or "incomplet" in job.message or "Redemandez" in job.message
    assert Step.DIRECTORY not in actions.steps_done(broken.deployment)

    with django_capture_on_commit_callbacks(execute=True):
        launching.replace_export(job, good)
    work()
    launch.refresh_from_db()
    assert (launch.state, states(launch)) == (Launch.State.DONE, ["done"] * 3)
    assert Step.DIRECTORY in actions.steps_done(broken.deployment)


def test_a_school_the_export_does_not_hold_fails_and_says_so(written, start, work, tmp_path):
    parts = tmp_path / "parts"
    first, *_ = schools(written)
    launching.split(written, [first.uai], parts)
    launch = start(parts)
    work()
    assert states(launch) == ["done", "failed", "failed"]
    assert "ne contient pas cet établissement" in launch.jobs.filter(state="failed").first().message


def test_paused_it_starts_no_other_school_then_goes_on(written, start, work, queue, django_capture_on_commit_callbacks):
    launch = start(written, at_most=1)
    work(1)
    launching.pause(launch)
    work()
    assert sorted(states(launch)) == ["done", "waiting", "waiting"]
    with django_capture_on_commit_callbacks(execute=True):
        launching.resume(launch)
    work()
    assert states(launch) == ["done"] * 3


def test_what_a_killed_worker_left_is_taken_up_again(written, start, work, queue):
    launch = start(written, at_most=1)
    work(1)
    queue.clear()  # the worker took the job from the queue, and died
    job = launch.jobs.get(state=Job.State.RUNNING)
    with held(f"job:{job.pk}"):
        launching.sweep()
        assert not queue, "someone is at work on it"
    launching.sweep()
    work()
    assert states(launch) == ["done"] * 3


def test_what_a_sweep_sends_again_does_not_pile_up(written, start, work, queue, monkeypatch):
    """Each sweep sends again what nobody has begun: a message lives until the next one."""
    start(written, at_most=1)
    work(1)
    Launch.objects.create(wave=factories.wave(), folder="x", author="Agent Essai")
    ImportRun.objects.create(folder=str(written))
    lives = []
    for task in (launching.prepare_launch, launching.work_on_school, tasks.import_in_background):
        monkeypatch.setattr(task, "apply_async", lambda args, **options: lives.append(options.get("expires")))
    launching.sweep()
    tasks.resume_imports()
    sweep, resume = (
        settings.CELERY_BEAT_SCHEDULE[name]["schedule"] for name in ("sweep launches", "resume imports")
    )  # fmt: skip
    assert lives == [sweep, sweep, resume]


def test_imports_left_unfinished_are_taken_up_but_not_those_of_a_launch(written, start, monkeypatch):
    resumed = []
    monkeypatch.setattr(
        tasks.import_in_background, "apply_async", lambda args, kwargs=None, **options: resumed.append(*args)
    )
    launch = start(written)
    of_launch = ImportRun.objects.create(folder=str(written), create_schools=True)
    launch.jobs.filter(pk=launch.jobs.first().pk).update(run=of_launch)
    other = ImportRun.objects.create(folder=str(written))
    tasks.resume_imports()
    assert resumed == [str(other.pk)]
    # Asked for all the same, it would write half a neighbour.
    tasks.import_in_background(str(of_launch.pk))
    of_launch.refresh_from_db()
    assert of_launch.state == ImportRun.State.WAITING


def test_starting_the_next_schools_locks_its_jobs_and_no_school(written, start, work):
    launch = start(written, at_most=1)
    work(1)
    Launch.objects.update(at_most=2)
    with CaptureQueriesContext(connection) as asked:
        launching.dispatch(launch)
    locking = [one["sql"] for one in asked if "FOR UPDATE" in one["sql"] and "JOIN" in one["sql"]]
    assert locking
    assert all(sql.endswith('FOR UPDATE OF "rollout_job"') for sql in locking)


@pytest.mark.parametrize("state", [Job.State.WAITING, Job.State.RUNNING, Job.State.DONE])
def test_an_export_is_replaced_for_a_failed_school_alone(officer_client, written, start, work, tmp_path, state):
    launch = start(written)
    work()
    job = launch.jobs.first()
    Job.objects.filter(pk=job.pk).update(state=state)
    launch.refresh_from_db()
    another = shutil.copytree(launch.parts + "/" + job.school.uai, tmp_path / "another")
    with pytest.raises(launching.LaunchRefused, match="échec"):
        launching.replace_export(job, another)
    assert another.is_dir()
    assert "n’est pas en échec" in officer_client.get(f"/console/launches/jobs/{job.pk}/export/").text


def failed(wave: Wave, *schools: School) -> Launch:
    """A launch that is over, of which these schools failed."""
    launch = Launch.objects.create(wave=wave, folder="x", parts="x", state=Launch.State.DONE, author="Agent Essai")
    Job.objects.bulk_create(Job(launch=launch, school=school, state=Job.State.FAILED) for school in schools)
    return launch


def test_a_school_is_at_work_in_one_launch_alone(wave, written):
    school, *_ = schools(written)
    old = failed(wave, school)
    Job.objects.create(launch=failed(factories.wave()), school=school)
    with pytest.raises(IntegrityError), transaction.atomic():
        old.jobs.update(state=Job.State.WAITING)


def test_what_another_launch_has_taken_up_is_left_to_it(wave, written, officer_client):
    taken, free, *_ = schools(written)
    old = failed(wave, taken, free)
    Job.objects.create(launch=failed(factories.wave(name="Vague de rattrapage")), school=taken)
    page = officer_client.post(f"/console/launches/{old.pk}/retry/", follow=True)
    assert f"Laissés à un autre lancement en cours : {taken.name} (Vague de rattrapage)" in html.unescape(page.text)
    assert states(old) == ["failed", "running"]
    old.jobs.update(state=Job.State.FAILED)
    old.jobs.filter(school=free).delete()
    with pytest.raises(launching.LaunchRefused, match="Vague de rattrapage"):
        launching.retry(old)


def test_a_launch_is_not_taken_up_again_beside_another_of_its_wave(wave, written, officer_client):
    first, second, *_ = schools(written)
    old = failed(wave, first)
    now = failed(wave, second)
    Launch.objects.filter(pk=now.pk).update(state=Launch.State.PAUSED)
    page = officer_client.post(f"/console/launches/{old.pk}/retry/", follow=True)
    assert "Un autre lancement de cette vague" in page.text
    assert states(old) == ["failed"]


def test_a_wave_with_a_school_at_work_elsewhere_is_not_launched(wave, written, start):
    taken, *_ = schools(written)
    Job.objects.create(launch=failed(factories.wave(name="Vague de rattrapage")), school=taken)
    with pytest.raises(launching.LaunchRefused, match="Vague de rattrapage"):
        start(written)


def test_a_job_given_twice_is_done_once(written, start, work, queue):
    launch = start(written, at_most=1)
    work(1)
    queue += list(queue)
    work()
    assert states(launch) == ["done"] * 3
    assert set(launch.jobs.values_list("attempts", flat=True)) == {1}


def test_an_unreadable_export_fails_with_its_reason_and_the_wave_is_launched_with_another(
    wave, written, start, work, tmp_path
):
    empty = tmp_path / "empty"
    empty.mkdir()
    launch = start(empty)
    work()
    launch.refresh_from_db()
    assert (launch.state, states(launch)) == (Launch.State.DONE, ["failed"] * 3)
    assert "vide" in launch.message
    again = start(written)
    work()
    assert states(again) == ["done"] * 3


def test_a_school_without_pupils_in_the_export_is_not_taken_for_done(written, start, work, tmp_path):
    folder = tmp_path / "export"
    shutil.copytree(written, folder)
    for path in folder.glob("*_Eleve_*.xml"):
        path.write_text(re.sub(r"<addRequest>.*</addRequest>\n?", "", path.read_text(), flags=re.DOTALL))
    launch = start(folder)
    work()
    assert states(launch) == ["failed"] * 3
    assert "aucun élève" in launch.jobs.first().message


def test_a_wave_is_not_launched_twice_at_once_nor_without_a_ready_school(wave, written, start):
    start(written)
    with pytest.raises(launching.LaunchRefused, match="déjà en cours"):
        start(written)
    with pytest.raises(launching.LaunchRefused, match="prêt"):
        launching.start(Wave.objects.create(number=91, name="Vide"), written, 2, author="Agent Essai")


def test_the_console_shows_each_school_and_obeys(officer_client, written, start, work, wave):
    assert officer_client.get(f"/console/waves/{wave.pk}/launch/").status_code == 200
    launch = start(written, at_most=1)
    work(2)
    page = officer_client.get(f"/console/launches/{launch.pk}/").text
    assert all(school.name in page for school in schools(written))
    officer_client.post(f"/console/launches/{launch.pk}/pause/")
    launch.refresh_from_db()
    assert launch.state == Launch.State.PAUSED
    assert "Reprendre" in officer_client.get(f"/console/launches/{launch.pk}/").text


def test_the_journal_tells_who_did_what_to_a_launch(officer_client, written, start, work, wave):
    launch = start(written, at_most=1)
    work(2)
    for done in ("pause", "pause", "resume"):
        officer_client.post(f"/console/launches/{launch.pk}/{done}/")
    launch.jobs.update(state=Job.State.FAILED)
    officer_client.post(f"/console/launches/{launch.pk}/retry/")
    launch.jobs.update(state=Job.State.FAILED)
    launch.refresh_from_db()
    job = launch.jobs.first()
    shutil.copytree(f"{launch.parts}/{job.school.uai}", tasks.imports_folder() / "autre")
    officer_client.post(f"/console/launches/jobs/{job.pk}/export/", {"laid": "autre"})
    told = html.unescape(officer_client.get("/console/journal/").text)
    for sentence in (
        f"a lancé {job.school.name} ({job.school.uai}) dans « {wave.name} »",
        f"a mis en pause le lancement de « {wave.name} »",
        f"a repris le lancement de « {wave.name} »",
        f"a réessayé les établissements en échec (3) du lancement de « {wave.name} »",
        f"a envoyé un autre export pour {job.school.name} ({job.school.uai}), dans le lancement de « {wave.name} »",
    ):
        assert told.count(sentence) == 1, sentence
