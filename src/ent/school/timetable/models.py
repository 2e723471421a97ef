"""The calendar, the week as planned, and the dated sessions that everything else hangs on.

A `Session` is the one anchor of register, lesson log, homework and change. It is generated from a `RecurringLesson`
(or added by hand), and never removed once something hangs on it (`is_kept`).
"""

from datetime import date, datetime, time, timedelta
from typing import Any, Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from ent.kernel.ids import new_id
from ent.kernel.text import dated
from ent.school.people.models import Person
from ent.school.structure.models import Division, Group, SchoolYear, Subject


class WeekPattern(models.TextChoices):
    """In which weeks a lesson takes place."""

    EVERY = "", "Toutes les semaines"
    A = "A", "Semaine A"
    B = "B", "Semaine B"


class Weekday(models.IntegerChoices):
    """ISO 8601: Monday is 1."""

    MONDAY = 1, "Lundi"
    TUESDAY = 2, "Mardi"
    WEDNESDAY = 3, "Mercredi"
    THURSDAY = 4, "Jeudi"
    FRIDAY = 5, "Vendredi"
    SATURDAY = 6, "Samedi"
    SUNDAY = 7, "Dimanche"


class CalendarDay(models.Model):
    """A day the school itself takes out of the year (bridge, pedagogical day), or teaches though others do not."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    day = models.DateField("jour", unique=True)
    label = models.CharField("libellé", max_length=80)
    is_taught = models.BooleanField("jour travaillé", default=False)

    class Meta:
        ordering = ["day"]


class Week(models.Model):
    """Whether a taught week is A or B; proposed by alternation, corrected by the school."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    monday = models.DateField(unique=True)
    pattern = models.CharField(max_length=1, choices=[("A", "A"), ("B", "B")])

    class Meta:
        ordering = ["monday"]


class TimeSlot(models.Model):
    """A line of the school's grid (« M1 », 8 h – 8 h 55). Lessons keep their own hours: the grid helps to type them."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    label = models.CharField("nom", max_length=20)
    starts_at = models.TimeField("début")
    ends_at = models.TimeField("fin")
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["starts_at"]
        constraints = [
            # A grid that replaces another takes its names again.
            models.UniqueConstraint(fields=["label"], condition=Q(closed_at=None), name="one_slot_per_label"),
            models.CheckConstraint(condition=Q(starts_at__lt=F("ends_at")), name="slot_begins_before_it_ends"),
        ]

    def __str__(self) -> str:
        return f"{self.label} ({self.starts_at:%-H h %M} – {self.ends_at:%-H h %M})"

    @property
    def is_open(self) -> bool:
        return self.closed_at is None or self.closed_at > timezone.now()


class Room(models.Model):
    """A room, or a piece of equipment, that sessions take and staff book."""

    class Kind(models.TextChoices):
        ROOM = "room", "Salle"
        EQUIPMENT = "equipment", "Matériel"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField("nom", max_length=60, unique=True)
    kind = models.CharField("sorte", max_length=10, choices=Kind, default=Kind.ROOM)
    capacity = models.PositiveSmallIntegerField("places", null=True, blank=True)
    is_bookable = models.BooleanField("réservable par le personnel", default=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        return self.closed_at is None or self.closed_at > timezone.now()


class RecurringLesson(models.Model):
    """What comes back each week (cours): a weekday, hours, and in which weeks."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    year = models.ForeignKey(SchoolYear, models.CASCADE)
    subject = models.ForeignKey(Subject, models.PROTECT, null=True, blank=True)
    label = models.CharField("libellé", max_length=120, blank=True)
    weekday = models.PositiveSmallIntegerField("jour", choices=Weekday)
    starts_at = models.TimeField("début")
    ends_at = models.TimeField("fin")
    pattern = models.CharField("semaines", max_length=1, choices=WeekPattern, blank=True, default=WeekPattern.EVERY)
    # The Mondays of the weeks it takes place in, where a file names them; null: by the pattern alone.
    weeks = ArrayField(models.DateField(), null=True, blank=True)
    cancelled_weeks = ArrayField(models.DateField(), default=list, blank=True)
    starts_on = models.DateField("à partir du", null=True, blank=True)
    ends_on = models.DateField("jusqu'au", null=True, blank=True)
    # The file it came from and its key there; empty when typed by hand.
    source = models.CharField(max_length=20, blank=True)
    source_key = models.CharField(max_length=100, blank=True)
    teachers = models.ManyToManyField(Person, through="LessonTeacher", related_name="+")
    rooms = models.ManyToManyField(Room, through="LessonRoom", related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["weekday", "starts_at"]
        constraints = [
            models.CheckConstraint(condition=Q(starts_at__lt=F("ends_at")), name="lesson_begins_before_it_ends"),
            models.CheckConstraint(condition=Q(weekday__range=(1, 7)), name="lesson_has_a_weekday"),
            models.UniqueConstraint(
                fields=["year", "source", "source_key"], condition=~Q(source=""), name="one_lesson_per_source_key"
            ),
        ]

    def __str__(self) -> str:
        return self.label or str(self.subject or "Cours")


class LessonTeacher(models.Model):
    """A teacher of a recurring lesson."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    lesson = models.ForeignKey(RecurringLesson, models.CASCADE, related_name="lesson_teachers")
    teacher = models.ForeignKey(Person, models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lesson", "teacher"], name="one_teacher_each_lesson")]


class LessonAudience(models.Model):
    """A class or group of a recurring lesson."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    lesson = models.ForeignKey(RecurringLesson, models.CASCADE, related_name="audiences")
    division = models.ForeignKey(Division, models.CASCADE, null=True, blank=True, related_name="+")
    group = models.ForeignKey(Group, models.CASCADE, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(division=None, group__isnull=False) | Q(division__isnull=False, group=None),
                name="lesson_audience_is_one",
            ),
            models.UniqueConstraint(
                fields=["lesson", "division", "group"], nulls_distinct=False, name="one_audience_each_lesson"
            ),
        ]


