"""Runs of imports over the academy. No name of a person stands here: the detail lives in the schools."""

from django.db import models
from django.utils import timezone

from ent.kernel.ids import new_id


class ImportRun(models.Model):
    """One directory export, from plan to end; started again after a crash it skips the schools it has done."""

    class State(models.TextChoices):
        WAITING = "waiting", "En attente"
        RUNNING = "running", "En cours"
        DONE = "done", "Terminé"
        FAILED = "failed", "Échoué"
        UNDOING = "undoing", "Annulation en cours"
        UNDONE = "undone", "Annulé"

    # A job is at work, or will be: the page follows it.
    UNFINISHED = (State.WAITING, State.RUNNING, State.UNDOING)

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    digest = models.CharField(max_length=64, db_index=True)
    folder = models.CharField(max_length=500)
    kind = models.CharField(max_length=10)
    is_dry_run = models.BooleanField(default=False)
    create_schools = models.BooleanField("créer les établissements inconnus", default=False)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    progress = models.PositiveSmallIntegerField(default=0, help_text="Pour cent.")
    message = models.TextField(blank=True)
    report = models.JSONField(default=dict)
    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-started_at"]

    @property
    def is_unfinished(self) -> bool:
        """Whether a job is at work on it, or will be."""
        return self.state in self.UNFINISHED

    @property
    def topic(self) -> str:
        """What those who follow it live listen to."""
        return f"import:{self.pk}"


class SchoolImport(models.Model):
    """What a run did in one school, written in that school's transaction."""

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="schools")
    school = models.ForeignKey("tenants.School", models.CASCADE, related_name="imports")
    # Of what the export says of this school: the same twice in a row has nothing to do. Empty: not to be trusted.
    digest = models.CharField(max_length=64, blank=True)
    report = models.JSONField(default=dict)
    # What was strange about this school and its people, as the report lists it.
    oddities = models.JSONField(default=list)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "school"], name="one_report_per_run_and_school")]
