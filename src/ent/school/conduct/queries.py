"""Reads of conduct."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Count, DateTimeField, Q, UUIDField, Value
from django.db.models.functions import Cast
from django.utils import timezone

from ent.kernel.access import Scope, acting_as, reach
from ent.school.attendance.models import Passage
from ent.school.conduct.models import (
    Acknowledgement,
    Detention,
    DisciplinaryBoard,
    Incident,
    IncidentParty,
    Punishment,
    Remark,
    Sanction,
)
from ent.school.people.models import Person, Profile
from ent.school.structure.models import Enrolment, FormTutor
from ent.school.structure.queries import class_codes

WAITING = Q(kind=Punishment.Kind.DETENTION, detention=None, outcome__in=["", Punishment.Outcome.EXCUSED])


def punishments():
    """Punishments with all a page shows of them."""
    return Punishment.objects.select_related("pupil", "given_by", "detention__room")


def with_acknowledgements(pupil: Person, *things: list) -> None:
    """Give each remark, punishment and sanction of a pupil its `seen_by`: who acknowledged it. One query."""
    found: dict[UUID | None, list[Acknowledgement]] = defaultdict(list)
    about = Q(remark__pupil=pupil) | Q(punishment__pupil=pupil) | Q(sanction__pupil=pupil)
    for one in Acknowledgement.objects.filter(about).select_related("guardian"):
        found[one.remark_id or one.punishment_id or one.sanction_id].append(one)
    for thing in (one for those in things for one in those):
        thing.seen_by = found[thing.pk]


@dataclass(frozen=True)
class Fact:
    """Something beside remarks and punishments: what the family was told of an incident, or a disciplinary board."""

    pk: UUID
    kind: str
    at: datetime
    place: str
    text: str
    closed_at: datetime | None
    sanction: UUID | None

    @property
    def place_words(self) -> str:
        """« Cour »; a board's place as it was typed."""
        return str(Incident.Place(self.place).label) if self.kind == "incident" else self.place


def facts_of(pupil: Person, *, with_incidents: bool) -> list[Fact]:
    """Disciplinary boards, and one's own part of incidents, nothing of the others, the latest first. One query."""
    none_yet = Cast(Value(None), DateTimeField()), Cast(Value(None), UUIDField())
    boards = DisciplinaryBoard.objects.filter(pupil=pupil).order_by()
    found = boards.values_list("pk", Value("board"), "held_at", "place", "reason", "closed_at", "sanction__pk")
    if with_incidents:
        parts = IncidentParty.objects.filter(person=pupil, told_at__isnull=False).order_by()
        found = found.union(parts.values_list(
            "pk", Value("incident"), "incident__happened_at", "incident__place", "family_text", *none_yet,
        ))  # fmt: skip
    return sorted((Fact(*row) for row in found), key=lambda one: one.at, reverse=True)


def removals_of(pupil: Person):
    """The lessons a pupil was sent out of, the latest first."""
    sent = Passage.objects.filter(pupil=pupil, is_removal=True)
    return sent.select_related("sent_by", "session__subject").order_by("-sent_at")


def counts(remarks, punishments, removals) -> list[tuple[str, int]]:
    """(kind, how many) of what is written of a pupil."""
    found = Counter(remark.kind for remark in remarks)
    words = [(label, found[kind]) for kind, label in Remark.Kind.choices if found[kind]]
    return words + [(label, len(those)) for label, those in (
        ("Exclusions de cours", removals), ("Punitions", punishments),
    ) if those]  # fmt: skip


def ratio(teacher: UUID) -> tuple[int, int]:
    """(encouragements, other remarks) a teacher wrote in seven days: for their own eyes. One query."""
    week = Remark.objects.filter(by=teacher, at__gt=timezone.now() - timedelta(days=7))
    good = Count("pk", filter=Q(kind=Remark.Kind.ENCOURAGEMENT))
    row = week.aggregate(good=good, all=Count("pk"))
    return row["good"], row["all"] - row["good"]


def sanctions():
    """Sanctions with the pupil and `codes` of classes, the latest first."""
    found = Sanction.objects.select_related("pupil").annotate(codes=class_codes("pupil"))
    return found.order_by("-decided_on", "pk")


