"""A teacher is away: their sessions to cover, the colleagues who could, who is asked and who says yes."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.utils import timezone
from django.utils.formats import date_format
from psycopg.types.range import TimestamptzRange

from ent.kernel.live import announce
from ent.kernel.prepared import prepared
from ent.kernel.refused import Refused
from ent.school.notifications.actions import tell, tell_guardians
from ent.school.notifications.models import Kind
from ent.school.people.models import Person
from ent.school.people.queries import teachers
from ent.school.structure.models import Teaching
from ent.school.timetable import changing
from ent.school.timetable.access import pupils_of_session
from ent.school.timetable.changing import TOPIC
from ent.school.timetable.models import ReplacementCall, Session, SessionTeacher, TeacherAbsence
from ent.school.timetable.queries import detailed

State, Part = ReplacementCall.State, SessionTeacher.Part
# What families read: never why the teacher is away.
AWAY = "Enseignant absent"
# Colleagues proposed for a session: those who know the subject or the class first.
PROPOSED = 12


@dataclass
class Candidate:
    """A colleague free at that hour, and why they suit."""

    teacher: Person
    why: str


@dataclass
class ToCover:
    """A session of the time of an absence, and where its replacement stands."""

    session: Session
    calls: list[ReplacementCall] = field(default_factory=list)
    candidates: list[Candidate] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        """Somebody or something is still to be found."""
        session = self.session
        return not session.is_cancelled and session.is_alone and session.ends_at > timezone.now()

    @property
    def first_yes(self) -> ReplacementCall | None:
        said = [one for one in self.calls if one.state == State.ACCEPTED and one.answered_at]
        return min(said, key=lambda one: one.answered_at or one.asked_at, default=None)


def _others(session) -> QuerySet[SessionTeacher]:
    """Whoever else leads a session, or stands in."""
    return SessionTeacher.objects.filter(session=session).present()


def sessions_of(absence: TeacherAbsence) -> QuerySet[Session]:
    """The absent teacher's sessions of that time, each with `is_alone`: nobody else leads it."""
    during = TimestamptzRange(absence.starts_at, absence.ends_at)
    mine = SessionTeacher.objects.filter(teacher=absence.teacher_id, during__overlap=during)
    mine = mine.exclude(part=Part.STANDS_IN)
    alone = ~Exists(_others(OuterRef("pk")).exclude(teacher=absence.teacher_id))
    return (
        detailed(Session.objects.filter(pk__in=mine.values("session")))
        .annotate(is_alone=alone)
        .order_by("starts_at", "pk")
    )


def to_cover(absence: TeacherAbsence) -> list[ToCover]:
    """The sessions, the calls already made, the colleagues who could. Six queries, however many sessions."""
    rows = {one.pk: ToCover(one) for one in sessions_of(absence)}
    for call in ReplacementCall.objects.filter(session__in=rows).select_related("colleague").order_by("asked_at"):
        rows[call.session_id].calls.append(call)
    open_ones = [row for row in rows.values() if row.is_open]
    for row, found in zip(open_ones, free_colleagues([row.session for row in open_ones], absence), strict=True):
        asked = {call.colleague_id for call in row.calls}
        row.candidates = [one for one in found if one.teacher.pk not in asked][:PROPOSED]
    return list(rows.values())


def free_colleagues(sessions: list[Session], absence: TeacherAbsence) -> list[list[Candidate]]:
    """For each session, the teachers free then: of the same subject, then of the same class, then the others."""
    if not sessions:
        return []
    first, last = min(one.starts_at for one in sessions), max(one.ends_at for one in sessions)
    taken: dict[UUID, list[tuple[datetime, datetime]]] = defaultdict(list)
    led = SessionTeacher.objects.filter(during__overlap=TimestamptzRange(first, last)).present()
    for teacher, during in led.filter(session__state=Session.State.PLANNED).values_list("teacher", "during"):
        taken[teacher].append((during.lower, during.upper))
    away = TeacherAbsence.objects.filter(starts_at__lt=last, ends_at__gt=first)
    for teacher, starts, ends in away.values_list("teacher", "starts_at", "ends_at"):
        taken[teacher].append((starts, ends))
    subjects, codes = defaultdict(set), defaultdict(set)
    for teacher, subject, division, group in Teaching.objects.filter(closed_at=None).values_list(
        "teacher", "subject", "division__code", "group__code"
    ):
        subjects[teacher].add(subject)
        codes[teacher].add(division or group)
    others = list(teachers().exclude(pk=absence.teacher_id).order_by("sort_key"))
    found = []
    for session in sessions:
        ranked = []
        for one in others:
            if any(begun < session.ends_at and session.starts_at < ended for begun, ended in taken[one.pk]):
                continue
            same_subject = session.subject_id is not None and session.subject_id in subjects[one.pk]
            same_class = codes[one.pk] & {*session.division_codes, *session.group_codes}
            why = "même matière" if same_subject else "enseigne à la classe" if same_class else ""
            ranked.append((not same_subject, not same_class, Candidate(one, why)))
        ranked.sort(key=lambda row: row[:2])
        found.append([candidate for _, _, candidate in ranked])
    return found


