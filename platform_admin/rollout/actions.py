"""What becomes of schools in the plan. Every change leaves a Move, and a line in the trail.

For the launcher: `ready_to_launch(wave)`, `record_step(deployment, step)`, `record_move(school, kind)`;
`author` and `account_id` say who acts, the platform by default.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from ent.kernel.audit.models import record
from platform_admin.rollout import moves, queries
from platform_admin.rollout.models import PLATFORM, Deployment, Job, Move, Step, StepRecord, Wave
from platform_admin.rollout.moves import Refused, refuse_if, spoken
from platform_admin.rollout.predictions import refresh
from platform_admin.rollout.signals import schools_moved
from tenants import provisioning, states
from tenants.models import School

Refusals = list[tuple[School, list[str]]]


@dataclass(frozen=True)
class Author:
    """Who decides: an officer, or the platform."""

    author: str = PLATFORM
    account_id: UUID | None = None


def ready_to_launch(wave: Wave) -> QuerySet[Deployment]:
    """Schools of a wave whose agreement and network are there and whose directory is not: what a launch works on."""
    standing = StepRecord.objects.filter(deployment=OuterRef("pk"), withdrawn_at=None)
    return (
        wave.deployments.select_related("school")
        .filter(
            Exists(standing.filter(step=Step.AGREEMENT)),
            Exists(standing.filter(step=Step.NETWORK)),
            ~Exists(standing.filter(step=Step.DIRECTORY)),
            school__state__in=[School.State.REGISTERED, School.State.PROVISIONED],
        )
        .order_by("school__name", "school__uai")
    )


def record_move(
    school: School, kind: str, *, before: str = "", after: str = "", note: str = "", author: str = PLATFORM,
    account_id: UUID | None = None,
) -> Move:  # fmt: skip
    """Keep what became of a school."""
    record(f"rollout.{kind}", account_id=account_id, uai=school.uai, before=before, after=after)
    return Move.objects.create(
        school=school, kind=kind, before=before[:120], after=after[:120], note=note[:500], author=author,
        account_id=account_id,
    )  # fmt: skip


@transaction.atomic
def record_step(
    deployment: Deployment, step: str, *, done_on: date | None = None, note: str = "",
    attachment: ContentFile | None = None, author: str = PLATFORM, account_id: UUID | None = None,
) -> StepRecord:  # fmt: skip
    """Record that a step is done, as a fact (nothing is checked); done twice it changes nothing."""
    values = {"done_on": done_on or timezone.localdate(), "note": note[:500], "author": author,
              "account_id": account_id} | ({"attachment": attachment} if attachment else {})  # fmt: skip
    found, created = StepRecord.objects.get_or_create(
        deployment=deployment, step=step, withdrawn_at=None, defaults=values
    )
    if created:
        record_move(
            deployment.school, Move.Kind.STEP_DONE, after=str(Step(step).label), note=note,
            author=author, account_id=account_id,
        )  # fmt: skip
        refresh([deployment.pk])
    return found


def steps_done(deployment: Deployment | None) -> set[str]:
    """The steps that stand."""
    return set(deployment.records.filter(withdrawn_at=None).values_list("step", flat=True)) if deployment else set()


@transaction.atomic
def note_step(
    deployment: Deployment, step: str, by: Author, *, done_on: date, note: str = "",
    attachment: ContentFile | None = None,
) -> StepRecord:  # fmt: skip
    """An officer notes a step; refused where something is against it."""
    Deployment.objects.select_for_update().get(pk=deployment.pk)
    refuse_if(moves.why_not_note(step, steps_done(deployment), done_on, timezone.localdate()))
    return record_step(
        deployment, step, done_on=done_on, note=note, attachment=attachment, author=by.author, account_id=by.account_id
    )


@transaction.atomic
def withdraw_step(noted: StepRecord, reason: str, by: Author) -> None:
    """A step was noted wrongly, or holds no more: it stays in the history, and is to be done."""
    noted = StepRecord.objects.select_for_update().select_related("deployment__school").get(pk=noted.pk)
    refuse_if(moves.why_not_withdraw(noted))
    _withdraw(noted, reason, by)


def _withdraw(noted: StepRecord, reason: str, by: Author) -> None:
    noted.withdrawn_at = timezone.now()
    noted.save(update_fields=["withdrawn_at"])
    record_move(
        noted.deployment.school, Move.Kind.STEP_WITHDRAWN, before=str(Step(noted.step).label), note=reason,
        author=by.author, account_id=by.account_id,
    )  # fmt: skip
    refresh([noted.deployment_id])


# --- waves -------------------------------------------------------------------------------------------------------


def _locked(schools: Iterable[int]) -> tuple[list[School], dict[int, Deployment], set[int]]:
    """Schools that nobody else moves meanwhile, where they are, and which are being launched."""
    locked = list(School.objects.select_for_update().filter(pk__in=schools).order_by("name", "uai"))
    current = Deployment.objects.select_related("wave").in_bulk([school.pk for school in locked])
    unfinished = Job.objects.filter(school__in=locked, state__in=Job.UNFINISHED)
    return locked, current, set(unfinished.values_list("school", flat=True))


@transaction.atomic
def place(wave: Wave, schools: Iterable[int], by: Author) -> tuple[list[School], Refusals]:
    """Put schools (by key) that are in no wave into one; returns those placed, and why the others were not."""
    placed, refused = [], []
    locked, current, _ = _locked(schools)
    for school in locked:
        there = current.get(school.pk)
        reasons = moves.why_not_place(school, wave, there.wave if there else None)
        (refused.append((school, reasons)) if reasons else placed.append(school))
    Deployment.objects.bulk_create([Deployment(school=school, wave=wave) for school in placed])
    _moved(placed, {}, wave, by)
    return placed, refused


@transaction.atomic
def move(wave: Wave, schools: Iterable[int], by: Author, reason: str = "") -> tuple[list[School], Refusals]:
    """Take schools (by key) from their wave to another, steps kept; a postponement of their own ends."""
    moved, refused = [], []
    locked, current, launching = _locked(schools)
    for school in locked:
        there = current.get(school.pk)
        reasons = moves.why_not_move(school, wave, there.wave if there else None, school.pk in launching)
        (refused.append((school, reasons)) if reasons else moved.append(school))
    Deployment.objects.filter(pk__in=[school.pk for school in moved]).update(wave=wave, opens_on=None)
    _moved(moved, current, wave, by, reason)
    return moved, refused


def _moved(schools: list[School], before: dict[int, Deployment], wave: Wave, by: Author, reason: str = "") -> None:
    if not schools:
        return
    Move.objects.bulk_create(
        Move(
            school=school, kind=Move.Kind.PLACED, before=before[school.pk].wave.name if before else "",
            after=wave.name, note=reason, author=by.author, account_id=by.account_id,
        )
        for school in schools
    )  # fmt: skip
    record("rollout.placed", account_id=by.account_id, wave=wave.name, uais=[school.uai for school in schools])
    keys = [school.pk for school in schools]
    observe(keys)
    refresh(keys)
    schools_moved.send(sender=Wave, schools=keys)


@transaction.atomic
def remove(deployment: Deployment, by: Author) -> None:
    """Take a school out of the plan, where nothing was done yet."""
    refuse_if(moves.why_not_remove(deployment, moves.is_launching(deployment.school)))
    name, school = deployment.wave.name, deployment.school
    deployment.delete()
    record_move(school, Move.Kind.REMOVED, before=name, author=by.author, account_id=by.account_id)


@transaction.atomic
def postpone(deployment: Deployment, day: date, reason: str, by: Author) -> None:
    """Give a school a later day than its wave's."""
    refuse_if(moves.why_not_postpone(deployment, day, timezone.localdate()))
    _set_day(deployment, day, reason, by)


