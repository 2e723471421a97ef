"""A calm year of conduct: encouragements more than remarks, some detentions, two incidents, a removal, nobody real."""

import random
from datetime import date, datetime, time, timedelta

from django.utils import timezone
from psycopg.types.range import TimestamptzRange

from ent.kernel.access import HEADS, Role
from ent.school.attendance.actions import SENT_OUT
from ent.school.attendance.models import Attendance, AttendanceState, Passage
from ent.school.conduct.models import (
    BoardMember,
    Detention,
    DisciplinaryBoard,
    Incident,
    IncidentMeasure,
    IncidentParty,
    IncidentStep,
    Punishment,
    Referent,
    Remark,
    Sanction,
)  # fmt: skip
from ent.school.conduct.overdue import RECEIVERS, staff_of
from ent.school.conduct.retention import INCIDENT_YEARS, PUNISHMENT_YEARS, after_years, erase_on
from ent.school.people.models import Person, Profile
from ent.school.structure.models import Enrolment, SchoolYear, Teaching
from ent.school.timetable.access import pupils_of_session
from ent.school.timetable.calendar import taught_days
from ent.school.timetable.models import Room, RoomUse, Session, still_open

GOOD = ["Très belle participation.", "Un travail soigné.", "A aidé un camarade.", "De nets progrès.", ""]
LESS = ["Bavarde malgré plusieurs rappels.", "N'a pas fait le travail demandé.", "A perturbé le début de la séance."]
REASONS = ["Bavardages répétés", "Travail non fait trois fois", "Retards répétés", "Téléphone utilisé en classe"]
WORKS = ["Recopier et apprendre la leçon", "Exercices 3 et 4 page 58", "Rédiger une page sur le règlement"]
REMARKS, PUNISHMENTS = 160, 24


def build(rng: random.Random, today: date) -> None:
    """The year up to today and the next detentions, in the school in force."""
    taught: dict = {}
    for teacher, division in Teaching.objects.filter(
        closed_at=None, division__isnull=False, teacher__closed_at=None
    ).values_list("teacher", "division"):
        taught.setdefault(division, []).append(teacher)
    pupils = list(Enrolment.objects.filter(closed_at=None, pupil__closed_at=None, division__in=taught)
                  .order_by("pupil__sort_key").values_list("pupil", "division"))  # fmt: skip
    if not pupils:
        return
    year = SchoolYear.objects.get(is_current=True)
    days = [day for day in taught_days(year, "A").days if day <= today] or [today]
    now = timezone.now()

    def moment() -> datetime:
        return min(_at(rng.choice(days), rng.randint(8, 16)), now - timedelta(minutes=5))

    remarks = []
    for pupil, division in rng.choices(pupils, k=REMARKS):
        good = rng.random() < 0.6
        kind = Remark.Kind.ENCOURAGEMENT if good else rng.choice([Remark.Kind.OBSERVATION, Remark.Kind.EQUIPMENT])
        text = rng.choice(GOOD) if good else rng.choice(LESS) if kind == Remark.Kind.OBSERVATION else ""
        remarks.append(Remark(pupil_id=pupil, kind=kind, text=text, by_id=rng.choice(taught[division]), at=moment(),
                              needs_signature=kind == Remark.Kind.OBSERVATION))  # fmt: skip
    Remark.objects.bulk_create(remarks)
    _punishments(rng, today, pupils, taught, moment)
    _incidents(rng, today, pupils, taught, now)
    _removal(rng, today, now)
    life = Person.objects.filter(
        profile=Profile.STAFF, closed_at=None, functions__function__in=("cpe", "nurse"), functions__closed_at=None
    )
    Referent.objects.bulk_create(Referent(person=one) for one in life.distinct()[:2])


def _at(day: date, hour: int) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour)))


