"""Rights over sessions: who leads one, who teaches its pupils, whose day it is."""

from datetime import timedelta

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from ent.kernel.access import FAMILY, HEADS, NEAR, STAFF, Acting, Role, Scope, Tie, chapter, relation, right
from ent.school.people.models import Person
from ent.school.structure.access import pupils_of, taught_pupils, tutored_pupils
from ent.school.structure.models import Enrolment, GroupEnrolment
from ent.school.timetable.models import CalendarFeed, ReplacementCall, RoomUse, Session, SessionAudience, SessionTeacher

# How long whoever stood in keeps a session: to write down what was done in it, no longer.
STANDS_IN_FOR = timedelta(days=14)
# Those who make the timetable and its changes of the day.
PLANNERS = (*HEADS, Role.CPE, Role.SCHOOL_ADMIN)

chapter("timetable", "Emploi du temps")
right("timetable.view_session", "Voir une séance", dict.fromkeys(STAFF, Scope.SCHOOL) | FAMILY)
right("timetable.view_own", "Voir son emploi du temps", dict.fromkeys((*STAFF, *FAMILY), Scope.SCHOOL))
right("timetable.view_pupil", "Voir l'emploi du temps d'un élève ou d'un collègue", {
    **dict.fromkeys(STAFF, Scope.SCHOOL), **NEAR, Role.OTHER: Scope.COLLEAGUES, **FAMILY,
})  # fmt: skip
right("timetable.view_audience", "Voir l'emploi du temps d'une classe ou d'un groupe", {
    **dict.fromkeys(STAFF, Scope.SCHOOL), **FAMILY,
})  # fmt: skip
right("timetable.view_room", "Voir l'occupation d'une salle", dict.fromkeys(STAFF, Scope.SCHOOL))
right("timetable.change", "Annuler, déplacer ou modifier une séance", dict.fromkeys(PLANNERS, Scope.SCHOOL))
right("timetable.cover", "Enregistrer l'absence d'un enseignant et organiser son remplacement", dict.fromkeys(
    (*PLANNERS, Role.OFFICE), Scope.SCHOOL))  # fmt: skip
right("timetable.answer_call", "Répondre à une demande de remplacement", {
    Role.TEACHER: Scope.AUTHORED, Role.FORM_TUTOR: Scope.AUTHORED,
})  # fmt: skip
right("timetable.set_up", "Régler le calendrier, la grille, les salles et les cours", dict.fromkeys(
    (*HEADS, Role.SCHOOL_ADMIN), Scope.SCHOOL))  # fmt: skip
right("timetable.book_room", "Réserver une salle ou du matériel", dict.fromkeys(STAFF, Scope.SCHOOL))
right("timetable.cancel_booking", "Annuler une réservation", {
    **dict.fromkeys(STAFF, Scope.AUTHORED), **dict.fromkeys(PLANNERS, Scope.SCHOOL),
})  # fmt: skip
right(
    "timetable.subscribe", "Suivre son emploi du temps dans un agenda", dict.fromkeys((*STAFF, *FAMILY), Scope.SCHOOL)
)
right("timetable.revoke_feed", "Retirer une adresse d'agenda", dict.fromkeys((*STAFF, *FAMILY), Scope.AUTHORED))


def enrolled_on(day, prefix: str = "") -> Q:
    """Enrolments (of a class or group) that hold on a day, a date or an expression: past ones keep their days."""
    return (Q(**{f"{prefix}starts_on": None}) | Q(**{f"{prefix}starts_on__lte": day})) & (
        Q(**{f"{prefix}closed_at": None}) | Q(**{f"{prefix}closed_at__date__gt": day})
    )


def audiences_of(pupils):
    """The audiences of sessions (rows) that some of these pupils belong to, on the session's own day."""
    in_division = Enrolment.objects.filter(
        enrolled_on(OuterRef("day")), division=OuterRef("division"), pupil__in=pupils
    )
    in_group = GroupEnrolment.objects.filter(enrolled_on(OuterRef("day")), group=OuterRef("group"), pupil__in=pupils)
    return SessionAudience.objects.filter(Exists(in_division) | Exists(in_group))


def pupils_of_session(session: Session):
    """The pupils of a session: of its classes and groups, as they stood on its day, still here or not; by name."""
    rows = SessionAudience.objects.filter(session=session)
    enrolled = Enrolment.objects.filter(
        enrolled_on(session.day), division__in=rows.exclude(division=None).values("division")
    )
    grouped = GroupEnrolment.objects.filter(
        enrolled_on(session.day), group__in=rows.exclude(group=None).values("group")
    )
    return Person.objects.filter(
        Q(pk__in=enrolled.values("pupil")) | Q(pk__in=grouped.values("pupil")),
        Q(closed_at=None) | Q(closed_at__date__gt=session.day),
    ).order_by("sort_key", "pk")


def leads(acting: Acting):
    """The sessions' rows of a teacher: those led, and those stood in for, a while; not those of which they are
    absent.
    """
    mine = SessionTeacher.objects.filter(teacher=acting.person_id).present()
    return mine.exclude(part=SessionTeacher.Part.STANDS_IN, day__lt=timezone.localdate() - STANDS_IN_FOR)


@relation(Session, Scope.LED)
def is_led(acting: Acting, session: Session) -> Tie:
    """One leads it, or stands in."""
    return leads(acting).filter(session=session)


@relation(Session, Scope.OWN)
def is_own(acting: Acting, session: Session) -> bool:
    """A session of the pupil, or of a child."""
    return audiences_of(pupils_of(acting)).filter(session=session).exists()


@relation(Session, Scope.TAUGHT)
def is_of_taught(acting: Acting, session: Session) -> bool:
    """A session of pupils one teaches, or one's own."""
    return leads(acting).filter(session=session).exists() or (
        audiences_of(taught_pupils(acting)).filter(session=session).exists()
    )


@relation(Session, Scope.CLASS)
def is_of_tutored(acting: Acting, session: Session) -> bool:
    """A session of pupils of one's class."""
    return audiences_of(tutored_pupils(acting)).filter(session=session).exists()


@relation(RoomUse, Scope.AUTHORED)
def is_ones_booking(acting: Acting, use: RoomUse) -> bool:
    """One made the booking."""
    return use.booked_by_id == acting.person_id


@relation(CalendarFeed, Scope.AUTHORED)
def is_ones_feed(acting: Acting, feed: CalendarFeed) -> bool:
    """One's own calendar address."""
    return feed.person_id == acting.person_id


@relation(ReplacementCall, Scope.AUTHORED)
def is_asked_of_one(acting: Acting, call: ReplacementCall) -> bool:
    """One is asked to stand in."""
    return call.colleague_id == acting.person_id
