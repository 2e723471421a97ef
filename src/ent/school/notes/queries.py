"""Reads of notes, shaped for a page."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, Prefetch, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest

from ent.kernel.access import Acting, Scope, acting_as, reach
from ent.kernel.prepared import prepared
from ent.school.notes.access import addressed_to
from ent.school.notes.models import Answer, Note, NoteAnswer, NoteAudience, NoteRecipient
from ent.school.people.models import Person
from ent.school.structure.access import taught_pupils, tutored_pupils
from ent.school.structure.models import Division, Enrolment, FormTutor, Group, Teaching

SHOWN = 100


# --- whom one may write to ---------------------------------------------------------------------------------------
def writable_divisions(user) -> QuerySet[Division]:
    """The classes whose families a user may write to."""
    acting, scopes = acting_as(user), reach(user, "notes.write")
    found = Division.objects.filter(closed_at=None, year__is_current=True).order_by("code")
    if Scope.SCHOOL in scopes:
        return found
    near = Q(pk__in=FormTutor.objects.filter(teacher=acting.person_id, closed_at=None).values("division"))
    mine = Teaching.objects.filter(teacher=acting.person_id, closed_at=None, division__isnull=False)
    return found.filter(near | Q(pk__in=mine.values("division"))) if scopes else found.none()


def writable_groups(user) -> QuerySet[Group]:
    """The groups whose families a user may write to."""
    scopes = reach(user, "notes.write")
    found = Group.objects.filter(closed_at=None, year__is_current=True).order_by("code")
    if Scope.SCHOOL in scopes:
        return found
    mine = Teaching.objects.filter(teacher=acting_as(user).person_id, closed_at=None, group__isnull=False)
    return found.filter(pk__in=mine.values("group")) if scopes else found.none()


def writes_to(request: HttpRequest, audience: Division | Group) -> bool:
    """Whether one may write to the families of a class or group whose page is shown (`led_by`: its teachers)."""
    return Scope.SCHOOL in reach(request.user, "notes.write") or request.acting.person_id in audience.led_by


def near_pupils(user, right: str):
    """Of a right that does not reach the whole school: the pupils it reaches; None where it reaches all."""
    acting, scopes = acting_as(user), reach(user, right)
    if Scope.SCHOOL in scopes:
        return None
    near = Q(pk=None)
    if Scope.TAUGHT in scopes:
        near |= Q(pk__in=taught_pupils(acting))
    if Scope.CLASS in scopes:
        near |= Q(pk__in=tutored_pupils(acting))
    return Person.objects.filter(near)


def out_of_reach(note: Note, user) -> list[str]:
    """Of whom a draft is for, those whose families one may not write to any more. Two queries at most."""
    pupils = near_pupils(user, "notes.write")
    if pupils is None:
        return []
    rows = NoteAudience.objects.filter(note=note).select_related("division", "group", "pupil")
    reached = rows.filter(
        Q(division__in=writable_divisions(user)) | Q(group__in=writable_groups(user)) | Q(pupil__in=pupils)
    )
    return sorted(str(one) for one in rows.exclude(pk__in=reached.values("pk")))


# --- staff -------------------------------------------------------------------------------------------------------
def sent_notes(user) -> QuerySet[Note]:
    """The sent notes whose answers a user may read: all, or one's own and those to one's pupils."""
    found = Note.objects.filter(sent_at__isnull=False)
    near = near_pupils(user, "notes.view")
    if near is not None:
        of_mine = NoteRecipient.objects.filter(pupil__in=near).values("note")
        found = found.filter(Q(author=acting_as(user).person_id) | Q(pk__in=of_mine))
    return found


def drafts_of(person: UUID | None) -> QuerySet[Note]:
    """What one has not sent yet."""
    return Note.objects.filter(author=person, sent_at=None).order_by("-created_at")


def counted(notes: Iterable[Note], user=None) -> list[Note]:
    """The same notes, each with `pupils` (for how many), `waiting` (how many still to answer) and `to`. Three queries.

    `to`: the classes, groups and pupils it is for; of a colleague's note, a user reads the names of their pupils only.
    """
    found = list(notes)
    asked = NoteRecipient.objects.filter(note__in=found, pupil__closed_at=None)
    pupils = dict(asked.values("note").annotate(n=Count("pupil", distinct=True)).values_list("note", "n"))
    waiting = dict(asked.waiting().values("note").annotate(n=Count("pupil", distinct=True)).values_list("note", "n"))
    rows = NoteAudience.objects.filter(note__in=found).select_related("division", "group", "pupil")
    near = near_pupils(user, "notes.view") if user else None
    if near is not None:
        rows = rows.filter(Q(pupil=None) | Q(note__author=acting_as(user).person_id) | Q(pupil__in=near))
    named: dict[UUID, list[str]] = {}
    for one in rows:
        named.setdefault(one.note_id, []).append(str(one))
    for note in found:
        note.pupils, note.waiting = pupils.get(note.pk, 0), waiting.get(note.pk, 0)
        note.to = sorted(named.get(note.pk, ()))
    return found


@prepared
def _unanswered(person: UUID, first: date, last: date) -> QuerySet[NoteRecipient, dict[str, Any]]:
    waiting = NoteRecipient.objects.waiting().filter(note__author=person, note__due_on__range=(first, last))
    rows = waiting.values("note", "note__title", "note__due_on").annotate(n=Count("pupil", distinct=True))
    return rows.order_by("note__due_on", "note")


def unanswered_of(person: UUID, first: date, last: date) -> list[dict]:
    """One's notes due between two days that still wait for answers: id, title, day, how many pupils. One query."""
    return [
        {"pk": row["note"], "title": row["note__title"], "due_on": row["note__due_on"], "waiting": row["n"]}
        for row in _unanswered(person, first, last)
    ]