# --- detentions --------------------------------------------------------------------------------------------------
def waiting():
    """Detentions that nobody has planned yet, the oldest first, with `codes` of classes."""
    found = Punishment.objects.filter(WAITING).select_related("pupil", "given_by")
    return found.annotate(codes=class_codes("pupil")).order_by("given_at", "pk")


def detentions_between(first: date, last: date) -> list[Detention]:
    """The detentions of some days, each with its `held`: the punishments, by pupil. Two queries."""
    found = list(Detention.objects.filter(starts_at__date__range=(first, last)).select_related("room", "supervisor"))
    held = held_in(found)
    for detention in found:
        detention.held = held[detention.pk]  # type: ignore[attr-defined]
    return found


def held_in(detentions: list[Detention]) -> dict[UUID, list[Punishment]]:
    """{detention: the punishments done there, by pupil, with `codes` of classes}. One query."""
    held = Punishment.objects.filter(detention__in=detentions).annotate(codes=class_codes("pupil"))
    found: dict[UUID, list[Punishment]] = {one.pk: [] for one in detentions}
    for one in held.select_related("pupil").order_by("pupil__sort_key", "pk"):
        found[one.detention_id].append(one)  # type: ignore[index]
    return found


@dataclass(frozen=True)
class Grid:
    """A week of detentions: hours down, rooms across; each cell a detention, or None."""

    rooms: tuple[str, ...]
    rows: tuple[tuple[Detention, tuple[tuple[str, Detention | None], ...]], ...]


def grid(week: list[Detention]) -> Grid:
    """The detentions of a week by hour and room."""
    rooms = tuple(sorted({one.room.name for one in week}))
    hours: dict[tuple[datetime, datetime], dict[str, Detention]] = {}
    for one in week:
        one.left = max(one.places - len(one.held), 0)  # type: ignore[attr-defined]
        hours.setdefault((one.starts_at, one.ends_at), {})[one.room.name] = one
    rows = ((next(iter(cells.values())), tuple((room, cells.get(room)) for room in rooms))
            for _, cells in sorted(hours.items()))  # fmt: skip
    return Grid(rooms, tuple(rows))


def open_detentions(now: datetime) -> list[Detention]:
    """Those to come with a place left. One query."""
    found = Detention.objects.filter(starts_at__gt=now).select_related("room").annotate(taken=Count("punishments"))
    return [one for one in found if one.taken < one.places]


# --- incidents ---------------------------------------------------------------------------------------------------
def parties_of(incident: Incident, *, with_sanctions: bool) -> list[IncidentParty]:
    """Those it concerns, each with their `punished`, `sanctioned` and measures. Four queries."""
    parties = list(incident.parties.select_related("person").prefetch_related("measures__by"))
    given, decided = defaultdict(list), defaultdict(list)
    for one in punishments().filter(incident=incident):
        given[one.pupil_id].append(one)
    for sanction in incident.sanctions.all() if with_sanctions else ():
        decided[sanction.pupil_id].append(sanction)
    for party in parties:
        party.punished, party.sanctioned = given[party.person_id], decided[party.person_id]  # type: ignore
    return parties


def incidents_for(user):
    """The incidents someone may list: all, those of their class, those they reported or are a party to."""
    found = Incident.objects.select_related("reported_by", "owner").prefetch_related("parties__person")
    scopes, acting = reach(user, "conduct.view_incident"), acting_as(user)
    if Scope.SCHOOL in scopes:
        return found
    mine = Q(reported_by=acting.person_id) | Q(pk__in=IncidentParty.objects.filter(
        person=acting.person_id, person__profile=Profile.STAFF).values("incident"))  # fmt: skip
    if Scope.CLASS in scopes:
        tutored = FormTutor.objects.filter(teacher=acting.person_id, closed_at=None).values("division")
        pupils = Enrolment.objects.filter(division__in=tutored, closed_at=None).values("pupil")
        mine |= Q(pk__in=IncidentParty.objects.filter(person__in=pupils).values("incident"))
    return found.filter(mine)
