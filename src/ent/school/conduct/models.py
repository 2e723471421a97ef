"""What is written of a pupil's conduct: remarks, punishments and sanctions, incidents, and calls for help."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from ent.kernel.ids import new_id
from ent.school.people.models import Person
from ent.school.timetable.models import Room, RoomUse, Session


class Remark(models.Model):
    """A word about a pupil, good or less good, that the family is told."""

    class Kind(models.TextChoices):
        ENCOURAGEMENT = "encouragement", "Encouragement"
        OBSERVATION = "observation", "Observation"
        EQUIPMENT = "equipment", "Matériel oublié"
        LOGBOOK = "logbook", "Carnet oublié"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    pupil = models.ForeignKey(Person, models.CASCADE, related_name="remarks")
    kind = models.CharField("sorte", max_length=15, choices=Kind)
    text = models.CharField("texte", max_length=500, blank=True)
    session = models.ForeignKey(Session, models.SET_NULL, null=True, blank=True, related_name="+")
    by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    needs_signature = models.BooleanField("à faire signer", default=False)

    class Meta:
        ordering = ["-at"]
        indexes = [models.Index(fields=["pupil", "-at"], name="remark_of")]


class Incident(models.Model):
    """Something that happened, reported by someone, followed until it is closed."""

    class Kind(models.TextChoices):
        INSULT = "insult", "Insulte ou propos déplacé"
        ASSAULT = "assault", "Bagarre ou violence"
        HARASSMENT = "harassment", "Harcèlement"
        THEFT = "theft", "Vol"
        DAMAGE = "damage", "Dégradation"
        RULES = "rules", "Manquement au règlement"
        OTHER = "other", "Autre"

    class Place(models.TextChoices):
        CLASSROOM = "classroom", "Salle de classe"
        PLAYGROUND = "playground", "Cour"
        CORRIDOR = "corridor", "Couloir"
        CANTEEN = "canteen", "Restaurant scolaire"
        LIBRARY = "library", "CDI"
        BOARDING = "boarding", "Internat"
        OUTSIDE = "outside", "À l'extérieur"
        ONLINE = "online", "En ligne"

    class Severity(models.IntegerChoices):
        SLIGHT = 1, "1 · Très léger"
        MINOR = 2, "2 · Léger"
        SERIOUS = 3, "3 · Sérieux"
        GRAVE = 4, "4 · Grave"
        EXTREME = 5, "5 · Très grave"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField("nature", max_length=15, choices=Kind)
    place = models.CharField("lieu", max_length=15, choices=Place)
    severity = models.PositiveSmallIntegerField("gravité", choices=Severity, default=Severity.MINOR)
    happened_at = models.DateTimeField("date et heure")
    account = models.TextField("ce qui s'est passé", max_length=4000)
    reported_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    reported_at = models.DateTimeField(default=timezone.now)
    # The one person who follows it, and what they do next.
    owner = models.ForeignKey(
        Person, models.SET_NULL, null=True, blank=True, verbose_name="suivi par", related_name="followed_incidents"
    )
    next_step = models.CharField("prochaine étape", max_length=200, blank=True)
    next_on = models.DateField("avant le", null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    erase_on = models.DateField(db_index=True)

    class Meta:
        ordering = ["-happened_at", "pk"]

    @property
    def is_due(self) -> bool:
        """Its next step is for today or earlier."""
        return self.closed_at is None and self.next_on is not None and self.next_on <= timezone.localdate()


class IncidentParty(models.Model):
    """Someone an incident concerns, and what their family reads of it: nothing of the others."""

    class Part(models.TextChoices):
        AUTHOR = "author", "Mis en cause"
        VICTIM = "victim", "Victime"
        WITNESS = "witness", "Témoin"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    incident = models.ForeignKey(Incident, models.CASCADE, related_name="parties")
    part = models.CharField("rôle", max_length=10, choices=Part)
    person = models.ForeignKey(Person, models.CASCADE, null=True, related_name="incident_parts")
    # Somebody from outside the school.
    outsider = models.CharField("personne extérieure", max_length=100, blank=True)
    family_text = models.TextField("ce que la famille lira", max_length=1000, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["part", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["incident", "person"], name="one_part_each_in_an_incident"),
            models.CheckConstraint(
                condition=Q(person=None, outsider__gt="") | Q(person__isnull=False, outsider=""),
                name="party_is_a_person_or_an_outsider",
            ),
        ]


class IncidentStep(models.Model):
    """What was done about an incident, by whom, when; never rewritten."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    incident = models.ForeignKey(Incident, models.CASCADE, related_name="steps")
    text = models.TextField("ce qui a été fait", max_length=1000)
    by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at"]


