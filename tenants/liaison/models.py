"""What the platform and its schools tell each other. Schools push counts and never a name of a person."""

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from ent.kernel.ids import new_id
from tenants.models import School


class SchoolPulse(models.Model):
    """One role in one school on one day: how many accounts, and how many people came. Rewritten every hour."""

    school = models.ForeignKey(School, models.CASCADE, related_name="pulses")
    day = models.DateField()
    # A kernel.access.Role of people in schools, grouped: pupil, guardian, teacher, other staff.
    role = models.CharField(max_length=15)
    accounts = models.PositiveIntegerField(default=0)
    activated = models.PositiveIntegerField(default=0)
    came_today = models.PositiveIntegerField(default=0)
    came_this_week = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["school", "day", "role"], name="one_pulse_per_day_and_role")]
        indexes = [models.Index(fields=["day", "role"], name="pulse_by_day")]


class SchoolActivity(models.Model):
    """One school on one day: what was done in it and how the service answered. Rewritten every hour."""

    school = models.ForeignKey(School, models.CASCADE, related_name="activity")
    day = models.DateField()
    lessons_filled = models.PositiveIntegerField(default=0)
    rolls_taken = models.PositiveIntegerField(default=0)
    messages_sent = models.PositiveIntegerField(default=0)
    letters_printed = models.PositiveIntegerField(default=0)
    storage_bytes = models.BigIntegerField(default=0)
    requests = models.PositiveIntegerField(default=0)
    errors = models.PositiveIntegerField(default=0)
    median_ms = models.PositiveIntegerField(null=True)
    p95_ms = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["school", "day"], name="one_activity_per_day")]
        indexes = [models.Index(fields=["day"], name="activity_by_day")]


class Connectivity(models.Model):
    """How a school and its town are connected: declared (by CSV or by hand) or measured by its own test."""

    class Technology(models.TextChoices):
        FIBRE = "fibre", "Fibre"
        VDSL = "vdsl", "VDSL"
        ADSL = "adsl", "ADSL"
        CABLE = "cable", "Câble"
        MOBILE = "mobile", "4G ou 5G fixe"
        RADIO = "radio", "Radio (WiMAX, THD radio)"
        SATELLITE = "satellite", "Satellite"
        NONE = "none", "Aucune"

    school = models.OneToOneField(School, models.CASCADE, primary_key=True, related_name="connectivity")
    technology = models.CharField("technologie", max_length=10, choices=Technology, blank=True)
    down_mbps = models.FloatField("débit descendant (Mbit/s)", null=True, blank=True)
    up_mbps = models.FloatField("débit montant (Mbit/s)", null=True, blank=True)
    is_white_zone = models.BooleanField("zone blanche", default=False)
    declared_on = models.DateField(null=True, blank=True)


class SpeedTest(models.Model):
    """A measure made by the school's own test."""

    school = models.ForeignKey(School, models.CASCADE, related_name="speed_tests")
    at = models.DateTimeField(default=timezone.now)
    down_mbps = models.FloatField()
    up_mbps = models.FloatField()
    latency_ms = models.FloatField()

    class Meta:
        ordering = ["-at"]


class Announcement(models.Model):
    """A word from the academy or a collectivity to its schools, or a maintenance to come."""

    class Kind(models.TextChoices):
        INFORMATION = "information", "Information"
        MAINTENANCE = "maintenance", "Maintenance"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # Null: the academy speaks.
    authority = models.ForeignKey("tenants.Authority", models.CASCADE, null=True, blank=True, related_name="+")
    kind = models.CharField("nature", max_length=12, choices=Kind, default=Kind.INFORMATION)
    title = models.CharField("titre", max_length=120)
    body = models.TextField("texte", max_length=2_000, blank=True)
    shown_from = models.DateTimeField("visible à partir de")
    shown_until = models.DateTimeField("visible jusqu'à")
    # Of a maintenance: when the service is closed or disturbed.
    starts_at = models.DateTimeField("début de la maintenance", null=True, blank=True)
    ends_at = models.DateTimeField("fin de la maintenance", null=True, blank=True)
    # Whom it is for, as chosen: {"authorities": [code], "kinds": [kind], "waves": [number], "schools": [UAI]};
    # empty: everyone its author speaks to.
    audience = models.JSONField(default=dict)
    # The same, school by school: what schools read.
    schools = models.ManyToManyField(School, related_name="announcements")
    author = models.CharField(max_length=120)
    created_at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-shown_from"]
        constraints = [
            models.CheckConstraint(
                condition=Q(shown_from__lt=models.F("shown_until")), name="announcement_ends_after_it_begins"
            ),
        ]


class SupportRequest(models.Model):
    """A school asks the academy for help. No personal data is needed: the person's function speaks for them."""

    class State(models.TextChoices):
        OPEN = "open", "À traiter"
        ANSWERED = "answered", "Répondue"
        CLOSED = "closed", "Close"

    class Subject(models.TextChoices):
        SIGN_IN = "sign_in", "Connexion et comptes"
        DIRECTORY = "directory", "Annuaire et import"
        NETWORK = "network", "Réseau et lenteur"
        PAGES = "pages", "Une page ne marche pas"
        TRAINING = "training", "Formation"
        OTHER = "other", "Autre"

    number = models.BigAutoField(primary_key=True)
    school = models.ForeignKey(School, models.CASCADE, related_name="support_requests")
    subject = models.CharField("sujet", max_length=10, choices=Subject)
    title = models.CharField("titre", max_length=120)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-updated_at"]


class SupportMessage(models.Model):
    """One turn of the conversation."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    request = models.ForeignKey(SupportRequest, models.CASCADE, related_name="messages")
    from_school = models.BooleanField()
    author = models.CharField(max_length=120)
    text = models.TextField(max_length=4_000)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at"]


class Training(models.Model):
    """A training session (formation) of schools' administrators and teachers."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # Whose schools are invited; null: all of the academy.
    authority = models.ForeignKey("tenants.Authority", models.CASCADE, null=True, blank=True, related_name="trainings")
    title = models.CharField("titre", max_length=120)
    place = models.CharField("lieu", max_length=120)
    starts_at = models.DateTimeField("début")
    ends_at = models.DateTimeField("fin")
    seats = models.PositiveSmallIntegerField("places", validators=[MinValueValidator(1)])
    cancelled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["starts_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_at__lt=models.F("ends_at")), name="training_ends_after_it_begins"
            ),
        ]


class Seats(models.Model):
    """Places a school took at a training session, and how many of its people came. Numbers only, no name."""

    training = models.ForeignKey(Training, models.CASCADE, related_name="taken")
    school = models.ForeignKey(School, models.CASCADE, related_name="training_seats")
    taken = models.PositiveSmallIntegerField("places prises", validators=[MinValueValidator(1)])
    # Null before the session.
    came = models.PositiveSmallIntegerField("présents", null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["training", "school"], name="one_sign_up_per_school")]