class LessonRoom(models.Model):
    """A room of a recurring lesson."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    lesson = models.ForeignKey(RecurringLesson, models.CASCADE, related_name="lesson_rooms")
    room = models.ForeignKey(Room, models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lesson", "room"], name="one_room_each_lesson")]


class Session(models.Model):
    """A dated lesson (séance)."""

    class State(models.TextChoices):
        PLANNED = "planned", "Prévue"
        CANCELLED = "cancelled", "Annulée"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    lesson = models.ForeignKey(RecurringLesson, models.SET_NULL, null=True, blank=True, related_name="sessions")
    # The day the recurring lesson gave it: with the lesson, what makes generating twice change nothing.
    planned_on = models.DateField(null=True, blank=True)
    subject = models.ForeignKey(Subject, models.PROTECT, null=True, blank=True, related_name="+")
    label = models.CharField("libellé", max_length=120, blank=True)
    day = models.DateField()
    starts_at = models.DateTimeField("début")
    ends_at = models.DateTimeField("fin")
    state = models.CharField(max_length=10, choices=State, default=State.PLANNED)
    # Something was changed since the timetable was made: its changes say what.
    is_changed = models.BooleanField(default=False)
    # Something hangs on it (register, log, homework, change): it outlives the timetable it came from.
    is_kept = models.BooleanField(default=False)
    # Its lesson is no longer in the timetable; what hangs on it is proposed to another session.
    is_orphan = models.BooleanField(default=False)
    teachers = models.ManyToManyField(Person, through="SessionTeacher", related_name="+")
    divisions = models.ManyToManyField(Division, through="SessionAudience", related_name="+")
    groups = models.ManyToManyField(Group, through="SessionAudience", related_name="+")
    # What `queries.headed` and `queries.detailed` read beside it.
    heard: list[dict[str, str | None]]
    led: list[dict[str, str]]
    last_change: dict[str, Any] | None

    class Meta:
        ordering = ["starts_at"]
        indexes = [models.Index(fields=["day", "starts_at"], name="session_day")]
        constraints = [
            models.CheckConstraint(condition=Q(starts_at__lt=F("ends_at")), name="session_begins_before_it_ends"),
            models.UniqueConstraint(
                fields=["lesson", "planned_on"], condition=Q(lesson__isnull=False), name="one_session_per_lesson_day"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """« Mathématiques », or the label typed."""
        return self.label or str(self.subject or "Séance")

    @property
    def is_cancelled(self) -> bool:
        return self.state == self.State.CANCELLED

    @property
    def is_now(self) -> bool:
        return not self.is_cancelled and self.starts_at <= timezone.now() < self.ends_at

    @property
    def was_at(self) -> datetime | None:
        """When it would have been, where it was moved; of a session read by `queries.detailed`."""
        change = self.last_change
        return datetime.fromisoformat(change["before"]["starts_at"]) if change and change["kind"] == "moved" else None

    # Of a session read by `queries.headed` or `queries.detailed`.
    @property
    def division_codes(self) -> list[str]:
        return [one["division"] for one in self.heard if one["division"]]

    @property
    def group_codes(self) -> list[str]:
        return [one["group"] for one in self.heard if one["group"]]

    @property
    def audience(self) -> str:
        """« 5e B, 6LATIN »."""
        return ", ".join([*self.division_codes, *self.group_codes])

    @property
    def teacher_names(self) -> list[str]:
        """Who leads it or stands in."""
        return [one["name"] for one in self.led if one["part"] != SessionTeacher.Part.ABSENT]

    @property
    def absent_names(self) -> list[str]:
        return [one["name"] for one in self.led if one["part"] == SessionTeacher.Part.ABSENT]


class SessionTeacherQuerySet(models.QuerySet["SessionTeacher"]):
    """Those of sessions."""

    def present(self) -> Self:
        """Without those who are away."""
        return self.exclude(part=SessionTeacher.Part.ABSENT)


class SessionTeacher(models.Model):
    """Who leads a session: its teacher, an absent one, or who stands in. Rights over the session come from here."""

    class Part(models.TextChoices):
        LEADS = "leads", "Enseignant"
        ABSENT = "absent", "Absent"
        STANDS_IN = "stands_in", "Remplaçant"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    session = models.ForeignKey(Session, models.CASCADE, related_name="session_teachers")
    teacher = models.ForeignKey(Person, models.CASCADE, related_name="led")
    part = models.CharField(max_length=10, choices=Part, default=Part.LEADS)
    day = models.DateField()
    during = DateTimeRangeField()
    # Counts against clashes: not where the session is cancelled, the teacher absent, or a file brought the clash.
    is_exclusive = models.BooleanField(default=True)

    objects = SessionTeacherQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "teacher"], name="one_teacher_each_session"),
            ExclusionConstraint(
                name="no_teacher_twice_at_once",
                expressions=[("teacher", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                condition=Q(is_exclusive=True),
            ),
        ]
        indexes = [models.Index(fields=["teacher", "day"], name="session_teacher_day")]


class SessionAudience(models.Model):
    """A class or group a session is for."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    session = models.ForeignKey(Session, models.CASCADE, related_name="audiences")
    division = models.ForeignKey(Division, models.CASCADE, null=True, blank=True, related_name="+")
    group = models.ForeignKey(Group, models.CASCADE, null=True, blank=True, related_name="+")
    day = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(division=None, group__isnull=False) | Q(division__isnull=False, group=None),
                name="session_audience_is_one",
            ),
            models.UniqueConstraint(
                fields=["session", "division", "group"], nulls_distinct=False, name="one_audience_each_session"
            ),
        ]
        indexes = [
            models.Index(fields=["division", "day"], name="session_division_day"),
            models.Index(fields=["group", "day"], name="session_group_day"),
        ]


