"""What the pages of the waves and of the plan show: schools and counts, cut to what the officer sees."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import (
    BooleanField,
    Count,
    ExpressionWrapper,
    F,
    Min,
    Q,
    QuerySet,
)
from django.db.models.functions import Coalesce
from django.utils import timezone

from ent.exchange.models import ImportRun, SchoolImport
from ent.kernel.access import Acting
from platform_admin import queries as console
from platform_admin.officers.access import seen_schools
from platform_admin.rollout.forecast import ASSUMED
from platform_admin.rollout.models import NEEDS, OBSERVED, PLATFORM, Agreement, Deployment, Job, Step, StepRecord, Wave
from platform_admin.rollout.moves import missing_steps, spoken, steps_named
from platform_admin.rollout.predictions import current_pace
from tenants.liaison.models import SchoolActivity
from tenants.models import School

PLANNED = Coalesce("opens_on", "wave__opens_on")
NOT_OPEN_YET = (School.State.REGISTERED, School.State.PROVISIONED)
# Late: it is not open yet, and will not be on its day.
LATE = Q(school__state__in=NOT_OPEN_YET, predicted_on__gt=F("planned"))


def deployments(acting: Acting) -> QuerySet[Deployment]:
    """Schools of the plan that an officer sees, with their planned day and how many days late they are."""
    return (
        Deployment.objects.filter(school__in=seen_schools(acting))
        .select_related("school__authority", "wave")
        .annotate(planned=PLANNED)
    )


def late_first(found: QuerySet[Deployment]) -> QuerySet[Deployment]:
    """The latest first, then by the day foreseen."""
    late = ExpressionWrapper(LATE, output_field=BooleanField())
    return found.annotate(days_late=F("predicted_on") - F("planned"), late=late).order_by(
        "-late", F("days_late").desc(nulls_last=True), F("predicted_on").asc(nulls_last=True), "school__name", "pk"
    )


def waves(acting: Acting) -> QuerySet[Wave]:
    """Every wave, with how many of the officer's schools it has, and in what state."""
    seen = Q(deployments__school__in=seen_schools(acting))
    return Wave.objects.annotate(
        schools=Count("deployments", filter=seen),
        opened=Count("deployments", filter=seen & Q(deployments__school__state=School.State.OPEN)),
        suspended=Count("deployments", filter=seen & Q(deployments__school__state=School.State.SUSPENDED)),
        late=Count(
            "deployments",
            filter=seen
            & Q(deployments__school__state__in=NOT_OPEN_YET)
            & Q(deployments__predicted_on__gt=Coalesce("deployments__opens_on", "opens_on")),
        ),
    ).order_by("number")


@dataclass(frozen=True)
class StepState:
    """One step of a school: the record that stands, else what it still lacks."""

    step: str
    record: StepRecord | None
    missing: list[str]

    @property
    def label(self) -> str:
        """Its name."""
        return str(Step(self.step).label)

    @property
    def is_next(self) -> bool:
        """It can be done now."""
        return self.record is None and not self.missing

    @property
    def is_observed(self) -> bool:
        """The platform notes it itself."""
        return self.step in OBSERVED

    @property
    def blocked_by(self) -> str:
        """« convention signée, réseau prêt »."""
        return steps_named(self.missing)


@dataclass(frozen=True)
class Row:
    """A school of the plan as lists show it."""

    deployment: Deployment
    steps: list[StepState]
    reasons: list[str] = field(default_factory=list)

    @property
    def school(self) -> School:
        """Who it is about."""
        return self.deployment.school

    @property
    def done(self) -> int:
        """How many steps stand."""
        return sum(step.record is not None for step in self.steps)

    @property
    def waits_for(self) -> str:
        """The steps that can be done now."""
        return steps_named(step.step for step in self.steps if step.is_next and step.step != Step.OPENING)

    @property
    def is_late(self) -> bool:
        """Its day will not be kept."""
        planned, predicted = self.deployment.planned_on, self.deployment.predicted_on
        return bool(self.school.state in NOT_OPEN_YET and planned and predicted and predicted > planned)


