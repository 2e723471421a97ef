"""Changes of the day: one function per thing done, each with what stood before, told to those concerned, undoable."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from psycopg.types.range import TimestamptzRange

from ent.kernel.live import announce
from ent.kernel.refused import Refused
from ent.kernel.text import dated
from ent.school.notifications.actions import tell, tell_guardians
from ent.school.notifications.models import Kind
from ent.school.people.models import Person
from ent.school.structure.models import Division, Group, SchoolYear, Subject
from ent.school.timetable.access import pupils_of_session
from ent.school.timetable.calendar import days_off
from ent.school.timetable.models import (
    CalendarDay,
    Room,
    RoomUse,
    Session,
    SessionAudience,
    SessionChange,
    SessionTeacher,
)  # fmt: skip
from ent.school.timetable.queries import shared_pupils

TOPIC = "timetable"
Change, Part = SessionChange.Kind, SessionTeacher.Part


@dataclass(frozen=True)
class Clash:
    """Someone or something that is taken already at that time."""

    who: str
    session: str
    # The page of what is met.
    url: str = ""


def clashes(
    starts: datetime, ends: datetime, *, teachers: Iterable[UUID] = (), rooms: Iterable[UUID] = (),
    divisions: Iterable[UUID] = (), groups: Iterable[UUID] = (), but: UUID | None = None,
) -> list[Clash]:  # fmt: skip
    """Whom and what a session at that time would meet, by name. Five queries."""
    during = TimestamptzRange(starts, ends)
    found = []
    led = SessionTeacher.objects.filter(teacher__in=list(teachers), during__overlap=during).present()
    led = led.exclude(session=but).exclude(session__state=Session.State.CANCELLED).exclude(session__is_orphan=True)
    for row in led.select_related("teacher", "session__subject"):
        found.append(Clash(row.teacher.formal_name, _when(row.session), _page(row.session)))
    used = RoomUse.objects.filter(room__in=list(rooms), during__overlap=during)
    # A booking has no session: it is not "the session at hand" where there is none.
    used = (used.exclude(session=but) if but else used).exclude(session__state=Session.State.CANCELLED)
    used = used.exclude(session__is_orphan=True)
    for use in used.select_related("room", "session__subject", "booked_by"):
        what = _when(use.session) if use.session else f"réservée par {use.booked_by.formal_name}"
        found.append(Clash(use.room.name, what))
    # Pupils of a class may be in a group that has a session then.
    in_divisions, in_groups = shared_pupils(divisions, groups)
    heard = SessionAudience.objects.filter(
        Q(division__in=in_divisions) | Q(group__in=in_groups), session__starts_at__lt=ends,
        session__ends_at__gt=starts, session__state=Session.State.PLANNED, session__is_orphan=False,
    ).exclude(session=but)  # fmt: skip
    for one in heard.select_related("division", "group", "session__subject"):
        found.append(Clash(str(one.division or one.group), _when(one.session), _page(one.session)))
    return found


def rooms_during(session: Session) -> tuple[set[UUID], set[UUID]]:
    """The rooms a session has, and those that others have at that time. One query."""
    during = TimestamptzRange(session.starts_at, session.ends_at)
    of_others = Q(session=None) | Q(session__state=Session.State.PLANNED, session__is_orphan=False)
    uses = RoomUse.objects.filter(Q(session=session) | of_others, during__overlap=during)
    own, taken = set(), set()
    for room, used_by in uses.values_list("room", "session"):
        (own if used_by == session.pk else taken).add(room)
    return own, taken


def _page(session: Session) -> str:
    return reverse("timetable:change", args=[session.pk])


def _when(session: Session) -> str:
    return f"{session.title}, {timezone.localtime(session.starts_at):%-H h %M}"


def why_not_on(day: date, zone: str) -> str:
    """Why there are no sessions on a day ("" where there may be)."""
    year = SchoolYear.objects.filter(is_current=True).first()
    if year is None or not year.starts_on <= day <= year.ends_on:
        return "Cette date est hors de l'année scolaire."
    if day.isoweekday() == 7:
        return "Cette date est un dimanche."
    reason = days_off(day, day, zone, list(CalendarDay.objects.filter(day=day))).get(day)
    return f"Il n'y a pas cours ce jour-là : {reason}." if reason else ""


@transaction.atomic
def cancel(session: Session, by: UUID | None, reason: str) -> SessionChange:
    """A session does not take place: its teacher and rooms are free."""
    _lock(session)
    if session.is_cancelled:
        raise Refused("Cette séance est déjà annulée.")
    _touch(session, state=Session.State.CANCELLED)
    session.session_teachers.update(is_exclusive=False)
    session.room_uses.update(is_exclusive=False)
    return _told(session, Change.CANCELLED, by, reason, {"state": "planned"}, {"state": "cancelled"})


@transaction.atomic
def restore(session: Session, by: UUID | None) -> SessionChange:
    """A cancelled session takes place after all."""
    _lock(session)
    _touch(session, state=Session.State.PLANNED)
    session.changes.filter(kind=Change.CANCELLED, undone_at=None).update(undone_at=timezone.now())
    return _told(session, Change.RESTORED, by, "", {"state": "cancelled"}, {"state": "planned"})


@transaction.atomic
def move(session: Session, starts: datetime, ends: datetime, by: UUID | None, reason: str, zone: str) -> SessionChange:
    """A session takes place at another time; `Refused` on a day off, or where its room is taken."""
    _lock(session)
    if starts >= ends or timezone.localdate(starts) != timezone.localdate(ends):
        raise Refused("La fin doit suivre le début, le même jour.")
    if why := why_not_on(timezone.localdate(starts), zone):
        raise Refused(why)
    before = {"starts_at": session.starts_at.isoformat(), "ends_at": session.ends_at.isoformat()}
    day, during = timezone.localdate(starts), TimestamptzRange(starts, ends)
    rooms = list(session.room_uses.values_list("room", flat=True))
    _refuse_taken_rooms(starts, ends, rooms, session)
    _touch(session, starts_at=starts, ends_at=ends, day=day)
    session.audiences.update(day=day)
    session.session_teachers.update(day=day, during=during, is_exclusive=False)
    session.room_uses.update(day=day, during=during)
    after = {"starts_at": starts.isoformat(), "ends_at": ends.isoformat()}
    return _told(session, Change.MOVED, by, reason, before, after)


@transaction.atomic
def change_room(session: Session, room: Room | None, by: UUID | None, reason: str = "") -> SessionChange:
    """A session takes place in another room; `Refused` where it is taken."""
    _lock(session)
    before = {"rooms": list(session.room_uses.values_list("room__name", flat=True))}
    if room:
        refuse_closed([room], session.starts_at)
        _refuse_taken_rooms(session.starts_at, session.ends_at, [room.pk], session)
    session.room_uses.all().delete()
    if room:
        try:
            with transaction.atomic():
                RoomUse.objects.create(session=session, room=room, day=session.day,
                                       during=TimestamptzRange(session.starts_at, session.ends_at))  # fmt: skip
        except IntegrityError as error:
            raise Refused(f"« {room.name} » vient d'être prise à cette heure : choisissez-en une autre.") from error
    _touch(session)
    return _told(session, Change.ROOM, by, reason, before, {"rooms": [room.name] if room else []})


@transaction.atomic
def replace(
    session: Session, substitute: Person, by: UUID | None, reason: str = "", *, tells: bool = True
) -> SessionChange:
    """Someone stands in: they get the session's rights, and the absent teacher loses them for it."""
    _lock(session)
    leaders = session.session_teachers.filter(part=Part.LEADS)
    before = {"teachers": list(leaders.values_list("teacher__last_name", flat=True))}
    session.session_teachers.filter(part=Part.STANDS_IN).delete()
    leaders.exclude(teacher=substitute).update(part=Part.ABSENT, is_exclusive=False)
    SessionTeacher.objects.update_or_create(
        session=session, teacher=substitute,
        defaults={"part": Part.STANDS_IN, "day": session.day, "is_exclusive": False,
                  "during": TimestamptzRange(session.starts_at, session.ends_at)},
    )  # fmt: skip
    _touch(session)
    return _told(session, Change.REPLACED, by, reason, before, {"teachers": [substitute.last_name]},
                 also=[substitute.pk], tells=tells)  # fmt: skip