STATES = {"waiting": "En attente", "yes": "Autorisé", "no": "Refusé", "done": "Répondu", "nobody": "Personne à joindre"}


@dataclass
class Line:
    """A pupil of a note, with those who answer for them."""

    pupil: Person
    division: str
    note: Note
    recipients: list[NoteRecipient] = field(default_factory=list)

    @property
    def state(self) -> str:
        """« yes », « no », « done », « waiting », or « nobody » to ask: as `NoteRecipient.objects.waiting()` says."""
        given = [one.answer for one in self.recipients if one.answer]
        if Answer.NO in given:
            return "no"
        owed = [one for one in self.recipients if one.person_id and one.is_asked and not one.answer]
        if given and (self.note.asks == Note.Asks.ONE or not owed):
            return "yes" if self.note.kind == Note.Kind.PERMISSION else "done"
        return "waiting" if owed else "nobody"

    @property
    def signers(self) -> list[NoteRecipient]:
        """Those whose paper may come: asked still, or having answered; anybody, where nobody is left."""
        return [one for one in self.recipients if one.is_asked or one.answer] or self.recipients

    @property
    def state_label(self) -> str:
        return STATES[self.state]

    @property
    def is_late(self) -> bool:
        """Some answer came after the day it was due."""
        return any(one.is_late for one in self.recipients)


def lines(note: Note, user=None, right: str = "notes.view") -> list[Line]:
    """Who answered and who did not, by class and name: of the pupils this user may see. Two queries."""
    rows = NoteRecipient.objects.told_apart().filter(note=note, pupil__closed_at=None)
    rows = rows.select_related("pupil", "person")
    if user is not None and note.author_id != acting_as(user).person_id:
        near = near_pupils(user, right)
        rows = rows if near is None else rows.filter(pupil__in=near)
    answers = NoteAnswer.objects.select_related("entered_by").order_by("at", "id")
    classes = Enrolment.objects.filter(pupil=OuterRef("pupil"), closed_at=None).order_by("division__code")
    rows = rows.annotate(division=Coalesce(Subquery(classes.values("division__code")[:1]), Value("")))
    ordered = rows.order_by("division", "pupil__sort_key", "pupil", "person__sort_key", "pk")
    made: dict[UUID, Line] = {}
    for one in ordered.prefetch_related(Prefetch("history", answers)):
        line = made.setdefault(one.pupil_id, Line(one.pupil, one.division, note))
        line.recipients.append(one)
    return list(made.values())


def of_pupil(pupil: Person, user) -> list[Line]:
    """The notes sent for a pupil that this user may read, the latest first. Two queries."""
    rows = NoteRecipient.objects.told_apart().filter(pupil=pupil, note__in=sent_notes(user))
    rows = rows.select_related("note", "person")
    made: dict[UUID, Line] = {}
    for one in rows.order_by("-note__sent_at", "person__sort_key", "pk")[: SHOWN * 2]:
        made.setdefault(one.note_id, Line(pupil, "", one.note)).recipients.append(one)
    return list(made.values())


# --- families ----------------------------------------------------------------------------------------------------
@dataclass
class Own:
    """A note about one pupil, as one person of the family sees it."""

    note: Note
    pupil: Person
    # What this person is asked; None for a pupil whose parents answer.
    mine: NoteRecipient | None
    # Whether anything is still waited for, from anybody.
    is_waiting: bool
    line: Line

    @property
    def is_owed(self) -> bool:
        """Waits for this person."""
        return self.is_waiting and self.mine is not None and not self.mine.answer

    @property
    def may_answer(self) -> bool:
        """Asked, and either silent so far or still in time to change."""
        return self.mine is not None and not self.note.withdrawn_at and (not self.mine.answer or not self.note.is_over)


def received(acting: Acting, note: Note | None = None) -> list[Own]:
    """What a person received (all, or of one note), for each pupil: owed and due first, then the latest. Two queries.

    Of the other guardians' answers nothing is said but that one was enough.
    """
    rows = addressed_to(acting)
    if note:
        rows = rows.filter(note=note)
    pairs = rows.values("note", "pupil").distinct()
    wanted = list(pairs.order_by("-note__sent_at", "note", "pupil")[:SHOWN])
    everyone = (
        NoteRecipient.objects.told_apart()
        .filter(note__in={one["note"] for one in wanted}, pupil__in={one["pupil"] for one in wanted})
        .select_related("note__author", "pupil", "person")
    )
    made: dict[tuple, Line] = {(one["note"], one["pupil"]): None for one in wanted}
    for one in everyone:
        key = (one.note_id, one.pupil_id)
        if key in made:
            made[key] = made[key] or Line(one.pupil, "", one.note)
            made[key].recipients.append(one)
    found = []
    for line in made.values():
        mine = next((one for one in line.recipients if one.person_id == acting.person_id), None)
        is_waiting = not line.note.withdrawn_at and line.state in ("waiting", "nobody")
        found.append(Own(line.note, line.pupil, mine, is_waiting, line))
    return sorted(found, key=lambda one: (not one.is_owed, one.note.due_on.toordinal() if one.is_owed else 0))