def wanting(until: datetime):
    """Rows of sessions to come, whose teacher is away and whom nobody replaces, each with `absence` and `has_yes`."""
    away = TeacherAbsence.objects.filter(
        teacher=OuterRef("teacher"),
        starts_at__lt=OuterRef("session__ends_at"),
        ends_at__gt=OuterRef("session__starts_at"),
    )
    covered = _others(OuterRef("session")).exclude(teacher=OuterRef("teacher"))
    yes = ReplacementCall.objects.filter(session=OuterRef("session"), state=State.ACCEPTED)
    rows = SessionTeacher.objects.filter(
        session__state=Session.State.PLANNED, session__ends_at__gt=timezone.now(), session__starts_at__lt=until
    ).exclude(part=Part.STANDS_IN)
    rows = rows.annotate(absence=Subquery(away.values("pk")[:1]), has_yes=Exists(yes)).filter(
        ~Exists(covered), absence__isnull=False
    )
    return rows.select_related("session__subject", "teacher").order_by("session__starts_at", "pk")


@transaction.atomic
def record_absence(teacher: Person, starts: datetime, ends: datetime, reason: str, by: UUID | None) -> TeacherAbsence:
    """A teacher is away from one moment to another."""
    Person.objects.select_for_update().get(pk=teacher.pk)
    if TeacherAbsence.objects.filter(teacher=teacher, starts_at__lt=ends, ends_at__gt=starts).exists():
        raise Refused(f"Une absence de {teacher.formal_name} est déjà enregistrée sur ces dates.")
    absence = TeacherAbsence.objects.create(
        teacher=teacher, starts_at=starts, ends_at=ends, reason=reason, recorded_by_id=by
    )
    announce(TOPIC)
    return absence


@transaction.atomic
def remove_absence(absence: TeacherAbsence) -> None:
    """It was a mistake, or the teacher is back: calls that nothing came of are closed; replacements made stay."""
    waiting = ReplacementCall.objects.filter(session__in=sessions_of(absence).values("pk"))
    _close(waiting, "Le remplacement n'est plus nécessaire")
    absence.delete()
    announce(TOPIC)


def _name(session: Session) -> str:
    moment = timezone.localtime(session.starts_at)
    return f"{session.title} du {date_format(moment, 'l j F')} à {moment:%-H h %M}"


@transaction.atomic
def ask(session: Session, colleagues: Iterable[Person], by: UUID | None) -> list[ReplacementCall]:
    """Ask colleagues to stand in; each once."""
    changing._lock(session)
    if session.is_cancelled or session.ends_at < timezone.now():
        raise Refused("Cette séance est annulée ou passée : il n'y a plus personne à demander.")
    if session.session_teachers.filter(part=Part.STANDS_IN).exists():
        raise Refused("Cette séance a déjà un remplaçant.")
    asked = set(session.calls.values_list("colleague", flat=True))
    fresh = [one for one in colleagues if one.pk not in asked]
    if not fresh:
        raise Refused("Choisissez au moins un collègue à qui demander.")
    made = ReplacementCall.objects.bulk_create(
        ReplacementCall(session=session, colleague=one, asked_by_id=by) for one in fresh
    )
    Session.objects.filter(pk=session.pk).update(is_kept=True)
    tell(fresh, Kind.WORK, f"Pouvez-vous remplacer : {_name(session)} ?", text="Répondez oui ou non en un clic.",
         path="/timetable/calls/")  # fmt: skip
    announce(TOPIC)
    return made


@transaction.atomic
def answer(call: ReplacementCall, *, yes: bool) -> None:
    """A colleague says yes or no; they may change their mind until the replacement is confirmed."""
    call.refresh_from_db(
        from_queryset=ReplacementCall.objects.select_for_update(of=("self",)).select_related("session")
    )
    if call.state in (State.CONFIRMED, State.CLOSED):
        raise Refused("Cette demande est close : le remplacement est déjà organisé. Merci de votre réponse.")
    if call.session.is_cancelled or call.session.starts_at < timezone.now():
        raise Refused("Cette séance est annulée ou déjà commencée : votre réponse n'est plus attendue.")
    call.state, call.answered_at = State.ACCEPTED if yes else State.DECLINED, timezone.now()
    call.save(update_fields=["state", "answered_at"])
    if yes and call.asked_by_id:
        tell([call.asked_by_id], Kind.WORK, f"{call.colleague.formal_name} peut remplacer : {_name(call.session)}",
             text="Il vous reste à confirmer le remplacement.", path="/timetable/absences/")  # fmt: skip
    announce(TOPIC)