@transaction.atomic
def add(
    starts: datetime, ends: datetime, *, subject: Subject | None, label: str, teachers: list[Person],
    divisions: list[Division], groups: list[Group], rooms: list[Room], by: UUID | None, zone: str,
) -> Session:  # fmt: skip
    """A session besides the timetable; `Refused` on a day off, or where a room is taken."""
    if starts >= ends or timezone.localdate(starts) != timezone.localdate(ends):
        raise Refused("La fin doit suivre le début, le même jour.")
    day, during = timezone.localdate(starts), TimestamptzRange(starts, ends)
    if why := why_not_on(day, zone):
        raise Refused(why)
    refuse_closed(rooms, starts)
    _refuse_taken_rooms(starts, ends, [room.pk for room in rooms], None)
    session = Session.objects.create(subject=subject, label=label, day=day, starts_at=starts, ends_at=ends,
                                     is_changed=True, is_kept=True)  # fmt: skip
    SessionTeacher.objects.bulk_create(
        SessionTeacher(session=session, teacher=one, day=day, during=during, is_exclusive=False) for one in teachers
    )
    SessionAudience.objects.bulk_create(
        [SessionAudience(session=session, division=one, day=day) for one in divisions]
        + [SessionAudience(session=session, group=one, day=day) for one in groups]
    )
    RoomUse.objects.bulk_create(RoomUse(session=session, room=one, day=day, during=during) for one in rooms)
    _told(session, Change.ADDED, by, "", {}, {"starts_at": starts.isoformat()})
    return session