def _punishments(rng: random.Random, today: date, pupils, taught, moment) -> None:
    """Some done, one not, three that wait for a date; two rooms on Tuesdays and Thursdays of this week and the next."""
    monday = today - timedelta(days=today.weekday())
    hours = [_at(monday + timedelta(days=number), 17) for number in (1, 3, 8, 10)]
    supervisor = Person.objects.filter(functions__function="aed", functions__closed_at=None, closed_at=None).first()
    detentions = []
    for begins in hours:
        ends = begins + timedelta(hours=1)
        during = TimestamptzRange(begins, ends)
        taken = RoomUse.objects.filter(during__overlap=during).values("room")
        free = Room.objects.filter(still_open(), kind=Room.Kind.ROOM).exclude(pk__in=taken).order_by("name")
        for room in free[:2]:
            use = RoomUse.objects.create(room=room, day=timezone.localdate(begins), during=during, purpose="Retenue",
                                         booked_by=supervisor)  # fmt: skip
            detentions.append(Detention.objects.create(starts_at=begins, ends_at=ends, room=room, room_use=use,
                                                       supervisor=supervisor, places=12))  # fmt: skip
    made = []
    for number, (pupil, division) in enumerate(rng.sample(pupils, min(PUNISHMENTS, len(pupils)))):
        given = moment()
        one = Punishment(pupil_id=pupil, kind=Punishment.Kind.DETENTION, reason=rng.choice(REASONS), given_at=given,
                         work=rng.choice(WORKS), given_by_id=rng.choice(taught[division]),
                         erase_on=after_years(today, PUNISHMENT_YEARS))  # fmt: skip
        if number % 3 == 0:
            one.kind, one.due_on = Punishment.Kind.EXTRA_WORK, timezone.localdate(given) + timedelta(days=7)
        if number >= 8 and number < 20 and detentions:
            one.kind, one.detention = Punishment.Kind.DETENTION, rng.choice(detentions)
            one.given_at = min(given, one.detention.starts_at - timedelta(days=2))
            one.due_on = timezone.localdate(one.detention.starts_at)
        if number >= 8 and (one.detention is None or one.detention.ends_at < timezone.now()):
            one.outcome = Punishment.Outcome.NOT_DONE if number == 8 else Punishment.Outcome.DONE
            one.outcome_at = one.detention.ends_at if one.detention else given + timedelta(days=7)
            one.outcome_by = supervisor
        made.append(one)
    Punishment.objects.bulk_create(made)


def _incidents(rng: random.Random, today: date, pupils, taught, now: datetime) -> None:
    """One closed last month, one open since yesterday: someone follows it, its measures, a disciplinary board."""
    cpe = staff_of((Role.CPE,)).order_by("sort_key").first()
    for age, severity, account, closed in (
        (30, 2, "Bousculade dans la file du restaurant scolaire, sans blessure.", True),
        (1, 3, "Insultes dans la cour pendant la récréation du matin, devant plusieurs camarades.", False),
    ):
        (author, division), (victim, _), (witness, _) = rng.sample(pupils, 3) if len(pupils) > 2 else [pupils[0]] * 3
        if len({author, victim, witness}) < 3:
            return
        happened = _at(today - timedelta(days=age), 10)
        reporter = rng.choice(taught[division])
        incident = Incident.objects.create(
            kind=Incident.Kind.INSULT if severity == 3 else Incident.Kind.ASSAULT,
            place=Incident.Place.PLAYGROUND if severity == 3 else Incident.Place.CANTEEN, severity=severity,
            happened_at=happened, account=account, reported_by_id=reporter, reported_at=happened,
            closed_at=happened + timedelta(days=3) if closed else None, owner=cpe,
            next_step="" if closed else "Rencontrer les deux familles",
            next_on=None if closed else today + timedelta(days=2),
            erase_on=after_years(today, INCIDENT_YEARS),
        )  # fmt: skip
        told = happened + timedelta(hours=3) if closed else None
        parties = IncidentParty.objects.bulk_create([
            IncidentParty(incident=incident, part="author", person_id=author, told_at=told,
                          family_text="Votre enfant a bousculé un camarade ; il s'en est excusé." if closed else ""),
            IncidentParty(incident=incident, part="victim", person_id=victim, told_at=told,
                          family_text="Votre enfant a été bousculé ; il va bien." if closed else ""),
            IncidentParty(incident=incident, part="witness", person_id=witness),
        ])  # fmt: skip
        IncidentStep.objects.create(incident=incident, text="Entretien avec les élèves concernés.", by_id=reporter,
                                    at=happened + timedelta(hours=2))  # fmt: skip
        if not closed:
            IncidentMeasure.objects.create(party=parties[0], kind="talk", text="Entretien avec le CPE", by=cpe)
            IncidentMeasure.objects.create(party=parties[1], kind="care", text="Reçu par l'infirmière", by=cpe)
            Punishment.objects.create(
                pupil_id=author, kind=Punishment.Kind.APOLOGY, reason="Insultes dans la cour", incident=incident,
                given_by=cpe, erase_on=after_years(today, PUNISHMENT_YEARS),
            )  # fmt: skip
            _board(today, incident, author)