@transaction.atomic
def rejoin(deployment: Deployment, by: Author) -> None:
    """End a school's postponement: its wave's day counts again."""
    if deployment.opens_on:
        _set_day(deployment, None, "Retour à la date de la vague", by)


def _set_day(deployment: Deployment, day: date | None, reason: str, by: Author) -> None:
    before = deployment.planned_on
    deployment.opens_on = day
    deployment.save(update_fields=["opens_on"])
    after = deployment.planned_on
    record_move(
        deployment.school, Move.Kind.POSTPONED, before=spoken(before) if before else "",
        after=spoken(after) if after else "", note=reason, author=by.author, account_id=by.account_id,
    )  # fmt: skip
    refresh([deployment.pk])


def save_wave(wave: Wave, by: Author) -> Wave:
    """Create a wave or keep what was changed of it; predictions follow its dates."""
    with transaction.atomic():
        wave.save()
        record("rollout.wave_saved", account_id=by.account_id, wave=wave.name, opens_on=str(wave.opens_on or ""))
        refresh(list(wave.deployments.values_list("pk", flat=True)))
    return wave


@transaction.atomic
def delete_wave(wave: Wave, by: Author) -> None:
    """Delete a wave that holds nothing."""
    refuse_if(moves.why_not_delete(wave))
    record("rollout.wave_deleted", account_id=by.account_id, wave=wave.name)
    wave.delete()


