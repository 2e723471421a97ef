"""The lesson log (cahier de textes) and homework: what was done, what is to do, what was handed in."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from ent.kernel.ids import new_id
from ent.school.people.models import Person
from ent.school.structure.models import Division, Group, Subject
from ent.school.timetable.models import Session


class LessonEntry(models.Model):
    """What was done in a session; prepared in advance, shown to families from `publish_at` (null: a draft)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    session = models.OneToOneField(Session, models.PROTECT, related_name="entry")
    author = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    content = models.TextField("contenu", blank=True)
    # Never shown to pupils nor families.
    private_note = models.TextField("note personnelle", blank=True)
    publish_at = models.DateTimeField(null=True, blank=True)
    # Goes up with each saving: what someone else saved meanwhile is never overwritten unseen.
    version = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField(default=timezone.now)


class Homework(models.Model):
    """Work to do for a day, or a test announced."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    given_in = models.ForeignKey(Session, models.PROTECT, null=True, blank=True, related_name="homework")
    due_session = models.ForeignKey(Session, models.SET_NULL, null=True, blank=True, related_name="+")
    subject = models.ForeignKey(Subject, models.PROTECT, null=True, blank=True, related_name="+")
    label = models.CharField(max_length=120, blank=True)
    author = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    content = models.TextField("travail à faire")
    due_on = models.DateField("pour le")
    minutes = models.PositiveSmallIntegerField("durée estimée", default=0)
    is_test = models.BooleanField("contrôle", default=False)
    takes_files = models.BooleanField("à rendre en ligne", default=False)
    publish_at = models.DateTimeField(null=True, blank=True)
    # Pupils were told that it is for the next day.
    told_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["due_on", "created_at"]
        indexes = [models.Index(fields=["author", "due_on"], name="homework_of_author")]

    @property
    def title(self) -> str:
        """« Mathématiques »."""
        return self.label or str(self.subject or "Travail")


class HomeworkAudience(models.Model):
    """A class or group that homework is for."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    homework = models.ForeignKey(Homework, models.CASCADE, related_name="audiences")
    division = models.ForeignKey(Division, models.CASCADE, null=True, blank=True, related_name="+")
    group = models.ForeignKey(Group, models.CASCADE, null=True, blank=True, related_name="+")
    due_on = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(division=None, group__isnull=False) | Q(division__isnull=False, group=None),
                name="homework_audience_is_one",
            ),
            models.UniqueConstraint(
                fields=["homework", "division", "group"], nulls_distinct=False, name="one_audience_each_homework"
            ),
        ]
        indexes = [
            models.Index(fields=["division", "due_on"], name="homework_division_due"),
            models.Index(fields=["group", "due_on"], name="homework_group_due"),
        ]


class HomeworkTick(models.Model):
    """A pupil says that it is done: theirs alone."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    homework = models.ForeignKey(Homework, models.CASCADE, related_name="ticks")
    pupil = models.ForeignKey(Person, models.CASCADE, related_name="+")
    done_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["homework", "pupil"], name="one_tick_each")]


class OwnTask(models.Model):
    """A pupil's own to-do, beside the teachers': never shown to staff."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    pupil = models.ForeignKey(Person, models.CASCADE, related_name="own_tasks")
    text = models.CharField("à faire", max_length=200)
    due_on = models.DateField("pour le")
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["due_on"]
        indexes = [models.Index(fields=["pupil", "due_on"], name="own_task_due")]


class Submission(models.Model):
    """What a pupil hands in, and what the teacher gives back."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    homework = models.ForeignKey(Homework, models.PROTECT, related_name="submissions")
    pupil = models.ForeignKey(Person, models.CASCADE, related_name="submissions")
    text = models.TextField("réponse", blank=True)
    handed_in_at = models.DateTimeField(default=timezone.now)
    is_late = models.BooleanField(default=False)
    comment = models.TextField("commentaire", blank=True)
    returned_at = models.DateTimeField(null=True, blank=True)
    returned_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["homework", "pupil"], name="one_submission_each")]


class Attachment(models.Model):
    """A document or a link, of an entry, of homework, of what was handed in or given back."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    entry = models.ForeignKey(LessonEntry, models.CASCADE, null=True, blank=True, related_name="attachments")
    homework = models.ForeignKey(Homework, models.CASCADE, null=True, blank=True, related_name="attachments")
    submission = models.ForeignKey(Submission, models.CASCADE, null=True, blank=True, related_name="attachments")
    # Of a submission: given back by the teacher, not handed in by the pupil.
    is_return = models.BooleanField(default=False)
    file = models.FileField(upload_to="lessons", blank=True)
    name = models.CharField(max_length=160)
    link = models.URLField(blank=True)
    size = models.PositiveIntegerField(default=0)
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(entry__isnull=False, homework=None, submission=None)
                | Q(entry=None, homework__isnull=False, submission=None)
                | Q(entry=None, homework=None, submission__isnull=False),
                name="attachment_of_one_thing",
            )
        ]


class Endorsement(models.Model):
    """The head (or an inspector through them) has read a class's log of a time (visa)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    division = models.ForeignKey(Division, models.CASCADE, related_name="+")
    starts_on = models.DateField("du")
    ends_on = models.DateField("au")
    comment = models.CharField("observation", max_length=400, blank=True)
    by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at"]