class IncidentMeasure(models.Model):
    """What is done for one of the parties of an incident that is neither a punishment nor a sanction."""

    class Kind(models.TextChoices):
        TALK = "talk", "Entretien avec l'élève"
        FAMILY = "family", "Rencontre avec la famille"
        CARE = "care", "Accompagnement de la victime"
        REPAIR = "repair", "Réparation"
        MEDIATION = "mediation", "Médiation"
        CONTRACT = "contract", "Engagement écrit ou fiche de suivi"
        PANEL = "panel", "Commission éducative"
        REFERRAL = "referral", "Signalement ou information préoccupante"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    party = models.ForeignKey(IncidentParty, models.CASCADE, related_name="measures")
    kind = models.CharField("mesure", max_length=10, choices=Kind)
    text = models.CharField("précision", max_length=300, blank=True)
    planned_on = models.DateField("le", null=True, blank=True)
    by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at"]


class Detention(models.Model):
    """A time of detention: a room, a supervisor, so many places."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    starts_at = models.DateTimeField("début")
    ends_at = models.DateTimeField("fin")
    room = models.ForeignKey(Room, models.PROTECT, verbose_name="salle", related_name="+")
    # The room is taken: nobody else books it meanwhile.
    room_use = models.OneToOneField(RoomUse, models.SET_NULL, null=True, related_name="+")
    supervisor = models.ForeignKey(
        Person, models.SET_NULL, null=True, blank=True, verbose_name="surveillée par", related_name="+"
    )
    places = models.PositiveSmallIntegerField("nombre de places", default=15)

    class Meta:
        ordering = ["starts_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(starts_at__lt=F("ends_at")), name="detention_begins_before_it_ends")
        ]


class Punishment(models.Model):
    """A school punishment (punition scolaire, circulaire 2014-059): given by any adult of the school; no sanction."""

    class Kind(models.TextChoices):
        DETENTION = "detention", "Retenue"
        EXTRA_WORK = "extra_work", "Devoir supplémentaire"
        APOLOGY = "apology", "Excuses orales ou écrites"
        CONFISCATION = "confiscation", "Confiscation d'un objet"
        SERVICE = "service", "Travail d'intérêt commun"

    class Outcome(models.TextChoices):
        DONE = "done", "Faite"
        NOT_DONE = "not_done", "Non faite"
        EXCUSED = "excused", "Reportée : absence excusée"
        CANCELLED = "cancelled", "Levée"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    pupil = models.ForeignKey(Person, models.CASCADE, related_name="punishments")
    kind = models.CharField("punition", max_length=15, choices=Kind)
    reason = models.CharField("motif", max_length=500)
    work = models.CharField("travail à faire", max_length=500, blank=True)
    due_on = models.DateField("à faire pour le", null=True, blank=True)
    incident = models.ForeignKey(Incident, models.SET_NULL, null=True, blank=True, related_name="punishments")
    detention = models.ForeignKey(Detention, models.SET_NULL, null=True, blank=True, related_name="punishments")
    given_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    given_at = models.DateTimeField(default=timezone.now)
    outcome = models.CharField("suite", max_length=10, choices=Outcome, blank=True)
    outcome_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    outcome_at = models.DateTimeField(null=True, blank=True)
    # The school year's end: a punishment never enters the file.
    erase_on = models.DateField(db_index=True)

    class Meta:
        ordering = ["-given_at", "pk"]
        indexes = [models.Index(fields=["pupil", "-given_at"], name="punishment_of")]


class DisciplinaryBoard(models.Model):
    """A conseil de discipline about one pupil (code de l'éducation, art. R511-20 et D511-31)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    pupil = models.ForeignKey(Person, models.CASCADE, related_name="disciplinary_boards")
    incident = models.ForeignKey(Incident, models.SET_NULL, null=True, blank=True, related_name="boards")
    reason = models.TextField("faits reprochés", max_length=4000)
    held_at = models.DateTimeField("date et heure")
    place = models.CharField("lieu", max_length=100)
    summoned_on = models.DateField("convocations remises ou envoyées le")
    members = models.ManyToManyField(
        Person, verbose_name="membres", through="BoardMember", related_name="+", blank=True
    )
    # Elected parents and pupils, the town: whoever has no page here.
    other_members = models.TextField("autres membres, un par ligne", max_length=1000, blank=True)
    called_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    # It met: what it decided is its `sanction`, if any.
    closed_at = models.DateTimeField(null=True, blank=True)
    erase_on = models.DateField(null=True, blank=True, db_index=True)

    class Meta:
        ordering = ["-held_at", "pk"]


class BoardMember(models.Model):
    """Someone of the school who sits on a disciplinary board."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    board = models.ForeignKey(DisciplinaryBoard, models.CASCADE, related_name="sitting")
    person = models.ForeignKey(Person, models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["board", "person"], name="one_seat_each_on_a_board")]


class Sanction(models.Model):
    """A disciplinary sanction (code de l'éducation, art. R511-13), by the head or the disciplinary board."""

    class Kind(models.TextChoices):
        WARNING = "warning", "Avertissement"
        REPRIMAND = "reprimand", "Blâme"
        RESPONSIBILITY = "responsibility", "Mesure de responsabilisation"
        CLASS_EXCLUSION = "class_exclusion", "Exclusion temporaire de la classe"
        SCHOOL_EXCLUSION = "school_exclusion", "Exclusion temporaire de l'établissement"
        SERVICE_EXCLUSION = "service_exclusion", "Exclusion temporaire de la restauration ou de l'internat"
        PERMANENT = "permanent", "Exclusion définitive"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    pupil = models.ForeignKey(Person, models.CASCADE, related_name="sanctions")
    kind = models.CharField("sanction", max_length=20, choices=Kind)
    reason = models.TextField("motif")
    incident = models.ForeignKey(Incident, models.SET_NULL, null=True, blank=True, related_name="sanctions")
    # Where a disciplinary board decided it: it alone excludes for good (art. R511-14).
    board = models.OneToOneField("DisciplinaryBoard", models.PROTECT, null=True, blank=True, related_name="sanction")
    # Of the head alone: when the pupil and the family were told of the facts (art. R421-10-1).
    told_facts_on = models.DateField("faits communiqués à l'élève et à la famille le", null=True, blank=True)
    decided_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    decided_on = models.DateField("prononcée le")
    starts_on = models.DateField("du", null=True, blank=True)
    ends_on = models.DateField("au", null=True, blank=True)
    is_suspended = models.BooleanField("avec sursis", default=False)
    # When it leaves the file; null: only with the end of secondary schooling.
    erase_on = models.DateField(null=True, blank=True, db_index=True)

    class Meta:
        ordering = ["-decided_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_on=None) | Q(ends_on=None) | Q(starts_on__lte=F("ends_on")),
                name="sanction_begins_before_it_ends",
            ),
            models.CheckConstraint(
                condition=~Q(kind="permanent") | Q(board__isnull=False), name="only_a_board_excludes_for_good"
            ),
        ]


class Acknowledgement(models.Model):
    """A guardian has seen a remark, a punishment or a sanction and says so, named and dated; it is no agreement."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    remark = models.ForeignKey(Remark, models.CASCADE, null=True, related_name="acknowledgements")
    punishment = models.ForeignKey(Punishment, models.CASCADE, null=True, related_name="acknowledgements")
    sanction = models.ForeignKey(Sanction, models.CASCADE, null=True, related_name="acknowledgements")
    guardian = models.ForeignKey(Person, models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at"]
        constraints = [
            models.UniqueConstraint(fields=["remark", "guardian"], name="one_acknowledgement_each"),
            models.UniqueConstraint(fields=["punishment", "guardian"], name="one_acknowledgement_each_punishment"),
            models.UniqueConstraint(fields=["sanction", "guardian"], name="one_acknowledgement_each_sanction"),
            models.CheckConstraint(
                condition=Q(remark__isnull=False, punishment=None, sanction=None)
                | Q(remark=None, punishment__isnull=False, sanction=None)
                | Q(remark=None, punishment=None, sanction__isnull=False),
                name="acknowledgement_is_of_one_thing",
            ),
        ]


class Referent(models.Model):
    """Someone the head names to receive calls for help (référent harcèlement); nobody else reads them."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.OneToOneField(Person, models.CASCADE, verbose_name="personne", related_name="referent")
    named_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    named_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["person__sort_key"]


class Concern(models.Model):
    """A call for help by a pupil or a parent, that only the referents read."""

    class About(models.TextChoices):
        MYSELF = "myself", "Je vis cette situation"
        CHILD = "child", "Mon enfant vit cette situation"
        OTHER = "other", "J'ai vu quelqu'un la vivre"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    author = models.ForeignKey(Person, models.CASCADE, related_name="concerns")
    about = models.CharField("qui est concerné", max_length=10, choices=About)
    text = models.TextField("ce qui se passe", max_length=4000)
    # The pupil asks that their parents be told nothing without them.
    is_private = models.BooleanField("Ne pas en parler à mes parents sans moi", default=False)
    at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    # Once it is closed.
    erase_on = models.DateField(null=True, blank=True, db_index=True)

    class Meta:
        ordering = ["-at"]


class ConcernStep(models.Model):
    """An answer to who called for help, or what a referent did and keeps among referents."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    concern = models.ForeignKey(Concern, models.CASCADE, related_name="steps")
    text = models.TextField("message", max_length=2000)
    is_answer = models.BooleanField("l'envoyer à la personne qui a écrit", default=True)
    by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at"]


class ErasureRecord(models.Model):
    """That something left the files on a day: how many of which kind, of nobody in particular."""

    class What(models.TextChoices):
        SANCTION = "sanction", "Sanction"
        PUNISHMENT = "punishment", "Punition"
        INCIDENT = "incident", "Incident"
        CONCERN = "concern", "Demande d'aide"
        REMOVAL = "removal", "Exclusion de cours"
        BOARD = "board", "Conseil de discipline"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    at = models.DateTimeField(default=timezone.now)
    what = models.CharField(max_length=10, choices=What)
    # "" where there are no kinds.
    kind = models.CharField(max_length=20, blank=True)
    count = models.PositiveIntegerField()

    class Meta:
        ordering = ["-at"]

    @property
    def label(self) -> str:
        """« Punition : retenue »."""
        kinds: dict[str, type[models.TextChoices]] = {
            "sanction": Sanction.Kind, "punishment": Punishment.Kind, "incident": Incident.Kind,
            "concern": Concern.About,
        }  # fmt: skip
        kind = f" : {kinds[self.what](self.kind).label.lower()}" if self.kind else ""
        return f"{self.get_what_display()}{kind}"
