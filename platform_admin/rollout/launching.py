"""Launching a wave: one job per ready school, at most N at once, each able to start again where it was.

The database says what is to be done and what is done; the queue only wakes workers. A job is worked on under a lock
that ends with its worker, so that `sweep` finds what a killed one left.
"""

import logging
import shutil
from pathlib import Path
from uuid import UUID

from celery import shared_task
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from ent.exchange.aaf.importer import run_import
from ent.exchange.aaf.reader import Export, ExportError
from ent.exchange.aaf.split import split
from ent.exchange.models import ImportRun
from ent.kernel.audit.models import record
from ent.kernel.live import announce
from ent.kernel.locks import held, is_held
from platform_admin.rollout.actions import ready_to_launch, record_move, record_step
from platform_admin.rollout.models import Deployment, Job, Launch, Move, Step, Wave
from platform_admin.tasks import launches_folder
from tenants.context import platform
from tenants.provisioning import ProvisioningError, provision

logger = logging.getLogger(__name__)
# Seconds between two sweeps, for which what one sends again is good: busy workers find one message a job, not many.
SWEPT_EVERY = 30


class LaunchRefused(Exception):
    """The wave cannot be launched so; the message, in French, says why."""


def start(wave: Wave, folder: Path, at_most: int, *, author: str, account_id=None) -> Launch:
    """Make a job of each ready school of a wave, and wake the workers."""
    with transaction.atomic():
        wave = Wave.objects.select_for_update().get(pk=wave.pk)
        if wave.launches.exclude(state=Launch.State.DONE).exists():
            raise LaunchRefused("Cette vague est déjà en cours de lancement.")
        schools = [deployment.school for deployment in ready_to_launch(wave)]
        if not schools:
            raise LaunchRefused(
                "Aucun établissement de cette vague n'est prêt : il faut la convention signée et le réseau prêt."
            )
        refuse_if_taken(Job.objects.filter(school__in=schools, state__in=Job.UNFINISHED))
        launch = Launch.objects.create(
            wave=wave, folder=str(folder), at_most=at_most, author=author, account_id=account_id
        )
        Job.objects.bulk_create(Job(launch=launch, school=school) for school in schools)
        for school in schools:
            record_move(school, Move.Kind.LAUNCHED, after=wave.name, author=author, account_id=account_id)
        transaction.on_commit(lambda: prepare_launch.delay(str(launch.pk)))
    return launch


@shared_task
def prepare_launch(launch_id: str) -> None:
    """Find where each school's export lies, then wake the workers."""
    with platform():
        prepare(Launch.objects.get(pk=UUID(launch_id)))


def prepare(launch: Launch) -> None:
    """Find each school's export: its own folder, or its part of the academy's, cut out first."""
    with held(launch.topic) as mine:
        launch.refresh_from_db()
        if not mine or launch.parts or launch.state != Launch.State.RUNNING:
            return
        folder = Path(launch.folder)
        wanted = set(launch.jobs.values_list("school__uai", flat=True))
        try:
            target = launches_folder() / str(launch.pk)
            launch.parts, launch.message = str(target), ""
            if any((folder / uai).is_dir() for uai in wanted):
                launch.parts = str(folder)
            else:
                shutil.rmtree(target, ignore_errors=True)
                split(folder, wanted, target, lambda text: _tell(launch, text))
        except ExportError as error:
            # Nothing is begun: each school may be given its own export, or the wave launched again with another.
            shutil.rmtree(target, ignore_errors=True)
            launch.message = str(error)
            waiting = launch.jobs.filter(state=Job.State.WAITING)
            waiting.update(state=Job.State.FAILED, message=str(error)[:1_000], ended_at=timezone.now())
        launch.save(update_fields=["parts", "message"])
    announce(launch.topic)
    dispatch(launch)


def _tell(launch: Launch, text: str) -> None:
    Launch.objects.filter(pk=launch.pk).update(message=text)
    announce(launch.topic)