def steps_of(records: Iterable[StepRecord]) -> list[StepState]:
    """The checklist, in order."""
    standing = {record.step: record for record in records}
    return [
        StepState(step, standing.get(step), [] if step in standing else missing_steps(standing, step))
        for step in Step.values
    ]


def rows(page: Iterable[Deployment]) -> list[Row]:
    """Deployments (with school and wave) as rows: four queries, whatever their number."""
    found = list(page)
    standing: dict[int, list[StepRecord]] = {deployment.pk: [] for deployment in found}
    for record in StepRecord.objects.filter(deployment__in=standing, withdrawn_at=None):
        standing[record.deployment_id].append(record)
    failed = failures(list(standing))
    today = timezone.localdate()
    rhythm = current_pace(today)
    made = []
    for deployment in found:
        row = Row(deployment, steps_of(standing[deployment.pk]))
        row.reasons.extend(late_reasons(row, rhythm, failed.get(deployment.pk, ""), today))
        made.append(row)
    return made


def failures(schools: Collection[int]) -> dict[int, str]:
    """Schools whose last launch failed, and why."""
    last = Job.objects.filter(school__in=schools).order_by("school_id", "-launch__started_at").distinct("school_id")
    return {job.school_id: job.message for job in last if job.state == Job.State.FAILED}


def late_reasons(row: Row, rhythm: dict[str, float], failure: str, today: date) -> list[str]:
    """Why a school is late, or will be: sentences in French; empty where it is not."""
    said = [f"Son dernier lancement a échoué : {failure.splitlines()[0] if failure else 'raison inconnue'}"] * bool(
        failure
    )
    if row.school.state == School.State.SUSPENDED:
        return [*said, "Il est suspendu."]
    if not row.is_late:
        return said
    deployment = row.deployment
    done = {step.step: step.record.done_on for step in row.steps if step.record}
    for step in row.steps:
        if not step.is_next or step.step not in ASSUMED:
            continue
        since = max((done[need] for need in NEEDS[step.step]), default=deployment.wave.starts_on)
        waited = (today - since).days if since else 0
        usual = round(rhythm[step.step])
        if waited > usual:
            said.append(f"{step.label} : attendu depuis {waited} jours, {usual} d’ordinaire.")
    if deployment.planned_on and deployment.planned_on < today:
        said.append(f"Devait ouvrir le {spoken(deployment.planned_on)}.")
    if not said or len(said) == bool(failure):
        remaining = steps_named(step.step for step in row.steps if not step.record and step.step != Step.OPENING)
        said.append(f"Au rythme constaté, ce qui reste finira après son jour : {remaining}.")
    return said


def wave_counts(found: QuerySet[Deployment]) -> dict[str, int]:
    """How many schools of a wave stand where."""
    state = School.State
    return found.aggregate(
        total=Count("pk"),
        opened=Count("pk", filter=Q(school__state=state.OPEN)),
        suspended=Count("pk", filter=Q(school__state=state.SUSPENDED)),
        late=Count("pk", filter=LATE),
        provisioned=Count("pk", filter=Q(school__state=state.PROVISIONED)),
    )


def pickable(chosen: dict[str, str], wave: Wave) -> QuerySet[School]:
    """Schools that could come into a wave: of no wave, or of another if that is asked; filtered."""
    found = School.objects.exclude(state__in=[School.State.CLOSED, School.State.ARCHIVED])
    found = console.schools(found, chosen.get("q", ""), chosen.get("authority", ""), chosen.get("state", ""))
    if chosen.get("kind"):
        found = found.filter(kind=chosen["kind"])
    if chosen.get("departement"):
        found = found.filter(departement=chosen["departement"])
    if chosen.get("placed"):
        found = found.filter(deployment__isnull=False).exclude(deployment__wave=wave)
    else:
        found = found.filter(deployment=None)
    return found.select_related("deployment__wave")


# --- what the platform sees by itself ----------------------------------------------------------------------------


