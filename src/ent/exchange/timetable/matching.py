"""Names of a timetable file and what they stand for in the school: found, remembered, or asked for."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any
from uuid import UUID

from django.db.models import Value

from ent.exchange.timetable.schedule import Named, Schedule
from ent.kernel.text import folded
from ent.school.people.queries import teachers
from ent.school.structure.models import Division, Group, Subject
from ent.school.structure.subjects import presentable
from ent.school.timetable.models import NameMatch, Room, still_open

Kind = NameMatch.Kind
LEVEL = re.compile(r"\b(\d) ?(?:ieme|eme|nde|ere|de|re|e)\b")
# What the school may let a file create; teachers and classes come from the directory alone.
CREATABLE = frozenset({Kind.GROUP, Kind.SUBJECT, Kind.ROOM})
PROPOSED, MOST_COMPARED = 3, 1_000
# Answers to « what is this name? » that are no object of the school.
CREATE, LEAVE = "create", "leave"
# What each name of a file is in the school.
Known = dict[tuple[Kind, str], UUID]


@dataclass(frozen=True)
class Candidate:
    """Something of the school that a name may stand for."""

    pk: UUID
    label: str
    # Every way it may be written, folded.
    spellings: frozenset[str]


@dataclass(frozen=True)
class Matched:
    """A name of the file and what it stands for."""

    kind: Kind
    named: Named
    # Null where it stands for nothing yet, or is left out (`is_settled`).
    object_id: UUID | None
    is_settled: bool
    proposals: tuple[UUID, ...] = ()
    # How many lessons bear the name.
    lessons: int = 0

    @property
    def key(self) -> tuple[Kind, str]:
        return self.kind, self.named.key

    @property
    def field(self) -> str:
        """The form field that settles it."""
        return f"{self.kind}-{self.named.key}"

    @property
    def is_creatable(self) -> bool:
        return self.kind in CREATABLE


def spelled(text: str) -> str:
    """« 6ème A », « 6EME A » and « 6A »: the one form that names are compared in."""
    plain = LEVEL.sub(r"\1", folded(text))
    return "".join(letter for letter in plain if letter.isalnum())


def candidates() -> dict[Kind, list[Candidate]]:
    """What the school has of each kind. One query."""
    found: dict[Kind, list[Candidate]] = {kind: [] for kind in Kind}
    of_year = {"year__is_current": True, "closed_at": None}
    rows = _named_rows(Subject.objects.all(), Kind.SUBJECT, "code", "label").union(
        _named_rows(Room.objects.filter(still_open()), Kind.ROOM, "name", "name"),
        _named_rows(Division.objects.filter(**of_year), Kind.DIVISION, "code", "label"),
        _named_rows(Group.objects.filter(**of_year), Kind.GROUP, "code", "label"),
        _named_rows(teachers(), Kind.TEACHER, "last_name", "first_name"),
        all=True,
    )
    for kind, pk, code, label in rows:
        if kind == Kind.TEACHER:
            found[Kind.TEACHER].append(Candidate(pk, f"{code} {label}", _of_person(code, label)))
            continue
        shown = presentable(label) or code if kind == Kind.SUBJECT else code
        found[Kind(kind)].append(Candidate(pk, shown, _spellings(code, label, shown)))
    for those in found.values():
        those.sort(key=lambda one: one.label)
    return found


def _named_rows(rows, kind: Kind, code: str, label: str):
    return rows.order_by().values_list(Value(kind.value), "pk", code, label)


def _spellings(*texts: str) -> frozenset[str]:
    return frozenset(spelled(text) for text in texts if text)


def _of_person(last: str, first: str) -> frozenset[str]:
    return _spellings(f"{last} {first}", f"{first} {last}", f"{last} {first[:1]}", last)


def match(schedule: Schedule, there: dict[Kind, list[Candidate]] | None = None) -> list[Matched]:
    """Each name of the file, with what it stands for: as remembered here, else the only one written alike."""
    remembered = {(Kind(one.kind), one.name): one.object_id for one in NameMatch.objects.all()}
    there = there or candidates()
    used = _used(schedule)
    found = []
    for kind, names in _names(schedule).items():
        alive = {one.pk for one in there[kind]}
        by_spelling: dict[str, list[UUID]] = {}
        for one in there[kind]:
            for spelling in one.spellings:
                by_spelling.setdefault(spelling, []).append(one.pk)
        for named in names:
            lessons = used[kind, named.key]
            if object_id := named.extra.get("object_id"):
                found.append(Matched(kind, named, UUID(object_id), True, lessons=lessons))
                continue
            if (kind, named.name) in remembered:
                known = remembered[kind, named.name]
                if known is None or known in alive:
                    found.append(Matched(kind, named, known, True, lessons=lessons))
                    continue
            alike = {pk for text in _written(kind, named) for pk in by_spelling.get(spelled(text), ())}
            if len(alike) == 1:
                found.append(Matched(kind, named, alike.pop(), True, lessons=lessons))
                continue
            proposals = dict.fromkeys([*sorted(alike), *_near(named, by_spelling, len(found))])
            found.append(Matched(kind, named, None, False, tuple(proposals)[:PROPOSED], lessons))
    return found


def _near(named: Named, by_spelling: dict[str, list[UUID]], already: int) -> Iterable[UUID]:
    """Those spelled nearly so; nobody settles more names than this by hand."""
    if already > MOST_COMPARED:
        return ()
    near = get_close_matches(spelled(named.name), by_spelling, PROPOSED, 0.75)
    return [pk for text in near for pk in by_spelling[text]]


def _used(schedule: Schedule) -> Counter[tuple[Kind, str]]:
    counts: Counter[tuple[Kind, str]] = Counter()
    for lesson in schedule.lessons:
        counts[Kind.SUBJECT, lesson.subject] += 1
        for kind, keys in ((Kind.TEACHER, lesson.teachers), (Kind.DIVISION, lesson.divisions),
                           (Kind.GROUP, lesson.groups), (Kind.ROOM, lesson.rooms)):  # fmt: skip
            counts.update((kind, key) for key in keys)
    return counts


def _names(schedule: Schedule) -> dict[Kind, Iterable[Named]]:
    return {
        Kind.TEACHER: schedule.teachers.values(),
        Kind.DIVISION: schedule.divisions.values(),
        Kind.GROUP: schedule.groups.values(),
        Kind.SUBJECT: schedule.subjects.values(),
        Kind.ROOM: schedule.rooms.values(),
    }


def _written(kind: Kind, named: Named) -> list[str]:
    texts = [named.name, named.code]
    if kind == Kind.TEACHER:
        texts.append(f"{named.extra.get('last_name', '')} {named.extra.get('first_name', '')}")
    return [text for text in texts if text.strip()]


def remember(answers: dict[tuple[Kind, str], UUID | None]) -> None:
    """Keep what names stand for in this school (None: left out), for this import and the next ones."""
    NameMatch.objects.bulk_create(
        [NameMatch(kind=kind, name=name, object_id=pk) for (kind, name), pk in answers.items()],
        update_conflicts=True,
        unique_fields=["kind", "name"],
        update_fields=["object_id"],
    )


def create(kind: Kind, named: Named, year) -> Any:
    """The room, subject or group that a file names and the school does not have yet."""
    if kind == Kind.ROOM:
        return _open(Room.objects.get_or_create(name=named.name[:60])[0])
    if kind == Kind.SUBJECT:
        code = (named.code or named.name)[:20]
        return Subject.objects.get_or_create(code=code, defaults={"label": named.name[:120]})[0]
    return _open(Group.objects.get_or_create(year=year, code=named.name[:60])[0])


def _open(found: Any) -> Any:
    """A room or group that was closed is used again."""
    if found.closed_at:
        found.closed_at = None
        found.save(update_fields=["closed_at"])
    return found