def dispatch(launch: Launch) -> None:
    """Start as many waiting jobs as there is room for; end the launch when none is left."""
    with transaction.atomic():
        launch = Launch.objects.select_for_update().get(pk=launch.pk)
        if launch.state != Launch.State.RUNNING or not launch.parts:
            return
        # The jobs are sorted by their schools' names: those rows stay free for whoever provisions them.
        jobs = launch.jobs.select_for_update(of=("self",))
        running = jobs.filter(state=Job.State.RUNNING).count()
        for job in jobs.filter(state=Job.State.WAITING)[: max(0, launch.at_most - running)]:
            job.state, job.started_at, job.attempts = Job.State.RUNNING, timezone.now(), job.attempts + 1
            job.ended_at, job.progress, job.message, job.step = None, 0, "", "En attente d'un ouvrier"
            job.save()
            running += 1
            transaction.on_commit(lambda pk=job.pk: work_on_school.delay(str(pk)))
        if not running:
            launch.state, launch.ended_at = Launch.State.DONE, timezone.now()
            launch.save(update_fields=["state", "ended_at"])
    announce(launch.topic)


@shared_task
def work_on_school(job_id: str) -> None:
    """One school of a launch."""
    with platform():
        work(Job.objects.get(pk=UUID(job_id)))


def work(job: Job) -> None:
    """Give a school its space and its people. Done again after a crash, it goes on where it was."""
    with held(f"job:{job.pk}") as mine:
        job = Job.objects.select_related("launch", "school").get(pk=job.pk)
        if not mine or job.state != Job.State.RUNNING:
            return
        try:
            _launch_school(job)
            job.state, job.message, job.progress, job.step = Job.State.DONE, "", 100, "Terminé"
        except (ExportError, ProvisioningError) as error:
            job.state, job.message = Job.State.FAILED, str(error)
        except Exception:
            logger.exception("launch of %s", job.school.uai)
            job.state = Job.State.FAILED
            job.message = "Une erreur imprévue est survenue ; elle est notée. Réessayez, ou signalez-la."
        job.ended_at = timezone.now()
        job.save()
    announce(job.launch.topic)
    dispatch(job.launch)