def refuse_closed(rooms: Iterable[Room], starts: datetime) -> None:
    """`Refused` where a room is closed by then."""
    for room in rooms:
        if room.closed_at and room.closed_at <= starts:
            day = dated(timezone.localtime(room.closed_at), "j F Y")
            raise Refused(f"« {room.name} » est fermée à partir du {day} : choisissez-en une autre.")


def _refuse_taken_rooms(starts: datetime, ends: datetime, rooms: list[UUID], session: Session | None) -> None:
    for clash in clashes(starts, ends, rooms=rooms, but=session.pk if session else None):
        raise Refused(f"« {clash.who} » est déjà prise à cette heure ({clash.session}) : choisissez-en une autre.")


def _lock(session: Session) -> None:
    """One change of a session at a time, on what it is now."""
    session.refresh_from_db(from_queryset=Session.objects.select_for_update(of=("self",)))


def _touch(session: Session, **values: Any) -> None:
    for name, value in values.items():
        setattr(session, name, value)
    session.is_changed = session.is_kept = True
    session.save(update_fields=["is_changed", "is_kept", *values])


SAID = {Change.CANCELLED: "annulée", Change.MOVED: "déplacée", Change.REPLACED: "assurée par un remplaçant",
        Change.ROOM: "dans une autre salle", Change.ADDED: "ajoutée", Change.RESTORED: "rétablie"}  # fmt: skip


def _told(session: Session, kind: SessionChange.Kind, by: UUID | None, reason: str, before: dict, after: dict,
          also: list[UUID] | None = None, *, tells: bool = True) -> SessionChange:  # fmt: skip
    """Write the change down, and tell pupils, their guardians and the teachers, each once."""
    change = SessionChange.objects.create(
        session=session, kind=kind, before=before, after=after, reason=reason, by_id=by
    )
    announce(TOPIC)
    if not tells or session.ends_at < timezone.now():
        return change
    moment = timezone.localtime(session.starts_at)
    title = f"{session.title} du {dated(moment, 'l j F')} à {moment:%-H h %M} : séance {SAID[kind]}"
    pupils = list(pupils_of_session(session).order_by().values_list("pk", flat=True))
    path = f"/timetable/?day={session.day}"
    teachers = set(session.session_teachers.values_list("teacher", flat=True)) | set(also or ())
    tell([*pupils, *(teachers - {by})], Kind.TIMETABLE, title, text=reason, path=path)
    tell_guardians(pupils, Kind.TIMETABLE, title, text=reason, path=path)
    return change


def undo(change: SessionChange, by: UUID | None, zone: str) -> None:
    """Take a change back: what stood before stands again."""
    session = change.session
    if change.kind == Change.CANCELLED:
        restore(session, by)
        return
    if change.kind == Change.MOVED:
        move(session, datetime.fromisoformat(change.before["starts_at"]),
             datetime.fromisoformat(change.before["ends_at"]), by, "Changement annulé", zone)  # fmt: skip
    elif change.kind == Change.ROOM:
        change_room(session, Room.objects.filter(name__in=change.before["rooms"]).first(), by, "Changement annulé")
    elif change.kind == Change.REPLACED:
        with transaction.atomic():
            session.session_teachers.filter(part=Part.STANDS_IN).delete()
            session.session_teachers.update(part=Part.LEADS)
            session.calls.filter(state="confirmed").update(state="closed")
            announce(TOPIC)
    SessionChange.objects.filter(session=session, undone_at=None, at__lte=F("at")).filter(
        Q(pk=change.pk) | Q(kind=change.kind)
    ).update(undone_at=timezone.now())