class RoomUse(models.Model):
    """A room taken for a time, by a session or by someone of the staff: never twice at once."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    room = models.ForeignKey(Room, models.CASCADE, related_name="uses")
    session = models.ForeignKey(Session, models.CASCADE, null=True, blank=True, related_name="room_uses")
    booked_by = models.ForeignKey(Person, models.CASCADE, null=True, blank=True, related_name="bookings")
    purpose = models.CharField("motif", max_length=120, blank=True)
    # Bookings typed at once, week after week.
    series = models.UUIDField(null=True, blank=True)
    day = models.DateField()
    during = DateTimeRangeField()
    # Not where the session is cancelled, or where a file brought two sessions into one room (a gymnasium).
    is_exclusive = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(session=None, booked_by__isnull=False) | Q(session__isnull=False, booked_by=None),
                name="room_use_is_session_or_booking",
            ),
            ExclusionConstraint(
                name="no_room_twice_at_once",
                expressions=[("room", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                condition=Q(is_exclusive=True),
            ),
        ]
        indexes = [models.Index(fields=["room", "day"], name="room_use_day")]


class SessionChange(models.Model):
    """What was changed in a session, with what stood before: shown struck through, and undone from here."""

    class Kind(models.TextChoices):
        CANCELLED = "cancelled", "Annulée"
        MOVED = "moved", "Déplacée"
        REPLACED = "replaced", "Remplacement"
        ROOM = "room", "Changement de salle"
        ADDED = "added", "Ajoutée"
        RESTORED = "restored", "Rétablie"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    session = models.ForeignKey(Session, models.CASCADE, related_name="changes")
    kind = models.CharField(max_length=10, choices=Kind)
    # {"starts_at", "ends_at", "rooms": [names], "teachers": [names], …}: only what changed.
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    reason = models.CharField("motif", max_length=200, blank=True)
    by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["at"]


class TeacherAbsence(models.Model):
    """A teacher is away: the sessions of that time are to be replaced, moved or cancelled."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    teacher = models.ForeignKey(Person, models.CASCADE, related_name="teacher_absences")
    starts_at = models.DateTimeField("du")
    ends_at = models.DateTimeField("au")
    # Seen by those who organise replacements alone.
    reason = models.CharField("motif", max_length=120, blank=True)
    recorded_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["starts_at"]
        constraints = [models.CheckConstraint(condition=Q(starts_at__lt=F("ends_at")), name="absence_has_a_length")]

    @property
    def when(self) -> str:
        """« du jeudi 26 au samedi 28 novembre »: whole days end at midnight, which nobody says."""
        starts, ends = timezone.localtime(self.starts_at), timezone.localtime(self.ends_at)
        if starts.time() == ends.time() == time.min:
            first, last = dated(starts), dated(ends - timedelta(days=1))
            return f"le {first}" if first == last else f"du {first} au {last}"
        hour = "l j F, G \\h i"
        return f"du {dated(starts, hour)} au {dated(ends, hour)}"


