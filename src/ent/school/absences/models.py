"""Absences as the school and the families settle them: cases, notices, follow-up, letters, alerts."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from ent.kernel.ids import new_id
from ent.school.absences.wording import span_words
from ent.school.people.models import Function, Person


class AbsenceReason(models.Model):
    """Why a pupil is away, with what follows from it.

    A property that changes closes the row and opens another under the same code: what was decided under the former
    keeps it.
    """

    class Source(models.TextChoices):
        NATIONAL = "national", "Liste de départ"
        SCHOOL = "school", "Ajouté par l'établissement"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=40)
    label = models.CharField("motif", max_length=80)
    source = models.CharField(max_length=10, choices=Source, default=Source.SCHOOL)
    # Code de l'éducation, article L131-8: the grounds that the law itself takes for legitimate.
    is_legal_ground = models.BooleanField("motif légitime", default=False)
    # Its label is hidden from teachers and form tutors.
    is_health = models.BooleanField("santé (motif caché aux enseignants)", default=False)
    is_out_of_school = models.BooleanField("hors de l'établissement", default=True)
    parents_may_choose = models.BooleanField("proposé aux familles", default=False)
    counts_in_alerts = models.BooleanField("compte pour les seuils", default=True)
    is_published = models.BooleanField("visible des familles", default=True)
    opened_at = models.DateTimeField(default=timezone.now)
    opened_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["label"]
        constraints = [
            models.UniqueConstraint(fields=["code"], condition=Q(closed_at=None), name="one_open_reason_per_code")
        ]

    def __str__(self) -> str:
        return self.label


class CaseKind(models.TextChoices):
    ABSENCE = "absence", "Absence"
    LATENESS = "lateness", "Retard"


class AbsenceCase(models.Model):
    """Sessions missed one after the other, be it over several days, or one late arrival: what a family answers for
    at once. `day` is its first day.

    Two states that do not depend on each other: settled (the family answered), valid (the reason is accepted).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    pupil = models.ForeignKey(Person, models.CASCADE, related_name="absence_cases")
    kind = models.CharField(max_length=10, choices=CaseKind)
    day = models.DateField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    # As counted when the registers last changed: « 2026-11-24 M », « 2026-11-24 S »; share of the hours planned.
    half_days = ArrayField(models.CharField(max_length=12), default=list)
    share = models.DecimalField(max_digits=6, decimal_places=3, default=0)
    minutes = models.PositiveIntegerField(default=0)
    session_count = models.PositiveSmallIntegerField(default=1)
    reason = models.ForeignKey(AbsenceReason, models.PROTECT, null=True, blank=True, related_name="+")
    is_settled = models.BooleanField(default=False)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    is_valid = models.BooleanField(null=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    refusal = models.CharField(max_length=300, blank=True)
    # Families were told at once: not twice for one case.
    told_at = models.DateTimeField(null=True, blank=True)
    # The registers no longer say so; what was done about it stays.
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-starts_at"]
        constraints = [
            models.CheckConstraint(condition=Q(starts_at__lt=F("ends_at")), name="case_has_a_length"),
            models.UniqueConstraint(
                fields=["pupil", "kind", "starts_at"], condition=Q(removed_at=None), name="one_case_each_start"
            ),
            models.CheckConstraint(condition=Q(is_settled=False) | ~Q(settled_at=None), name="settled_case_is_dated"),
            models.CheckConstraint(condition=Q(is_valid=None) | ~Q(decided_at=None), name="decided_case_is_dated"),
        ]
        indexes = [
            models.Index(fields=["pupil", "day"], name="case_pupil_day"),
            models.Index(fields=["day", "kind"], name="case_day"),
            models.Index(fields=["day"], condition=Q(is_settled=False, removed_at=None), name="case_to_settle"),
        ]


class CaseEvent(models.Model):
    """One thing decided of a case, by whom, when: nothing is erased."""

    append_only = True

    class Act(models.TextChoices):
        SETTLED = "settled", "Réglée"
        REOPENED = "reopened", "Rouverte"
        VALID = "valid", "Motif accepté"
        REFUSED = "refused", "Motif refusé"
        REASON = "reason", "Motif changé"
        REMOVED = "removed", "Corrigée : l'élève était là"
        RESTORED = "restored", "De nouveau notée par l'appel"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(AbsenceCase, models.CASCADE, related_name="events")
    act = models.CharField(max_length=10, choices=Act)
    words = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at"]
        indexes = [models.Index(fields=["case"], name="case_event_of")]


class AbsenceNotice(models.Model):
    """What a family says of an absence, before (announces) or after (justifies): from the ENT, the desk, the phone."""

    class Kind(models.TextChoices):
        ANNOUNCES = "announces", "Absence annoncée"
        JUSTIFIES = "justifies", "Absence justifiée"

    class Way(models.TextChoices):
        ENT = "ent", "Sur l'ENT"
        DESK = "desk", "Au bureau de la vie scolaire"
        PHONE = "phone", "Par téléphone"
        LETTER = "letter", "Par un mot écrit"

    class State(models.TextChoices):
        RECEIVED = "received", "Reçue"
        CERTIFICATE = "certificate", "Document demandé"
        ACCEPTED = "accepted", "Acceptée"
        REFUSED = "refused", "Refusée"
        WITHDRAWN = "withdrawn", "Retirée par la famille"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # The sending of a form, once: a double click makes one notice.
    client_id = models.UUIDField(unique=True, default=new_id)
    pupil = models.ForeignKey(Person, models.CASCADE, related_name="absence_notices")
    kind = models.CharField(max_length=10, choices=Kind)
    way = models.CharField(max_length=10, choices=Way, default=Way.ENT)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    # These very hours and no more: what was missed of the same day beside them stays to be explained.
    is_exact = models.BooleanField(default=False)
    reason = models.ForeignKey(AbsenceReason, models.PROTECT, related_name="+")
    text = models.CharField(max_length=500, blank=True)
    document = models.FileField(upload_to="absences", blank=True)
    document_name = models.CharField(max_length=150, blank=True)
    document_size = models.PositiveIntegerField(default=0)
    by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=12, choices=State, default=State.RECEIVED)
    answer = models.CharField(max_length=300, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["-at"]
        constraints = [
            models.CheckConstraint(condition=Q(starts_at__lt=F("ends_at")), name="notice_has_a_length"),
            models.CheckConstraint(condition=~Q(state="refused") | ~Q(answer=""), name="refused_notice_says_why"),
        ]
        indexes = [
            models.Index(fields=["pupil", "starts_at"], name="notice_of_pupil"),
            models.Index(fields=["at"], condition=Q(state="received"), name="notice_waiting"),
        ]

    @property
    def when(self) -> str:
        """« demain, toute la journée »."""
        return span_words(self.starts_at, self.ends_at)


class FollowUp(models.Model):
    """One thing done to reach a family, and what comes next."""

    class Act(models.TextChoices):
        CALL_MADE = "call_made", "Appel sans réponse"
        VOICEMAIL = "voicemail", "Message sur le répondeur"
        REACHED = "reached", "Famille jointe"
        CALL_RECEIVED = "received", "Appel reçu de la famille"
        MESSAGE = "message", "Message envoyé"
        LETTER = "letter", "Courrier envoyé"
        MEETING = "meeting", "Rendez-vous"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    pupil = models.ForeignKey(Person, models.CASCADE, related_name="absence_follow_ups")
    case = models.ForeignKey(AbsenceCase, models.CASCADE, null=True, blank=True, related_name="follow_ups")
    act = models.CharField("ce qui a été fait", max_length=10, choices=Act)
    # Read by the staff who follow absences, never by families.
    note = models.CharField("note", max_length=300, blank=True)
    next_step = models.CharField("suite à donner", max_length=120, blank=True)
    next_on = models.DateField("le", null=True, blank=True)
    next_done_at = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at"]
        indexes = [
            models.Index(fields=["pupil", "-at"], name="follow_up_of"),
            models.Index(
                fields=["next_on"], condition=Q(next_done_at=None, next_on__isnull=False), name="follow_up_next"
            ),
        ]


class FamilyLetter(models.Model):
    """A case was written to a guardian in a kind of letter: once."""

    class Kind(models.TextChoices):
        ASK = "ask", "Demander le motif des absences"
        WARN = "warn", "Rappeler l'obligation d'assiduité"

    class Way(models.TextChoices):
        PAPER = "paper", "Courrier"
        MESSAGE = "message", "Message (ENT, courriel, SMS)"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(AbsenceCase, models.CASCADE, related_name="letters")
    recipient = models.ForeignKey(Person, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=5, choices=Kind)
    way = models.CharField(max_length=8, choices=Way)
    # Those printed or sent at once.
    batch = models.UUIDField()
    by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at"]
        constraints = [
            models.UniqueConstraint(fields=["case", "recipient", "kind", "way"], name="one_letter_each_case")
        ]


class AlertRule(models.Model):
    """From how many, in how many days, someone named is told."""

    class Kind(models.TextChoices):
        HALF_DAYS = "half_days", "Demi-journées d'absence sans motif accepté"
        LATENESSES = "lates", "Retards"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField("ce qui est compté", max_length=10, choices=Kind)
    count = models.PositiveSmallIntegerField("à partir de")
    window_days = models.PositiveSmallIntegerField("sur (jours)", default=30)
    owner_function = models.CharField("suivi par", max_length=15, choices=Function)
    # Code de l'éducation, L131-8 and R131-7: ends with a report to the academy.
    is_legal = models.BooleanField(default=False)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["kind", "count"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "count", "window_days"], condition=Q(closed_at=None), name="one_open_rule_each"
            ),
            models.CheckConstraint(condition=Q(count__gt=0) & Q(window_days__gt=0), name="rule_counts_something"),
        ]

    def __str__(self) -> str:
        what = "demi-journées d'absence sans motif accepté" if self.kind == self.Kind.HALF_DAYS else "retards"
        return f"{self.count} {what} en {self.window_days} jours"


