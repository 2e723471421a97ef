"""Registers and what they say. Present is the rule: only what departs from it has a row."""

from datetime import date, timedelta
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.dispatch import Signal
from django.utils import timezone

from ent.kernel.ids import new_id
from ent.kernel.text import dated, hour
from ent.school.people.models import Person
from ent.school.structure.models import Division, Group, Subject
from ent.school.timetable.models import Room, Session, Weekday

# A pupil sent somewhere is expected there within this time.
EXPECTED_WITHIN = timedelta(minutes=5)

# Sent after attendances were written, in the same transaction: `pupils` (ids), `day`, `by` (a Person or None).
attendance_changed = Signal()


class Register(models.Model):
    """The sheet of one session: that it was called is a record, even when all are there."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    session = models.OneToOneField(Session, models.PROTECT, related_name="register")
    day = models.DateField()
    taken_at = models.DateTimeField()
    received_at = models.DateTimeField(default=timezone.now)
    taken_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    # Goes up with each sending: a device that knew an older one is told what changed meanwhile.
    version = models.PositiveIntegerField(default=1)
    pupil_count = models.PositiveSmallIntegerField(default=0)
    absent_count = models.PositiveSmallIntegerField(default=0)
    # {pupil: [theirs, ours]} of the last sending made on an older version, until a person settles it.
    open_conflicts = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["day"], name="register_day")]


class RegisterSubmission(models.Model):
    """A sending of a register by a device, once: the same `client_id` again changes nothing."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    client_id = models.UUIDField(unique=True)
    register = models.ForeignKey(Register, models.CASCADE, related_name="submissions")
    by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    based_on = models.PositiveIntegerField(default=0)
    taken_at = models.DateTimeField()
    received_at = models.DateTimeField(default=timezone.now)
    # {pupil id: [theirs, ours]}: what someone else had said meanwhile, to be settled by a person.
    conflicts = models.JSONField(default=dict)


class AttendanceState(models.TextChoices):
    PRESENT = "present", "Présent"
    ABSENT = "absent", "Absent"
    LATE = "late", "En retard"
    LEFT_EARLY = "left_early", "Parti avant la fin"
    # Here, but not in the room: infirmary, office, outing, sent out.
    ELSEWHERE = "elsewhere", "Ailleurs dans l'établissement"
    EXEMPT = "exempt", "Dispensé"


class Attendance(models.Model):
    """How a pupil's presence in a session stands now; `AttendanceEvent` says how it came to be."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    session = models.ForeignKey(Session, models.PROTECT, related_name="attendances")
    pupil = models.ForeignKey(Person, models.CASCADE, related_name="attendances")
    state = models.CharField(max_length=10, choices=AttendanceState)
    # Late: after how many minutes they came. Left early: how many before the end.
    minutes = models.PositiveSmallIntegerField(default=0)
    day = models.DateField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    note = models.CharField(max_length=200, blank=True)
    recorded_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "pupil"], name="one_attendance_each"),
            models.CheckConstraint(condition=Q(starts_at__lt=F("ends_at")), name="attendance_has_a_length"),
        ]
        indexes = [
            models.Index(fields=["pupil", "day"], name="attendance_pupil_day"),
            models.Index(fields=["day", "state"], name="attendance_day"),
        ]


class AttendanceEvent(models.Model):
    """One thing said of a pupil's presence, by whom, when: nothing is erased (the database role may only insert)."""

    append_only = True

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    session = models.ForeignKey(Session, models.PROTECT, related_name="+")
    pupil = models.ForeignKey(Person, models.CASCADE, related_name="+")
    state = models.CharField(max_length=10, choices=AttendanceState)
    minutes = models.PositiveSmallIntegerField(default=0)
    reason = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at"]
        indexes = [models.Index(fields=["pupil", "session"], name="attendance_event_of")]


class SeatingPlan(models.Model):
    """Where a teacher's pupils sit in a room (plan de classe): a grid seen from the teacher's desk."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    teacher = models.ForeignKey(Person, models.CASCADE, related_name="+")
    division = models.ForeignKey(Division, models.CASCADE, null=True, blank=True, related_name="+")
    group = models.ForeignKey(Group, models.CASCADE, null=True, blank=True, related_name="+")
    room = models.ForeignKey(Room, models.CASCADE, null=True, blank=True, related_name="+")
    rows = models.PositiveSmallIntegerField("rangées", default=5)
    columns = models.PositiveSmallIntegerField("places par rangée", default=6)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["teacher", "division", "group", "room"], nulls_distinct=False, name="one_seating_plan_each"
            ),
            models.CheckConstraint(
                condition=Q(rows__range=(1, 12), columns__range=(1, 12)), name="seating_plan_fits_a_page"
            ),
        ]


class Seat(models.Model):
    """A pupil's seat in a plan."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    plan = models.ForeignKey(SeatingPlan, models.CASCADE, related_name="seats")
    pupil = models.ForeignKey(Person, models.CASCADE, related_name="+")
    row = models.PositiveSmallIntegerField()
    column = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "pupil"], name="one_seat_each_pupil"),
            models.UniqueConstraint(fields=["plan", "row", "column"], name="one_pupil_each_seat"),
        ]