# --- a school's state --------------------------------------------------------------------------------------------


def _change(school: School, state: str, kind: str, by: Author, note: str) -> None:
    try:
        before = states.change(school, state)
    except states.StateError as error:
        raise Refused([str(error)]) from None
    record_move(
        school, kind, before=str(School.State(before).label), after=str(School.State(state).label), note=note,
        author=by.author, account_id=by.account_id,
    )  # fmt: skip


@transaction.atomic
def open_school(school: School, by: Author, note: str = "") -> None:
    """Open a school whose steps are all done; or open again one that was suspended or closed."""
    deployment = Deployment.objects.filter(pk=school.pk).first()
    school.refresh_from_db(fields=["state"])
    refuse_if(moves.why_not_open(school, deployment, steps_done(deployment)))
    again = school.state != School.State.PROVISIONED
    _change(school, School.State.OPEN, Move.Kind.REOPENED if again else Move.Kind.OPENED, by, note)
    if deployment:
        StepRecord.objects.get_or_create(
            deployment=deployment, step=Step.OPENING, withdrawn_at=None,
            defaults={"author": by.author, "account_id": by.account_id},
        )  # fmt: skip
        refresh([deployment.pk])


@transaction.atomic
def suspend(school: School, reason: str, by: Author) -> None:
    """Stop a school's service for a time."""
    _change(school, School.State.SUSPENDED, Move.Kind.SUSPENDED, by, reason)


@transaction.atomic
def close(school: School, reason: str, by: Author) -> None:
    """Close a school: nobody enters any more, its data stay."""
    _change(school, School.State.CLOSED, Move.Kind.CLOSED, by, reason)


def archive(school: School, named_again: str, by: Author) -> None:
    """Archive a closed school, named a second time; its export is written first."""
    refuse_if(states.why_not(school, School.State.ARCHIVED))
    try:
        path = provisioning.archive(school, named_again, settings.DATA_DIR / "exports")
    except provisioning.ProvisioningError as error:
        raise Refused([str(error)]) from None
    record_move(
        school, Move.Kind.ARCHIVED, after=str(School.State.ARCHIVED.label), note=f"Export écrit : {path.name}",
        author=by.author, account_id=by.account_id,
    )  # fmt: skip


# --- what the platform does by itself ----------------------------------------------------------------------------


@transaction.atomic
def observe(only: Collection[int] | None = None) -> int:
    """Record the steps that the platform can see (of these schools only, if given); returns how many."""
    seen = queries.seen_done(only)
    deployments = Deployment.objects.select_related("school", "wave").in_bulk({school for _, school, _ in seen})
    for step, school, day in seen:
        record_step(deployments[school], step, done_on=day)
    for noted in queries.gone(only):
        _withdraw(noted, "La plateforme ne le constate plus.", Author())
    return len(seen)


def open_due(today: date | None = None) -> list[School]:
    """Open the ready schools whose planned day has come; one that lacks a step stays, late."""
    opened = []
    for deployment in queries.due(today or timezone.localdate()):
        try:
            open_school(deployment.school, Author(), "Son jour est venu.")
        except Refused:
            continue
        opened.append(deployment.school)
    return opened
