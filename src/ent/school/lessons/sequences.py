"""A class's sessions in a subject, one after the other: what is prepared for them is laid, copied and slid along."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from itertools import takewhile
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from ent.kernel.refused import Refused
from ent.school.lessons.models import Homework, LessonEntry, Slide
from ent.school.timetable.models import Session, SessionAudience, SessionTeacher
from ent.school.timetable.queries import detailed

# What `is_prepared` and `audience_of` read of a session.
PREPARED = ("audiences", "homework", "entry__attachments")
Audience = tuple[frozenset[UUID], frozenset[UUID]]


def led_by(teacher: UUID, subject: UUID | None, after: datetime, most: int = 400) -> list[Session]:
    """The sessions to come of a teacher in a subject, with what is prepared for them. Three queries."""
    led = SessionTeacher.objects.filter(teacher=teacher).present()
    found = detailed(Session.objects.filter(pk__in=led.values("session"), subject=subject, starts_at__gt=after,
                                            state=Session.State.PLANNED))  # fmt: skip
    return list(found.select_related("entry").prefetch_related(*PREPARED).order_by("starts_at")[:most])


def audience_of(session: Session) -> Audience:
    """The classes and groups of a session, as a key."""
    rows = session.audiences.all()
    return (frozenset(one.division_id for one in rows if one.division_id),
            frozenset(one.group_id for one in rows if one.group_id))  # fmt: skip


def following(session: Session, after: datetime | None = None) -> list[Session]:
    """The sessions of the same classes and groups, by the same teachers, that come after. Four queries."""
    rows = SessionAudience.objects.filter(session=session)
    heard = SessionAudience.objects.filter(
        Q(division__in=rows.exclude(division=None).values("division"))
        | Q(group__in=rows.exclude(group=None).values("group"))
    )
    led = SessionTeacher.objects.filter(teacher__in=session.session_teachers.values("teacher"))
    later = detailed(Session.objects.filter(
        pk__in=heard.values("session"), subject=session.subject_id, state=Session.State.PLANNED,
        starts_at__gt=max(session.starts_at, after or timezone.now()),
    ).filter(pk__in=led.values("session")))  # fmt: skip
    same = audience_of(session)
    found = later.select_related("entry").prefetch_related(*PREPARED).order_by("starts_at")[:80]
    return [one for one in found if audience_of(one) == same]


def is_prepared(session: Session) -> bool:
    """Something is written for it, or given in it."""
    entry = getattr(session, "entry", None)
    return bool(entry and (entry.content or entry.private_note or entry.attachments.all())) or any(
        one.withdrawn_at is None for one in session.homework.all()
    )


def parallel(session: Session, teacher: UUID) -> list[Session]:
    """The next session without content of each other class a teacher has in this subject. One query.

    The classes named most like this one come first: « 6e B » before « 5e A » for « 6e A ».
    """
    since = max(session.starts_at, timezone.now()) - timedelta(days=7)
    led = SessionTeacher.objects.filter(teacher=teacher, day__gte=since).present()
    free = Session.objects.filter(
        Q(entry=None) | Q(entry__content="", entry__attachments=None),
        ~Exists(Homework.objects.filter(given_in=OuterRef("pk"))),
        pk__in=led.values("session"), subject=session.subject_id, starts_at__gt=since, state=Session.State.PLANNED,
    )  # fmt: skip
    mine, found = (tuple(session.division_codes), tuple(session.group_codes)), {}
    for one in detailed(free).order_by("starts_at")[:60]:
        found.setdefault((tuple(one.division_codes), tuple(one.group_codes)), one)
    found.pop(mine, None)

    def distance(one: Session) -> tuple[int, list[str], list[str]]:
        letters = zip(one.audience, session.audience, strict=False)
        alike = sum(1 for _ in takewhile(lambda both: both[0] == both[1], letters))
        return -alike, one.division_codes, one.group_codes

    return sorted(found.values(), key=distance)


# --- sliding -----------------------------------------------------------------------------------------------------
def to_slide(session: Session) -> list[tuple[Session, Session]]:
    """(from, to) of what would move if a session does not take place: until a free session takes the last."""
    if not is_prepared(session):
        raise Refused("Rien n'est préparé pour cette séance : il n'y a rien à décaler.")
    moves, current = [], session
    for later in following(session):
        moves.append((current, later))
        if not is_prepared(later):
            return moves
        current = later
    raise Refused("Il n'y a plus de séance libre à la suite : supprimez ou regroupez un contenu d'abord.")


@transaction.atomic
def slide(session: Session, by: UUID) -> Slide:
    """Move what is prepared to the following session, and so on; `Refused` where the last finds no place."""
    list(Session.objects.select_for_update().filter(pk=session.pk))
    moves = to_slide(session)
    after = {one.pk: later for one, later in moves}
    beyond = following(moves[-1][1])[:1]
    last = {moves[-1][1].pk: beyond[0]} if beyond else {}
    written = []
    for one, later in reversed(moves):
        entry, works = getattr(one, "entry", None), []
        moved = {"from": str(one.pk), "to": str(later.pk), "entry": None, "works": works}
        if entry:
            # An empty one left in the free session gives way.
            LessonEntry.objects.filter(session=later, content="", private_note="", attachments=None).delete()
            moved |= {"entry": str(entry.pk), "publish_at": _iso(entry.publish_at)}
            _move_entry(entry.pk, later, _shown(entry.publish_at, one, later))
        for work in one.homework.filter(withdrawn_at=None, submissions=None):
            due = (after | last).get(work.due_session_id) or (after | last).get(later.pk)
            due_on = due.day if due else work.due_on + (later.day - one.day)
            works.append({"id": str(work.pk), "due_on": str(work.due_on), "publish_at": _iso(work.publish_at),
                          "due_session": str(work.due_session_id) if work.due_session_id else None})  # fmt: skip
            _move_work(work, later, due_on, due.pk if due else None, _shown(work.publish_at, one, later))
        written.append(moved)
    Session.objects.filter(pk__in=[later.pk for _, later in moves]).update(is_kept=True)
    return Slide.objects.create(session=session, by_id=by, moves=written)


@transaction.atomic
def take_back(slid: Slide) -> None:
    """What slid comes back, unless someone wrote in its place meanwhile."""
    slid = Slide.objects.select_for_update().get(pk=slid.pk)
    if slid.undone_at:
        raise Refused("Ce décalage est déjà annulé.")
    moved = {one["entry"] for one in slid.moves if one["entry"]}
    # The first session of the chain, last in the list, was left free.
    there = LessonEntry.objects.filter(session__in=[one["from"] for one in slid.moves]).exclude(pk__in=moved)
    if there.exclude(content="", private_note="", attachments=None).exists():
        raise Refused("Une de ces séances a reçu un autre contenu depuis : déplacez-le d'abord.")
    there.delete()
    for one in reversed(slid.moves):
        if one["entry"]:
            _move_entry(UUID(one["entry"]), Session(pk=UUID(one["from"])), _moment(one["publish_at"]))
        for row in one["works"]:
            work = Homework.objects.filter(pk=row["id"]).first()
            if work:
                due = UUID(row["due_session"]) if row["due_session"] else None
                _move_work(work, Session(pk=UUID(one["from"])), date.fromisoformat(row["due_on"]), due,
                           _moment(row["publish_at"]))  # fmt: skip
    slid.undone_at = timezone.now()
    slid.save(update_fields=["undone_at"])


def _move_entry(entry: UUID, session: Session, publish_at: datetime | None) -> None:
    LessonEntry.objects.filter(pk=entry).update(session=session.pk, publish_at=publish_at)


def _move_work(work: Homework, session: Session, due_on: date, due: UUID | None, publish_at: datetime | None) -> None:
    Homework.objects.filter(pk=work.pk).update(
        given_in=session.pk, due_on=due_on, due_session=due, publish_at=publish_at
    )
    work.audiences.update(due_on=due_on)


def _shown(at: datetime | None, one: Session, later: Session) -> datetime | None:
    """Shown at the end of the session: of the one it moves to."""
    return later.ends_at if at and at == one.ends_at else at


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def due_after(sessions: Iterable[Session], wanted: date) -> Session | None:
    """The first of these sessions on or after a day."""
    return next((one for one in sessions if one.day >= wanted), None)