class Exemption(models.Model):
    """A pupil is exempt from a subject, or from all, for a time (dispense, inaptitude)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    pupil = models.ForeignKey(Person, models.CASCADE, related_name="exemptions")
    subject = models.ForeignKey(Subject, models.CASCADE, null=True, blank=True, related_name="+")
    weekday = models.PositiveSmallIntegerField("jour", null=True, blank=True)
    starts_on = models.DateField("du")
    ends_on = models.DateField("au")
    must_attend = models.BooleanField("doit assister au cours", default=True)
    reason = models.CharField("motif", max_length=200, blank=True)
    document = models.FileField(upload_to="exemptions", blank=True)
    document_name = models.CharField(max_length=150, blank=True)
    document_size = models.PositiveIntegerField(default=0)
    recorded_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(starts_on__lte=F("ends_on")), name="exemption_begins_before_it_ends")
        ]

    @property
    def weekday_words(self) -> str:
        """« mardi »; empty for every day."""
        return str(Weekday(self.weekday).label).lower() if self.weekday else ""


class Outing(models.Model):
    """Many pupils are elsewhere at once (trip, exam, internship, strike): one entry, with exceptions."""

    class Kind(models.TextChoices):
        TRIP = "trip", "Sortie ou voyage"
        INTERNSHIP = "internship", "Stage"
        EXAM = "exam", "Examen"
        COMPETITION = "competition", "Compétition"
        CLOSURE = "closure", "Cours non assurés"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField("sorte", max_length=15, choices=Kind)
    title = models.CharField("intitulé", max_length=120)
    starts_at = models.DateTimeField("début")
    ends_at = models.DateTimeField("fin")
    recorded_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)
    pupils = models.ManyToManyField(Person, through="OutingPupil", related_name="outings")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(starts_at__lt=F("ends_at")), name="outing_has_a_length")]

    @property
    def when(self) -> str:
        """« 4 décembre, de 8 h à 17 h », « du 4 décembre, 8 h au 6 décembre, 17 h »."""
        first, last = timezone.localtime(self.starts_at), timezone.localtime(self.ends_at)
        if first.date() == last.date():
            return f"{dated(first, 'j F')}, de {hour(first)} à {hour(last)}"
        return f"du {dated(first, 'j F')}, {hour(first)} au {dated(last, 'j F')}, {hour(last)}"


class OutingPupil(models.Model):
    """A pupil of an outing; one who stays at school is an exception that is kept."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    outing = models.ForeignKey(Outing, models.CASCADE, related_name="outing_pupils")
    pupil = models.ForeignKey(Person, models.CASCADE, related_name="+")
    stays = models.BooleanField("reste dans l'établissement", default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["outing", "pupil"], name="one_outing_pupil_each")]


class PassageQuerySet(models.QuerySet["Passage"]):
    """Those of pupils."""

    def of_day(self, day: date) -> Self:
        """Sent or received that day."""
        return self.filter(Q(sent_at__date=day) | Q(received_at__date=day))