class ReplacementCall(models.Model):
    """A colleague free at that hour is asked to stand in; the first yes is confirmed by the school's direction."""

    class State(models.TextChoices):
        ASKED = "asked", "Demandé"
        ACCEPTED = "accepted", "Accepté"
        DECLINED = "declined", "Décliné"
        CONFIRMED = "confirmed", "Confirmé"
        CLOSED = "closed", "Sans suite"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    session = models.ForeignKey(Session, models.CASCADE, related_name="calls")
    colleague = models.ForeignKey(Person, models.CASCADE, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.ASKED)
    asked_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "colleague"], name="one_call_each_colleague"),
            models.UniqueConstraint(
                fields=["session"], condition=Q(state="confirmed"), name="one_stand_in_each_session"
            ),
        ]


class CalendarFeed(models.Model):
    """A private iCalendar address of a person; only its digest is kept."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="calendar_feeds")
    # A guardian's feed is of one child; otherwise of the person.
    about = models.ForeignKey(Person, models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)


class NameMatch(models.Model):
    """What a name of a timetable file stands for in this school: remembered from one import to the next."""

    class Kind(models.TextChoices):
        TEACHER = "teacher", "Enseignant"
        DIVISION = "division", "Classe"
        GROUP = "group", "Groupe"
        SUBJECT = "subject", "Matière"
        ROOM = "room", "Salle"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=10, choices=Kind)
    name = models.CharField(max_length=200)
    # Null: to be left out.
    object_id = models.UUIDField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "name"], name="one_match_per_name")]


class TimetableImport(models.Model):
    """A timetable file: read, settled name by name, applied in one transaction, undone within seven days."""

    class State(models.TextChoices):
        READ = "read", "À vérifier"
        APPLIED = "applied", "Appliqué"
        UNDONE = "undone", "Annulé"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    file = models.FileField(upload_to="timetables")
    file_name = models.CharField(max_length=200)
    format = models.CharField(max_length=20, blank=True)
    # Of a table: column → field. Of a calendar: whose it is.
    mapping = models.JSONField(default=dict)
    report = models.JSONField(default=dict)
    # What stood before it was applied, to undo.
    undo = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.READ)
    uploaded_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    uploaded_at = models.DateTimeField(default=timezone.now)
    applied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-uploaded_at"]


def still_open() -> Q:
    """What is not closed yet (a room, a line of the grid): a closing may be for later."""
    return Q(closed_at=None) | Q(closed_at__gt=timezone.now())


def monday_of(day: date) -> date:
    """The Monday of a day's week."""
    return date.fromordinal(day.toordinal() - day.weekday())
