"""Rights over what is written of a pupil's conduct."""

from ent.kernel.access import EDUCATION_STAFF, FAMILY, HEADS, NEAR, Acting, Role, Scope, chapter, relation, right
from ent.school.conduct.models import Concern, Incident, Punishment, Referent, Remark, Sanction
from ent.school.people.access import with_authority
from ent.school.people.models import Profile
from ent.school.structure.models import Enrolment, FormTutor

STUDENT_LIFE = (Role.CPE, Role.AED, *HEADS)
RECORDERS = dict.fromkeys(STUDENT_LIFE, Scope.SCHOOL) | NEAR
# Who may be named to receive calls for help.
MAY_BE_REFERENT = (Role.CPE, *HEADS, Role.TEACHER, *EDUCATION_STAFF)

chapter("conduct", "Observations, punitions, incidents")
right("conduct.record", "Écrire une observation ou un encouragement", RECORDERS)
right(
    "conduct.view",
    "Voir les observations et punitions d'un élève",
    RECORDERS | FAMILY,
)
right("conduct.punish", "Donner une punition scolaire", RECORDERS)
right(
    "conduct.remove",
    "Exclure un élève d'un cours",
    dict.fromkeys((Role.TEACHER, Role.FORM_TUTOR), Scope.LED) | dict.fromkeys((Role.CPE, *HEADS), Scope.SCHOOL),
)
right(
    "conduct.close",
    "Dire si une punition est faite",
    dict.fromkeys(STUDENT_LIFE, Scope.SCHOOL) | {Role.TEACHER: Scope.AUTHORED},
)
right("conduct.supervise", "Organiser les retenues", dict.fromkeys(STUDENT_LIFE, Scope.SCHOOL))
right(
    "conduct.report",
    "Signaler un incident",
    dict.fromkeys((*STUDENT_LIFE, Role.TEACHER, *EDUCATION_STAFF), Scope.SCHOOL),
)
right(
    "conduct.view_incident",
    "Lire un incident",
    dict.fromkeys((*EDUCATION_STAFF, Role.TEACHER), Scope.AUTHORED)
    | dict.fromkeys((Role.CPE, *HEADS), Scope.SCHOOL)
    | {Role.FORM_TUTOR: Scope.CLASS},
)
right("conduct.follow", "Suivre et clore un incident", dict.fromkeys((Role.CPE, *HEADS), Scope.SCHOOL))
right("conduct.sanction", "Prononcer une sanction", {Role.SCHOOL_HEAD: Scope.SCHOOL})
right("conduct.view_sanctions", "Voir les sanctions inscrites et leur effacement", dict.fromkeys(HEADS, Scope.SCHOOL))
right("conduct.sign", "Signer une observation, prendre connaissance d'une punition ou d'une sanction",
      {Role.GUARDIAN: Scope.OWN})  # fmt: skip
right("conduct.ask_help", "Demander de l'aide", FAMILY)
right(
    "conduct.view_concern",
    "Lire une demande d'aide",
    dict.fromkeys(MAY_BE_REFERENT, Scope.ENTRUSTED) | dict.fromkeys((Role.PUPIL, Role.GUARDIAN), Scope.AUTHORED),
)
right("conduct.answer_concern", "Répondre à une demande d'aide", dict.fromkeys(MAY_BE_REFERENT, Scope.ENTRUSTED))
right("conduct.name_referents", "Nommer qui reçoit les demandes d'aide", {Role.SCHOOL_HEAD: Scope.SCHOOL})


def _of_ones_child(acting: Acting, thing: Remark | Punishment | Sanction) -> bool:
    """Something about a child over whom one has authority."""
    return with_authority(acting).filter(pupil=thing.pupil_id, pupil__closed_at=None).exists()


for model in (Remark, Punishment, Sanction):
    relation(model, Scope.OWN)(_of_ones_child)


@relation(Punishment, Scope.AUTHORED)
def is_given_by_oneself(acting: Acting, punishment: Punishment) -> bool:
    """One gave it."""
    return punishment.given_by_id == acting.person_id


@relation(Incident, Scope.AUTHORED)
def is_reported_by_oneself(acting: Acting, incident: Incident) -> bool:
    """One reported it, or is a party to it."""
    if acting.profile != Profile.STAFF:
        return False
    return incident.reported_by_id == acting.person_id or incident.parties.filter(person=acting.person_id).exists()


@relation(Incident, Scope.CLASS)
def is_about_tutored_class(acting: Acting, incident: Incident):
    """A pupil of the class one is form tutor of is a party to it."""
    parties = Enrolment.objects.filter(pupil__in=incident.parties.values("person"), closed_at=None)
    return FormTutor.objects.filter(
        teacher=acting.person_id, closed_at=None, division__in=parties.values("division")
    ).select_related("division__year")


@relation(Concern, Scope.AUTHORED)
def is_asked_by_oneself(acting: Acting, concern: Concern) -> bool:
    """One wrote it."""
    return concern.author_id == acting.person_id


@relation(Concern, Scope.ENTRUSTED)
def is_referent(acting: Acting, concern: Concern) -> bool:
    """The head named one to receive such calls."""
    return Referent.objects.filter(person=acting.person_id, person__closed_at=None).exists()