class Passage(models.Model):
    """A pupil leaves a session for the infirmary, an office, study: sent, received, gone back."""

    class Place(models.TextChoices):
        INFIRMARY = "infirmary", "Infirmerie"
        STUDENT_LIFE = "student_life", "Vie scolaire"
        OFFICE = "office", "Direction ou secrétariat"
        LIBRARY = "library", "CDI"
        STUDY = "study", "Permanence"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    pupil = models.ForeignKey(Person, models.CASCADE, related_name="passages")
    place = models.CharField("lieu", max_length=15, choices=Place)
    # Sent out of a lesson by its teacher (exclusion ponctuelle), with a report.
    is_removal = models.BooleanField(default=False)
    session = models.ForeignKey(Session, models.PROTECT, null=True, blank=True, related_name="+")
    sent_at = models.DateTimeField(null=True, blank=True)
    sent_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    received_at = models.DateTimeField(null=True, blank=True)
    received_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    left_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField("motif", max_length=200, blank=True)
    # Of a removal: what the pupil has to do meanwhile, who walked with them, when the family was told of it.
    work = models.CharField("travail à faire", max_length=300, blank=True)
    companion = models.ForeignKey(
        Person, models.SET_NULL, null=True, blank=True, verbose_name="accompagné par", related_name="+"
    )
    told_at = models.DateTimeField(null=True, blank=True)
    # Not received in time: the direction was told.
    escalated_at = models.DateTimeField(null=True, blank=True)
    # What the nurse writes is read by nurses alone.
    care_note = models.TextField("note de soin", blank=True)

    objects = PassageQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["pupil", "sent_at"], name="passage_of_pupil")]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_removal=False) | Q(session__isnull=False, sent_at__isnull=False),
                name="removal_is_from_a_session",
            )
        ]

    @property
    def is_overdue(self) -> bool:
        """Sent, and nobody has received them in time."""
        return (
            self.received_at is None and self.sent_at is not None and timezone.now() - self.sent_at >= EXPECTED_WITHIN
        )

    @property
    def steps(self) -> str:
        """« envoyé à 10 h 12, reçu à 10 h 16 »."""
        said = (("envoyé", self.sent_at), ("reçu", self.received_at), ("reparti", self.left_at))
        return ", ".join(f"{word} à {hour(at)}" for word, at in said if at)


class ExitScheme(models.Model):
    """When pupils may leave (régime de sortie), under the name the school gives it; `ExitTerms` say what it allows."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField("nom", max_length=60)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["name"], condition=Q(closed_at=None), name="one_open_exit_scheme_a_name")
        ]

    def __str__(self) -> str:
        return self.name


# What a scheme may allow, in words.
EXITS = {
    "after_last_lesson": "après le dernier cours de la demi-journée",
    "between_lessons": "entre deux cours",
    "if_cancelled": "plus tôt quand un cours est annulé",
}


class ExitTerms(models.Model):
    """What an exit scheme allows from a day on, and to whom; what held before stays as it was."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    scheme = models.ForeignKey(ExitScheme, models.CASCADE, related_name="terms")
    starts_on = models.DateField("à partir du")
    after_last_lesson = models.BooleanField("sortir après le dernier cours de la demi-journée", default=False)
    between_lessons = models.BooleanField("sortir entre deux cours", default=False)
    if_cancelled = models.BooleanField("sortir plus tôt quand un cours est annulé", default=False)
    for_day_pupils = models.BooleanField("externes", default=True)
    for_half_boarders = models.BooleanField("demi-pensionnaires", default=True)
    for_boarders = models.BooleanField("internes", default=False)
    recorded_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-starts_on"]
        constraints = [models.UniqueConstraint(fields=["scheme", "starts_on"], name="one_terms_a_day")]

    @property
    def words(self) -> str:
        """« Sort après le dernier cours, même annulé · externes, demi-pensionnaires »."""
        may = [words for flag, words in EXITS.items() if getattr(self, flag)]
        whom = [words for holds, words in (
            (self.for_day_pupils, "externes"), (self.for_half_boarders, "demi-pensionnaires"),
            (self.for_boarders, "internes"),
        ) if holds]  # fmt: skip
        allowed = f"Sort {', '.join(may)}" if may else "Reste jusqu'à la fin des cours de l'établissement"
        return f"{allowed} · {', '.join(whom) or 'personne'}"


class ExitChoice(models.Model):
    """The exit scheme of a pupil from a day on (none: student life decides); earlier ones stay."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    pupil = models.ForeignKey(Person, models.CASCADE, related_name="exit_choices")
    scheme = models.ForeignKey(ExitScheme, models.PROTECT, null=True, blank=True, related_name="choices")
    starts_on = models.DateField("à partir du")
    recorded_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-starts_on"]
        constraints = [models.UniqueConstraint(fields=["pupil", "starts_on"], name="one_exit_choice_a_day")]


class ServiceRegister(models.Model):
    """The sheet of a service on a day: canteen, study, boarding."""

    class Service(models.TextChoices):
        CANTEEN = "canteen", "Cantine"
        STUDY = "study", "Permanence"
        BOARDING = "boarding", "Internat"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    service = models.CharField(max_length=10, choices=Service)
    day = models.DateField()
    # Study has several a day: the hour it begins.
    starts_at = models.TimeField(null=True, blank=True)
    taken_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    taken_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["service", "day", "starts_at"], nulls_distinct=False, name="one_service_register_each"
            )
        ]


class ServicePresence(models.Model):
    """A pupil came to a service, or did not though expected."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    register = models.ForeignKey(ServiceRegister, models.CASCADE, related_name="presences")
    pupil = models.ForeignKey(Person, models.CASCADE, related_name="+")
    is_present = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["register", "pupil"], name="one_service_presence_each")]