def _board(today: date, incident: Incident, pupil) -> None:
    """A disciplinary board next week about the one accused, summoned today; an earlier sanction in the file."""
    heads, cpes = list(staff_of(HEADS).order_by("sort_key")), list(staff_of((Role.CPE,)).order_by("sort_key")[:1])
    decided = today - timedelta(days=20)
    Sanction.objects.create(
        pupil_id=pupil, kind=Sanction.Kind.WARNING, reason="Insultes envers un camarade", decided_on=decided,
        told_facts_on=decided - timedelta(days=5), decided_by=heads[0] if heads else None,
        erase_on=erase_on(Sanction.Kind.WARNING, decided),
    )  # fmt: skip
    day = today + timedelta(days=7)
    board = DisciplinaryBoard.objects.create(
        pupil_id=pupil, incident=incident, reason="Insultes répétées envers plusieurs camarades.",
        held_at=_at(day + timedelta(days=(8 - day.isoweekday()) % 7 if day.isoweekday() > 5 else 0), 17),
        place="Salle du conseil", summoned_on=today, called_by=heads[0] if heads else None,
        other_members="Mme Exemple, parent élue\nM. Exemple, parent élu\nDéléguée des élèves",
    )  # fmt: skip
    BoardMember.objects.bulk_create(BoardMember(board=board, person=one) for one in {*heads, *cpes})


def _removal(rng: random.Random, today: date, now: datetime) -> None:
    """A pupil sent out of a lesson of today, received four minutes later."""
    begun = Session.objects.filter(day=today, starts_at__lt=now - timedelta(minutes=10), state=Session.State.PLANNED)
    session = begun.exclude(session_teachers=None).order_by("-starts_at", "pk").first()
    pupils = list(pupils_of_session(session)) if session else []
    there = [one for one in pupils if not one.attendances.filter(session=session).exists()]
    if not session or not there:
        return
    pupil, sent = rng.choice(there), session.starts_at + timedelta(minutes=5)
    teacher = session.session_teachers.first().teacher
    receiver = staff_of(RECEIVERS).order_by("sort_key").first()
    Passage.objects.create(
        pupil=pupil, place=Passage.Place.STUDENT_LIFE, is_removal=True, session=session, sent_at=sent, sent_by=teacher,
        received_at=sent + timedelta(minutes=4), received_by=receiver, reason="Insolence après plusieurs rappels",
        work="Exercices 3 et 4 page 58", told_at=sent + timedelta(minutes=4),
    )  # fmt: skip
    Attendance.objects.create(
        session=session, pupil=pupil, state=AttendanceState.ELSEWHERE, note=SENT_OUT, day=session.day,
        starts_at=session.starts_at, ends_at=session.ends_at, recorded_by=teacher, recorded_at=sent,
    )  # fmt: skip
    Session.objects.filter(pk=session.pk).update(is_kept=True)
