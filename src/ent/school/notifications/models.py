"""What people are told: one row per person and fact, and one per way it leaves by."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from ent.kernel.ids import new_id
from ent.school.people.models import Person


class Kind(models.TextChoices):
    """What a notification is about: each person chooses how and when they are told, per kind."""

    ABSENCE = "absence", "Absences et retards"
    ANSWER = "answer", "Réponses de l'établissement"
    TIMETABLE = "timetable", "Changements d'emploi du temps"
    HOMEWORK = "homework", "Travail à faire et copies rendues"
    CONDUCT = "conduct", "Vie scolaire : observations, punitions, sanctions"
    NOTE = "note", "Mots à lire ou à signer"
    WORK = "work", "Ce qui attend dans mon travail"
    SUMMARY = "summary", "Résumé de la semaine à venir"


class Rhythm(models.TextChoices):
    """When e-mails about a kind of thing leave."""

    NOW = "now", "Tout de suite"
    DAILY = "daily", "Une fois par jour"
    WEEKLY = "weekly", "Une fois par semaine"


class Notification(models.Model):
    """Something a person is told, with the page where it stands."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=10, choices=Kind)
    title = models.CharField(max_length=160)
    text = models.CharField(max_length=400, blank=True)
    path = models.CharField(max_length=200, blank=True)
    # The child it is about.
    pupil = models.ForeignKey(Person, models.CASCADE, null=True, blank=True, related_name="+")
    is_urgent = models.BooleanField(default=False)
    # Why it may reach people in quiet hours.
    urgent_because = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    # Not shown nor sent before: the school's quiet hours, and the person's own.
    deliver_after = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["person", "-created_at"], name="notification_of"),
            models.Index(fields=["deliver_after"], condition=Q(read_at=None), name="notification_waiting"),
            models.Index(fields=["created_at"], condition=Q(is_urgent=True), name="notification_urgent"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_urgent=False) | ~Q(urgent_because=""), name="what_is_urgent_says_why",
            )
        ]  # fmt: skip


class Delivery(models.Model):
    """A notification on its way out of the ENT: once per way."""

    class Way(models.TextChoices):
        EMAIL = "email", "Courriel"
        SMS = "sms", "SMS"

    class State(models.TextChoices):
        WAITING = "waiting", "En attente"
        # About to leave: what is still found so was cut off there, and nobody knows whether it left.
        SENDING = "sending", "En cours"
        SENT = "sent", "Envoyé"
        FAILED = "failed", "Échec"
        NO_ADDRESS = "no_address", "Sans adresse"
        # Read meanwhile, or no longer that person's business.
        DROPPED = "dropped", "Sans objet"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    notification = models.ForeignKey(Notification, models.CASCADE, related_name="deliveries")
    way = models.CharField(max_length=5, choices=Way)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    # Other than now: one e-mail lists all that is due to the person.
    rhythm = models.CharField(max_length=6, choices=Rhythm, default=Rhythm.NOW)
    address = models.CharField(max_length=254, blank=True)
    deliver_after = models.DateTimeField()
    tried_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    problem = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["notification", "way"], name="one_delivery_each_way")]
        indexes = [
            models.Index(fields=["deliver_after"], condition=Q(state="waiting"), name="delivery_waiting"),
            models.Index(fields=["-deliver_after"], condition=Q(state__in=("failed", "no_address", "sending")),
                         name="delivery_lost"),
        ]  # fmt: skip


class Choice(models.Model):
    """How a person wants to be told of a kind of thing; without a row, the default of the kind."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    by_email = models.BooleanField("courriel", default=True)
    by_sms = models.BooleanField("SMS", default=False)
    rhythm = models.CharField("rythme", max_length=6, choices=Rhythm, default=Rhythm.NOW)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "kind"], name="one_choice_per_kind")]


class OwnHours(models.Model):
    """The hours in which a person wants to be left alone, beside the school's."""

    person = models.OneToOneField(Person, models.CASCADE, primary_key=True, related_name="+")
    begins_at = models.TimeField("de")
    ends_at = models.TimeField("à")

    @property
    def quiet(self) -> dict[str, str]:
        """As the school's setting says it."""
        return {"from": f"{self.begins_at:%H:%M}", "to": f"{self.ends_at:%H:%M}"}
