"""Notes home (mots et autorisations): what families read, sign or allow by a date, and what each one answered."""

from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.utils import timezone

from ent.kernel.ids import new_id
from ent.school.people.access import parental_ties
from ent.school.people.models import Person
from ent.school.structure.models import Division, Group


class Answer(models.TextChoices):
    """What someone says to a note."""

    READ = "read", "Lu"
    SIGNED = "signed", "Lu et signé"
    YES = "yes", "Autorise"
    NO = "no", "N'autorise pas"


class Note(models.Model):
    """A message or a permission slip; a draft until it is sent, then as it is: it may only be withdrawn."""

    class Kind(models.TextChoices):
        READ = "read", "À lire"
        SIGN = "sign", "À lire et signer"
        PERMISSION = "permission", "Autorisation : oui ou non"

    class Asks(models.TextChoices):
        ONE = "one", "Un responsable suffit"
        EVERY = "every", "Chaque responsable légal"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    title = models.CharField("titre", max_length=120)
    content = models.TextField("texte")
    kind = models.CharField("ce que vous demandez", max_length=10, choices=Kind, default=Kind.SIGN)
    due_on = models.DateField("réponse avant le")
    asks = models.CharField("qui répond", max_length=5, choices=Asks, default=Asks.ONE)
    # Pupils who are of age answer themselves, in their parents' place.
    asks_adults = models.BooleanField("les élèves majeurs répondent eux-mêmes", default=False)
    author = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    # Families are reminded once a day at most.
    reminded_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["-sent_at", "-created_at"]
        indexes = [
            models.Index(fields=["author", "due_on"], name="note_of_author"),
            models.Index(fields=["due_on"], condition=Q(withdrawn_at=None), name="note_due"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def answers(self) -> tuple[Answer, ...]:
        """What may be answered."""
        return {
            Note.Kind.READ: (Answer.READ,),
            Note.Kind.SIGN: (Answer.SIGNED,),
            Note.Kind.PERMISSION: (Answer.YES, Answer.NO),
        }[Note.Kind(self.kind)]

    @property
    def is_over(self) -> bool:
        """Past the day it was due."""
        return timezone.localdate() > self.due_on


class NoteAudience(models.Model):
    """A class, a group or a pupil that a note is for."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    note = models.ForeignKey(Note, models.CASCADE, related_name="audiences")
    division = models.ForeignKey(Division, models.CASCADE, null=True, blank=True, related_name="+")
    group = models.ForeignKey(Group, models.CASCADE, null=True, blank=True, related_name="+")
    pupil = models.ForeignKey(Person, models.CASCADE, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(division__isnull=False, group=None, pupil=None)
                | Q(division=None, group__isnull=False, pupil=None)
                | Q(division=None, group=None, pupil__isnull=False),
                name="note_audience_is_one",
            ),
            models.UniqueConstraint(
                fields=["note", "division", "group", "pupil"], nulls_distinct=False, name="one_audience_each_note"
            ),
        ]

    def __str__(self) -> str:
        return str(self.division or self.group or self.pupil)


class NoteFile(models.Model):
    """A document joined to a note."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    note = models.ForeignKey(Note, models.CASCADE, related_name="files")
    file = models.FileField(upload_to="notes")
    name = models.CharField(max_length=160)
    size = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["id"]


def is_asked() -> Q:
    """Of a line: whoever it names may answer still; nobody it names (null) is asked on paper.

    A pupil who answers for themself; a guardian while they have authority, are not kept away and are here.
    """
    tie = parental_ties().filter(relative=OuterRef("person"), pupil=OuterRef("pupil"))
    return Q(person=None) | Q(person=F("pupil")) | Q(Exists(tie))


class RecipientQuerySet(models.QuerySet):
    def told_apart(self):
        """Each line with `is_asked`: false of who lost authority since it was sent."""
        return self.annotate(is_asked=Case(When(is_asked(), then=Value(True)), default=Value(False)))

    def waiting(self):
        """Those whose answer is still missing: of sent notes, for pupils who are here.

        Where one guardian is enough, nobody is waited for once one has answered; after a refusal, nobody either. Who
        lost authority is not waited for; where nobody else is left to ask, the pupil's line still waits.
        """
        same = NoteRecipient.objects.filter(note=OuterRef("note"), pupil=OuterRef("pupil"))
        others = same.exclude(answer="")
        everyone = Q(note__asks=Note.Asks.EVERY) & ~Exists(others.filter(answer=Answer.NO))
        nobody_else = ~Exists(others) & ~Exists(same.filter(is_asked()))
        return self.filter(
            everyone | ~Exists(others), is_asked() | nobody_else, answer="", note__sent_at__isnull=False,
            note__withdrawn_at=None, pupil__closed_at=None,
        )  # fmt: skip


class NoteRecipient(models.Model):
    """Who answers for a pupil, written down when the note is sent; nobody (null) where the directory names nobody.

    The last answer stands here, every answer in `NoteAnswer`.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    note = models.ForeignKey(Note, models.CASCADE, related_name="recipients")
    pupil = models.ForeignKey(Person, models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, models.CASCADE, null=True, blank=True, related_name="+")
    answer = models.CharField(max_length=6, choices=Answer, blank=True)
    answered_on = models.DateField(null=True, blank=True)
    is_late = models.BooleanField(default=False)
    on_paper = models.BooleanField(default=False)
    # As it stands on the paper.
    signer = models.CharField(max_length=120, blank=True)

    objects = RecipientQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["note", "pupil", "person"], nulls_distinct=False, name="one_recipient_each_note"
            ),
            models.CheckConstraint(
                condition=Q(answer="", answered_on=None) | (~Q(answer="") & Q(answered_on__isnull=False)),
                name="note_answer_has_a_day",
            ),
        ]
        indexes = [
            models.Index(fields=["person", "pupil"], name="note_of_person"),
            models.Index(fields=["pupil"], name="note_of_pupil"),
        ]

    @property
    def who(self) -> str:
        """« Mme Éloïse Durand »: who signed, or who is asked."""
        if self.signer:
            return self.signer
        return self.person.formal_name if self.person else "Personne n'est connu pour signer"

    @property
    def entered_by(self) -> Person | None:
        """Of a paper: who entered it. Reads the history that was fetched with the line."""
        answers = list(self.history.all())
        return answers[-1].entered_by if self.on_paper and answers else None


class NoteAnswer(models.Model):
    """One answer: kept as it was given, also when another one follows."""

    append_only = True

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    recipient = models.ForeignKey(NoteRecipient, models.CASCADE, related_name="history")
    answer = models.CharField(max_length=6, choices=Answer)
    at = models.DateTimeField(default=timezone.now)
    answered_on = models.DateField()
    is_late = models.BooleanField(default=False)
    on_paper = models.BooleanField(default=False)
    signer = models.CharField(max_length=120, blank=True)
    # Of a paper: the member of staff who entered it.
    entered_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["at", "id"]