def seen_done(only: Collection[int] | None) -> list[tuple[str, int, date | None]]:
    """What the platform can see done and has not recorded: (step, school, the day it knows of).

    A step other than a fact that an officer withdrew is theirs to note again. Sets rather than one statement: the
    database would try each school against each table.
    """
    noted = _of(StepRecord.objects.all(), only, "deployment")
    known = {(step, school) for step, school in noted.filter(withdrawn_at=None).values_list("step", "deployment")}
    known |= {
        (step, school)
        for step, school in noted.exclude(withdrawn_at=None).values_list("step", "deployment")
        if step not in OBSERVED
    }
    today = timezone.localdate()
    in_force = Agreement.objects.filter(withdrawn_at=None, signed_on__lte=today, expires_on__gte=today)
    imports = SchoolImport.objects.filter(run__is_dry_run=False, run__state=ImportRun.State.DONE)
    printed = SchoolActivity.objects.filter(letters_printed__gt=0)
    planned = School.objects.filter(deployment__isnull=False)
    seen: list[tuple[str, Iterable[tuple[int, date | None]]]] = [
        (Step.AGREEMENT, _days(in_force, only, Min("signed_on"))),
        (Step.SPACE, [(key, None) for key in _keys(planned.filter(revision__isnull=False), only)]),
        (Step.DIRECTORY, _days(imports, only, Min("at__date"))),
        (Step.LETTERS, _days(printed, only, Min("day"))),
        (Step.OPENING, [(key, None) for key in _keys(planned.filter(state=School.State.OPEN), only)]),
    ]
    return [(step, school, day) for step, found in seen for school, day in found if (step, school) not in known]


def _of(found: QuerySet, only: Collection[int] | None, path: str) -> QuerySet:
    return found if only is None else found.filter(**{f"{path}__in": only})


def _keys(schools: QuerySet[School], only: Collection[int] | None) -> Iterable[int]:
    return _of(schools, only, "pk").values_list("pk", flat=True)


def _days(found: QuerySet, only: Collection[int] | None, first: Min) -> Iterable[tuple[int, date | None]]:
    """Of the plan's schools, those that have such rows, and since when."""
    of_plan = _of(found.filter(school__deployment__isnull=False), only, "school")
    return of_plan.order_by().values_list("school").annotate(first=first)


def gone(only: Collection[int] | None) -> list[StepRecord]:
    """Facts that hold no more: the space was deleted, every import taken back, the agreement withdrawn."""
    standing = _of(StepRecord.objects.filter(withdrawn_at=None), only, "deployment")
    standing = standing.select_related("deployment__school")
    imports = _of(SchoolImport.objects.filter(run__is_dry_run=False), only, "school").order_by().values("school")
    kept = Count("pk", filter=~Q(run__state=ImportRun.State.UNDONE))
    taken_back = imports.annotate(kept=kept).filter(kept=0).values_list("school", flat=True)
    signed = set(_of(Agreement.objects.filter(withdrawn_at=None), only, "school").values_list("school", flat=True))
    return [
        *standing.filter(step__in=(Step.SPACE, Step.DIRECTORY), deployment__school__revision=None),
        *standing.filter(
            step=Step.DIRECTORY, deployment__in=list(taken_back), deployment__school__revision__isnull=False
        ),
        *(
            record
            for record in standing.filter(step=Step.AGREEMENT, author=PLATFORM)
            if record.deployment_id not in signed
        ),
    ]


def due(today: date) -> list[Deployment]:
    """Schools with a space, not open, whose planned day has come."""
    return list(
        Deployment.objects.select_related("school", "wave")
        .annotate(planned=PLANNED)
        .filter(school__state=School.State.PROVISIONED, planned__lte=today)
    )


def narrowed(found: QuerySet[Deployment], words: str, only_late: bool) -> QuerySet[Deployment]:
    """Some of the plan's schools."""
    if words:
        found = found.filter(
            Q(school__name__icontains=words) | Q(school__town__icontains=words) | Q(school__uai__iexact=words)
        )
    return found.filter(LATE) if only_late else found


def in_another_wave(schools: Iterable[School], wave: Wave) -> dict[int, Wave]:
    """Of these schools, those of another wave, and which."""
    found = Deployment.objects.filter(school__in=list(schools)).exclude(wave=wave).select_related("wave")
    return {deployment.pk: deployment.wave for deployment in found}


def withdrawn_steps(deployment: Deployment) -> QuerySet[StepRecord]:
    """The steps of a school that were noted, then withdrawn."""
    return deployment.records.exclude(withdrawn_at=None).order_by("-withdrawn_at")
