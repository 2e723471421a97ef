"""Waves, each school's way to its opening, the jobs that launch them, agreements."""

from datetime import date

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from ent.exchange.models import ImportRun
from ent.kernel.ids import new_id
from tenants.models import Authority, School

# Who decided, where nobody did.
PLATFORM = "La plateforme"


class Wave(models.Model):
    """Schools rolled out together (vague): the pilot, the first 48, all of them…"""

    number = models.PositiveSmallIntegerField("ordre", unique=True)
    name = models.CharField("nom", max_length=80)
    starts_on = models.DateField("début", null=True, blank=True)
    # The day its ready schools open by themselves.
    opens_on = models.DateField("ouverture", null=True, blank=True)
    note = models.TextField("remarque", max_length=1_000, blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_on=None) | Q(opens_on=None) | Q(starts_on__lte=models.F("opens_on")),
                name="wave_starts_before_it_opens",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Step(models.TextChoices):
    """What a school goes through, in this order."""

    AGREEMENT = "agreement", "Convention signée"
    NETWORK = "network", "Réseau prêt"
    SPACE = "space", "Espace créé"
    DIRECTORY = "directory", "Annuaire importé"
    TRAINING = "training", "Administrateurs nommés et formés"
    LETTERS = "letters", "Lettres imprimées"
    OPENING = "opening", "Ouvert"


# What must be done before each: the pages read in the order above, the work goes along these lines.
NEEDS: dict[str, tuple[str, ...]] = {
    Step.AGREEMENT: (),
    Step.NETWORK: (),
    Step.SPACE: (Step.AGREEMENT, Step.NETWORK),
    Step.DIRECTORY: (Step.SPACE,),
    Step.TRAINING: (Step.DIRECTORY,),
    Step.LETTERS: (Step.DIRECTORY,),
    Step.OPENING: (Step.AGREEMENT, Step.NETWORK, Step.SPACE, Step.DIRECTORY, Step.TRAINING, Step.LETTERS),
}
# Facts that the platform sees: never noted or withdrawn by hand.
OBSERVED = (Step.SPACE, Step.DIRECTORY, Step.OPENING)


class Deployment(models.Model):
    """A school's place in the plan: one wave, and a day of its own where it was postponed."""

    school = models.OneToOneField(School, models.CASCADE, primary_key=True, related_name="deployment")
    wave = models.ForeignKey(Wave, models.PROTECT, related_name="deployments")
    opens_on = models.DateField("ouverture reportée au", null=True, blank=True)
    # Foreseen from the pace of the schools before it; rewritten every hour and after each of its steps.
    predicted_on = models.DateField("ouverture prévisible", null=True, blank=True)

    class Meta:
        ordering = ["wave", "school"]
        indexes = [models.Index(fields=["predicted_on"], name="deployment_predicted")]

    @property
    def planned_on(self) -> date | None:
        """The day planned for its opening: its own, else the wave's; None without any."""
        return self.opens_on or self.wave.opens_on