def _launch_school(job: Job) -> None:
    school = job.school

    def say(step: str, percent: int) -> None:
        job.step, job.progress = step[:80], percent
        Job.objects.filter(pk=job.pk).update(step=job.step, progress=percent)
        announce(job.launch.topic)

    say("Création de l'espace", 2)
    provision(school)
    deployment = Deployment.objects.get(school=school)
    record_step(deployment, Step.SPACE)
    folder = Path(job.launch.parts) / school.uai
    if not folder.is_dir():
        raise ExportError("L'export ne contient pas cet établissement. Envoyez le sien, puis réessayez.")
    Export.open(folder)
    if job.run is None or job.run.state == ImportRun.State.DONE:
        with transaction.atomic():
            job.run = ImportRun.objects.create(folder=str(folder), create_schools=True)
            Job.objects.filter(pk=job.pk).update(run=job.run)
    report = run_import(
        folder, create_schools=True, only={school.uai}, run=job.run,
        progress=lambda text, percent: say(text, 5 + percent * 9 // 10),
    )  # fmt: skip
    if report.failed:
        raise ExportError(" ".join(report.failed.values())[:1_000])
    if school.uai not in report.schools:
        raise ExportError("L'export ne nomme personne dans cet établissement. Envoyez le sien, puis réessayez.")
    pupils = report.schools[school.uai].get("pupils", {})
    if not any(pupils.get(how) for how in ("created", "changed", "unchanged")):
        raise ExportError("L'export ne contient aucun élève de cet établissement. Envoyez le sien, puis réessayez.")
    record_step(deployment, Step.DIRECTORY)


def _note(action: str, launch: Launch, account_id: UUID | None, **details) -> None:
    """In the journal: what was done to a launch under way."""
    record(f"rollout.{action}", account_id=account_id, object_id=launch.pk, wave=launch.wave.name, **details)


@transaction.atomic
def pause(launch: Launch, *, account_id: UUID | None = None) -> None:
    """Start no other school; those at work come to their end."""
    if Launch.objects.filter(pk=launch.pk, state=Launch.State.RUNNING).update(state=Launch.State.PAUSED):
        _note("launch_paused", launch, account_id)
    announce(launch.topic)


def resume(launch: Launch, *, account_id: UUID | None = None) -> None:
    """Go on."""
    with transaction.atomic():
        paused = Launch.objects.filter(pk=launch.pk, state=Launch.State.PAUSED)
        if paused.update(state=Launch.State.RUNNING, message=""):
            _note("launch_resumed", launch, account_id)
        transaction.on_commit(lambda: prepare_launch.delay(str(launch.pk)))
    launch.refresh_from_db()
    dispatch(launch)


def retry(launch: Launch, *, account_id: UUID | None = None) -> int:
    """Take up the failed jobs again; returns how many. What another launch has taken up meanwhile is left to it."""
    with transaction.atomic():
        number = _take_up(launch, launch.jobs.filter(state=Job.State.FAILED))
        if number:
            _note("launch_retried", launch, account_id, number=number)
    dispatch(launch)
    return number


def _take_up(launch: Launch, failed: QuerySet[Job]) -> int:
    try:
        with transaction.atomic():
            wave = Wave.objects.select_for_update().get(pk=launch.wave_id)
            if wave.launches.exclude(state=Launch.State.DONE).exclude(pk=launch.pk).exists():
                raise LaunchRefused("Un autre lancement de cette vague est en cours : attendez qu’il soit terminé.")
            taken = taken_elsewhere(launch)
            mine = failed.exclude(school__in=taken.values("school"))
            number = mine.update(state=Job.State.WAITING, message="", progress=0, step="")
            if number:
                Launch.objects.filter(pk=launch.pk, state=Launch.State.DONE).update(
                    state=Launch.State.RUNNING, ended_at=None
                )
            else:
                refuse_if_taken(taken.filter(school__in=failed.values("school")))
    except IntegrityError:
        # Two launches of one school, taken up at the same moment: the other was first.
        raise LaunchRefused("Un de ces établissements vient d’être repris par un autre lancement.") from None
    launch.refresh_from_db()
    return number


def taken_elsewhere(launch: Launch) -> QuerySet[Job]:
    """Where another launch is at work on a school that failed in this one."""
    failed = launch.jobs.filter(state=Job.State.FAILED)
    return Job.objects.filter(school__in=failed.values("school"), state__in=Job.UNFINISHED)


def refuse_if_taken(jobs: QuerySet[Job]) -> None:
    """Say which schools are at work in another launch, if any."""
    taken = told(jobs)
    if taken:
        raise LaunchRefused(f"Déjà dans un autre lancement en cours : {taken}. Attendez qu’il soit terminé.")


def told(jobs: QuerySet[Job]) -> str:
    """« Collège Jean-Zay (Première vague), … »."""
    return ", ".join(f"{job.school.name} ({job.launch.wave.name})" for job in jobs.select_related("launch__wave"))


def why_not_replace(job: Job) -> str:
    """Against another export for a school; empty where nothing is."""
    if job.state == Job.State.FAILED:
        return ""
    return "Cet établissement n’est pas en échec dans ce lancement : son export n’est plus à remplacer."


@transaction.atomic
def replace_export(job: Job, folder: Path, *, account_id: UUID | None = None) -> None:
    """Put another export in the place of a failed school's, and take its job up again."""
    # Whoever would take it up waits until the new export lies there; the wave first, as `retry` does.
    Wave.objects.select_for_update().get(pk=job.launch.wave_id)
    job = Job.objects.select_for_update(of=("self",)).select_related("launch", "school").get(pk=job.pk)
    reason = why_not_replace(job)
    if reason:
        raise LaunchRefused(reason)
    Export.open(folder)
    _take_up(job.launch, Job.objects.filter(pk=job.pk))
    _note("export_replaced", job.launch, account_id, uai=job.school.uai)
    dispatch(job.launch)
    place = Path(job.launch.parts or launches_folder() / str(job.launch.pk)) / job.school.uai
    shutil.rmtree(place, ignore_errors=True)
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(folder, place)


@shared_task
def sweep_launches() -> None:
    """Every half minute."""
    with platform():
        sweep()


def sweep() -> None:
    """Wake workers for what a killed one left: jobs that run without their lock, launches with room."""
    for job in Job.objects.filter(state=Job.State.RUNNING):
        if not is_held(f"job:{job.pk}"):
            work_on_school.apply_async([str(job.pk)], expires=SWEPT_EVERY)
    for launch in Launch.objects.filter(state=Launch.State.RUNNING):
        if launch.parts:
            dispatch(launch)
        elif not is_held(launch.topic):
            prepare_launch.apply_async([str(launch.pk)], expires=SWEPT_EVERY)
