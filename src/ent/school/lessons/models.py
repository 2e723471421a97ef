"""The lesson log (cahier de textes) and homework: what was done, what is to do, what was handed in."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from ent.kernel.documents import is_image, suffix_of
from ent.kernel.ids import new_id
from ent.school.people.models import Person
from ent.school.structure.models import Division, Group, SchoolYear, Subject
from ent.school.timetable.models import Session


class LessonEntry(models.Model):
    """What was done in a session; prepared in advance, shown to families from `publish_at` (null: a draft)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    session = models.OneToOneField(Session, models.PROTECT, related_name="entry")
    author = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    content = models.TextField("contenu", blank=True)
    # Never shown to pupils nor families.
    private_note = models.TextField("note personnelle", blank=True)
    # Read by whoever wrote it, of all who lead the session.
    noted_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    publish_at = models.DateTimeField(null=True, blank=True)
    # Goes up with each saving: what someone else saved meanwhile is never overwritten unseen.
    version = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField(default=timezone.now)

    def hides_note_from(self, person) -> bool:
        """A colleague's own note is there: not read, and kept as it is."""
        return bool(self.private_note) and self.noted_by_id != person


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


class TeachingPlan(models.Model):
    """Planned sessions of a subject and level, in order (progression): reused, and shared with colleagues or not."""

    class Sharing(models.TextChoices):
        PRIVATE = "private", "Moi seul"
        READ = "read", "Mes collègues la lisent et la recopient"
        EDIT = "edit", "Mes collègues la lisent et la modifient avec moi"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    title = models.CharField("titre", max_length=120)
    subject = models.ForeignKey(Subject, models.PROTECT, null=True, blank=True, related_name="+")
    grade = models.CharField("niveau", max_length=20, blank=True)
    owner = models.ForeignKey(Person, models.CASCADE, related_name="teaching_plans")
    sharing = models.CharField("partage", max_length=10, choices=Sharing, default=Sharing.PRIVATE)
    changed_at = models.DateTimeField(default=timezone.now)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title


class PlanStep(models.Model):
    """A planned session of a plan: what will be done, and the work that goes with it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    plan = models.ForeignKey(TeachingPlan, models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    title = models.CharField("titre", max_length=120)
    content = models.TextField("contenu", blank=True)
    homework = models.TextField("travail à faire", blank=True)
    minutes = models.PositiveSmallIntegerField("durée estimée", default=0)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "position"], name="one_step_each_position", deferrable=models.Deferrable.DEFERRED
            )
        ]


class Slide(models.Model):
    """What was prepared slid to the following sessions: what moved, so that it can be taken back."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    session = models.ForeignKey(Session, models.CASCADE, related_name="slides")
    by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    # [{"from": session, "to": session, "entry": id or null, "publish_at", "works": [{"id", "due_on", …}]}]
    moves = models.JSONField(default=list)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-at"]


class Placing(models.Model):
    """A plan laid on a class's sessions: what each held before, so that all of it can be taken back at once."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    plan = models.ForeignKey(TeachingPlan, models.CASCADE, related_name="placings")
    start = models.ForeignKey(Session, models.CASCADE, related_name="+")
    by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    # [{"session", "entry", "version": once laid, "before": the content it held, or null for a new one, "works",
    #   "files"}]
    places = models.JSONField(default=list)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-at"]


class Habit(models.Model):
    """When a teacher's contents and work are shown, unless said otherwise for one of them."""

    person = models.OneToOneField(Person, models.CASCADE, primary_key=True, related_name="+")
    publish = models.CharField("montrer", max_length=10)


class Attachment(models.Model):
    """A document or a link, of an entry, homework, a planned session, of what was handed in or given back."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    entry = models.ForeignKey(LessonEntry, models.CASCADE, null=True, blank=True, related_name="attachments")
    homework = models.ForeignKey(Homework, models.CASCADE, null=True, blank=True, related_name="attachments")
    submission = models.ForeignKey(Submission, models.CASCADE, null=True, blank=True, related_name="attachments")
    step = models.ForeignKey(PlanStep, models.CASCADE, null=True, blank=True, related_name="attachments")
    # Of a submission: given back by the teacher, not handed in by the pupil.
    is_return = models.BooleanField(default=False)
    file = models.FileField(upload_to="lessons", blank=True)
    name = models.CharField(max_length=160)
    link = models.URLField(blank=True)
    # What an image shows, for those who do not see it.
    alt = models.CharField("description", max_length=250, blank=True)
    size = models.PositiveIntegerField(default=0)
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(entry__isnull=False, homework=None, submission=None, step=None)
                | Q(entry=None, homework__isnull=False, submission=None, step=None)
                | Q(entry=None, homework=None, submission__isnull=False, step=None)
                | Q(entry=None, homework=None, submission=None, step__isnull=False),
                name="attachment_of_one_thing",
            )
        ]

    @property
    def is_image(self) -> bool:
        """Shown on the page, with its description."""
        return bool(self.file) and is_image(self.file.name)

    @property
    def is_pdf(self) -> bool:
        """Shown on the page by the browser's own reader."""
        return bool(self.file) and suffix_of(self.file.name) == ".pdf"


class LogReading(models.Model):
    """A reading of a teacher's or a class's log that the head opens for an inspector: a private, timed address."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    reader = models.CharField("pour", max_length=120)
    teacher = models.ForeignKey(Person, models.CASCADE, null=True, blank=True, related_name="+")
    division = models.ForeignKey(Division, models.CASCADE, null=True, blank=True, related_name="+")
    year = models.ForeignKey(SchoolYear, models.CASCADE, related_name="+")
    # Of the address, only its digest is kept.
    digest = models.CharField(max_length=64, unique=True)
    opened_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    opened_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField("jusqu'au")
    revoked_at = models.DateTimeField(null=True, blank=True)
    read_count = models.PositiveIntegerField(default=0)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-opened_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(teacher=None, division__isnull=False) | Q(teacher__isnull=False, division=None),
                name="reading_of_one_log",
            )
        ]

    @property
    def is_open(self) -> bool:
        return self.revoked_at is None and self.expires_at > timezone.now()

    @property
    def what(self) -> str:
        """« la classe 5A », « Mme Roy »."""
        return f"la classe {self.division}" if self.division else self.teacher.formal_name


class Endorsement(models.Model):
    """The head, or an inspector who was given to read it, has read the log of a class or teacher over a time (visa)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    division = models.ForeignKey(Division, models.CASCADE, null=True, blank=True, related_name="+")
    teacher = models.ForeignKey(Person, models.CASCADE, null=True, blank=True, related_name="+")
    starts_on = models.DateField("du")
    ends_on = models.DateField("au")
    comment = models.CharField("observation", max_length=400, blank=True)
    by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    # The inspector's reading it was given in; then nobody of the school gave it.
    reading = models.ForeignKey(LogReading, models.SET_NULL, null=True, blank=True, related_name="endorsements")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(teacher=None, division__isnull=False) | Q(teacher__isnull=False, division=None),
                name="endorsement_of_one_log",
            )
        ]

    @property
    def who(self) -> str:
        """« Mme Roy », or the inspector as the head named them."""
        if self.reading:
            return self.reading.reader
        return self.by.formal_name if self.by else "la direction"