class StepRecord(models.Model):
    """A step done, by a person or by the platform itself (then `account_id` is null). A withdrawn one stays."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    deployment = models.ForeignKey(Deployment, models.CASCADE, related_name="records")
    step = models.CharField(max_length=10, choices=Step)
    done_on = models.DateField("date", default=timezone.localdate)
    note = models.CharField("remarque", max_length=500, blank=True)
    attachment = models.FileField("pièce jointe", upload_to="platform/steps", blank=True)
    at = models.DateTimeField(default=timezone.now)
    account_id = models.UUIDField(null=True)
    author = models.CharField(max_length=120)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["at"]
        indexes = [models.Index(fields=["-done_on"], name="step_record_by_day")]
        constraints = [
            models.UniqueConstraint(
                fields=["deployment", "step"], condition=Q(withdrawn_at=None), name="one_record_per_step"
            ),
        ]


class Move(models.Model):
    """What became of a school, and who decided it. Only ever added to."""

    class Kind(models.TextChoices):
        PLACED = "placed", "Placé dans une vague"
        REMOVED = "removed", "Retiré de sa vague"
        POSTPONED = "postponed", "Reporté"
        STEP_DONE = "step_done", "Étape faite"
        STEP_WITHDRAWN = "step_withdrawn", "Étape annulée"
        LAUNCHED = "launched", "Lancé"
        OPENED = "opened", "Ouvert"
        SUSPENDED = "suspended", "Suspendu"
        REOPENED = "reopened", "Rouvert"
        CLOSED = "closed", "Fermé"
        ARCHIVED = "archived", "Archivé"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    school = models.ForeignKey(School, models.CASCADE, related_name="moves")
    kind = models.CharField(max_length=15, choices=Kind)
    before = models.CharField(max_length=120, blank=True)
    after = models.CharField(max_length=120, blank=True)
    note = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField(default=timezone.now)
    account_id = models.UUIDField(null=True)
    author = models.CharField(max_length=120)

    class Meta:
        ordering = ["-at", "-pk"]


class Launch(models.Model):
    """The ready schools of a wave, provisioned and imported as background jobs, at most `at_most` at once."""

    class State(models.TextChoices):
        RUNNING = "running", "En cours"
        PAUSED = "paused", "En pause"
        DONE = "done", "Terminé"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    wave = models.ForeignKey(Wave, models.PROTECT, related_name="launches")
    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    at_most = models.PositiveSmallIntegerField(
        "établissements à la fois", default=2, validators=[MinValueValidator(1), MaxValueValidator(8)]
    )
    # The academy's export, or a folder that holds one export a school, each named by its UAI.
    folder = models.CharField(max_length=500)
    # Where each school's export lies, once that is known.
    parts = models.CharField(max_length=500, blank=True)
    message = models.TextField(blank=True)
    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    account_id = models.UUIDField(null=True)
    author = models.CharField(max_length=120)

    class Meta:
        ordering = ["-started_at"]
        constraints = [
            models.UniqueConstraint(fields=["wave"], condition=~Q(state="done"), name="one_launch_at_work_per_wave")
        ]

    @property
    def topic(self) -> str:
        """What those who follow it live listen to."""
        return f"launch:{self.pk}"


class Job(models.Model):
    """One school of a launch. Whoever works on it holds a lock that ends with the worker."""

    class State(models.TextChoices):
        WAITING = "waiting", "En attente"
        RUNNING = "running", "En cours"
        DONE = "done", "Fait"
        FAILED = "failed", "Échoué"

    # To be done, or being done: a school is so in one launch alone.
    UNFINISHED = (State.WAITING, State.RUNNING)

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    launch = models.ForeignKey(Launch, models.CASCADE, related_name="jobs")
    school = models.ForeignKey(School, models.CASCADE, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    step = models.CharField(max_length=80, blank=True)
    progress = models.PositiveSmallIntegerField(default=0, help_text="Pour cent.")
    message = models.TextField(blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    run = models.ForeignKey(ImportRun, models.SET_NULL, null=True, blank=True, related_name="+")
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["school__name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["launch", "school"], name="one_job_per_school"),
            models.UniqueConstraint(
                fields=["school"], condition=Q(state__in=["waiting", "running"]), name="one_job_at_work_per_school"
            ),
        ]


class Agreement(models.Model):
    """A convention: a collectivity's framework agreement, or a school's own below it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="agreements")
    # Null: the framework agreement (convention cadre) of the collectivity.
    school = models.ForeignKey(School, models.PROTECT, null=True, blank=True, related_name="agreements")
    signed_on = models.DateField("signée le")
    expires_on = models.DateField("expire le")
    document = models.FileField("document signé", upload_to="platform/agreements", blank=True)
    note = models.CharField("remarque", max_length=500, blank=True)
    author = models.CharField(max_length=120)
    # Recorded by mistake: kept, and counts for nothing.
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["expires_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(signed_on__lt=models.F("expires_on")), name="agreement_expires_after_signature"
            ),
        ]