@transaction.atomic
def confirm(call: ReplacementCall, by: UUID | None) -> None:
    """The colleague who said yes stands in; the others asked know that it is settled."""
    session = Session.objects.select_for_update().get(pk=call.session_id)
    call.refresh_from_db()
    if call.state != State.ACCEPTED:
        raise Refused("Ce collègue n'a pas dit oui, ou a changé d'avis.")
    if session.is_cancelled or session.session_teachers.filter(part=Part.STANDS_IN).exists():
        raise Refused("Cette séance est annulée, ou a déjà un remplaçant.")
    met = changing.clashes(session.starts_at, session.ends_at, teachers=[call.colleague_id], but=session.pk)
    if met:
        raise Refused(f"{call.colleague.formal_name} n'est plus libre à cette heure : {met[0].session}.")
    changing.replace(session, call.colleague, by, AWAY)
    ReplacementCall.objects.filter(pk=call.pk).update(state=State.CONFIRMED)
    _close(session.calls.all(), "Un remplaçant est trouvé, merci")


def _close(calls: QuerySet[ReplacementCall], why: str) -> None:
    """Calls that wait are closed, and those asked are told."""
    waiting = list(calls.filter(state__in=(State.ASKED, State.ACCEPTED)).select_related("session__subject"))
    ReplacementCall.objects.filter(pk__in=[one.pk for one in waiting]).update(state=State.CLOSED)
    by_session = defaultdict(list)
    for one in waiting:
        by_session[one.session].append(one.colleague_id)
    for session, colleagues in by_session.items():
        tell(colleagues, Kind.WORK, f"{why} : {_name(session)}", path="/timetable/calls/")


@transaction.atomic
def cancel(session: Session, by: UUID | None) -> None:
    """Nobody stands in: the session does not take place."""
    changing.cancel(session, by, AWAY)
    _close(session.calls.all(), "La séance est annulée")


@transaction.atomic
def entrust(absence: TeacherAbsence, substitute: Person, by: UUID | None) -> tuple[int, list[str]]:
    """Someone stands in for all that is still to cover, and nothing else: how many sessions, and those they cannot.

    Pupils and families are told once, not session by session.
    """
    if substitute.pk == absence.teacher_id:
        raise Refused("Choisissez quelqu'un d'autre que l'enseignant absent.")
    done, missed, pupils = 0, [], set()
    for session in sessions_of(absence).filter(is_alone=True, state=Session.State.PLANNED, ends_at__gt=timezone.now()):
        if changing.clashes(session.starts_at, session.ends_at, teachers=[substitute.pk], but=session.pk):
            missed.append(_name(session))
            continue
        changing.replace(session, substitute, by, AWAY, tells=False)
        pupils |= set(pupils_of_session(session).order_by().values_list("pk", flat=True))
        _close(session.calls.all(), "Un remplaçant est trouvé, merci")
        done += 1
    if done:
        title = f"{substitute.formal_name} remplace {absence.teacher.formal_name}"
        last = date_format(timezone.localtime(absence.ends_at), "l j F")
        people, until = {*pupils, substitute.pk, absence.teacher_id} - {by}, f"Jusqu'au {last}."
        tell(people, Kind.TIMETABLE, title, text=until, path="/timetable/")
        tell_guardians(pupils, Kind.TIMETABLE, title, text=until, path="/timetable/")
    return done, missed


def calls_of(colleague: UUID) -> list[ReplacementCall]:
    """What a colleague is asked and may still answer, the soonest first."""
    return _calls_of(colleague, timezone.now())


@prepared
def _calls_of(colleague: UUID, now: datetime) -> QuerySet[ReplacementCall]:
    waiting = ReplacementCall.objects.filter(
        colleague=colleague, state__in=(State.ASKED, State.ACCEPTED), session__starts_at__gt=now,
        session__state=Session.State.PLANNED,
    )  # fmt: skip
    return (
        waiting.select_related("session__subject")
        .order_by("session__starts_at")
        .annotate(code=Subquery(Session.objects.filter(pk=OuterRef("session")).values("divisions__code")[:1]))
    )