class Alert(models.Model):
    """A pupil passed a threshold: a procedure with an owner, steps, an end."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    pupil = models.ForeignKey(Person, models.CASCADE, related_name="absence_alerts")
    rule = models.ForeignKey(AlertRule, models.PROTECT, related_name="+")
    counted = models.PositiveSmallIntegerField()
    # The days counted, first and last: the next alert of the rule counts from after.
    from_day = models.DateField()
    to_day = models.DateField()
    opened_at = models.DateTimeField(default=timezone.now)
    owner = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    closing = models.CharField("conclusion", max_length=300, blank=True)

    class Meta:
        ordering = ["-opened_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["pupil", "rule"], condition=Q(closed_at=None), name="one_open_alert_each_rule"
            )
        ]


class AlertStep(models.Model):
    """A step of the procedure: to be done by someone named, by a day; then done, and dated."""

    class Kind(models.TextChoices):
        CONTACT = "contact", "Contacter la famille"
        MEETING = "meeting", "Recevoir la famille"
        DIALOGUE = "dialogue", "Parler avec l'élève"
        REMINDER = "reminder", "Rappeler par écrit l'obligation d'assiduité"
        TEAM = "team", "Réunir la commission éducative et signer les mesures avec la famille"
        COMMUNITY = "community", "Réunir la communauté éducative et proposer une aide à la famille"
        REFERENT = "referent", "Désigner un personnel d'éducation référent"
        REPORT = "report", "Transmettre le dossier à l'académie"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    alert = models.ForeignKey(Alert, models.CASCADE, related_name="steps")
    kind = models.CharField("étape", max_length=10, choices=Kind)
    owner = models.ForeignKey(
        Person, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="confiée à"
    )
    due_on = models.DateField("à faire pour le", null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)
    done_on = models.DateField("fait le", null=True, blank=True)
    note = models.CharField("note", max_length=300, blank=True)
    by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["done_on", "due_on", "at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(due_on__isnull=False) | Q(done_on__isnull=False), name="step_is_due_or_done"
            ),
            models.UniqueConstraint(fields=["alert", "kind"], condition=Q(done_on=None), name="one_open_step_each"),
        ]
        indexes = [models.Index(fields=["due_on"], condition=Q(done_on=None), name="step_due")]

    @property
    def is_late(self) -> bool:
        """Its day has passed."""
        return self.done_on is None and self.due_on is not None and self.due_on < timezone.localdate()


class AcademyReport(models.Model):
    """A pupil's file handed to the academy (code de l'éducation, R131-7): kept as it stood the day it was sent."""

    class Way(models.TextChoices):
        MAIL = "mail", "Courrier"
        EMAIL = "email", "Courriel professionnel"
        HANDED = "handed", "Remis en main propre"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    alert = models.OneToOneField(Alert, models.CASCADE, related_name="report")
    observations = models.TextField("avis du chef d'établissement", max_length=2000, blank=True)
    written_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    written_at = models.DateTimeField(default=timezone.now)
    # What it said: written once, when it leaves.
    content = models.JSONField(null=True, blank=True)
    sent_on = models.DateField("envoyé le", null=True, blank=True)
    way = models.CharField("comment", max_length=6, choices=Way, blank=True)
    sent_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    acknowledged_on = models.DateField("accusé de réception du", null=True, blank=True)
    answer = models.CharField("suite donnée par l'académie", max_length=500, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(sent_on=None, content=None) | Q(sent_on__isnull=False, content__isnull=False),
                name="sent_report_is_kept",
            ),
            models.CheckConstraint(
                condition=Q(acknowledged_on=None) | Q(acknowledged_on__gte=F("sent_on")),
                name="report_is_sent_before_it_is_received",
            ),
        ]
