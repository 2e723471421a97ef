"""From what registers say of a pupil's days to cases: pure functions, the same again when asked again."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from uuid import UUID

from ent.school.absences.half_days import Count, Span, count
from ent.school.absences.models import CaseKind


@dataclass(frozen=True, order=True)
class Missed:
    """A session of which a pupil missed all or some."""

    span: Span
    # The whole session: what « consecutive » is seen from.
    session: Span
    kind: str = CaseKind.ABSENCE


@dataclass(frozen=True)
class Run:
    """Consecutive sessions missed, or one late arrival: what a case stands for."""

    kind: str
    starts_at: datetime
    ends_at: datetime
    session_count: int
    counted: Count


@dataclass(frozen=True)
class Standing:
    """A case as it stands."""

    pk: UUID
    kind: str
    starts_at: datetime
    ends_at: datetime
    is_removed: bool = False


@dataclass
class Plan:
    """What is to become of some days' cases. `copied`: runs that begin as a copy of a case's decisions (a split)."""

    kept: list[tuple[Run, UUID]] = field(default_factory=list)
    created: list[Run] = field(default_factory=list)
    copied: list[tuple[Run, UUID]] = field(default_factory=list)
    removed: list[UUID] = field(default_factory=list)
    # (case that stays, case that it took in).
    merged: list[tuple[UUID, UUID]] = field(default_factory=list)


# What a family said, or was decided, of a time; within a day, only what was said of exact hours.
Answer = Callable[[Span, bool], Hashable]


def _no_answer(span: Span, same_day: bool) -> None:
    """Nobody answered for anything yet."""


def runs_of(missed: Sequence[Missed], planned: Sequence[Span], midday: time, answer: Answer = _no_answer) -> list[Run]:
    """The runs of some days. Two missed sessions follow each other when no planned one lies between them and the same
    `answer` (what a family said, what was decided) holds for both: a new day never slips under an answer given about
    another, nor an hour under one given about others.
    """
    absences = sorted(one for one in missed if one.kind == CaseKind.ABSENCE)
    noted = {one.session for one in missed}
    attended = [span for span in planned if span not in noted]
    attended += [one.session for one in missed if one.kind == CaseKind.LATENESS]
    groups: list[list[Missed]] = []
    for one in absences:
        if groups and _follows(groups[-1][-1], one, attended, answer):
            groups[-1].append(one)
        else:
            groups.append([one])
    groups += [[one] for one in sorted(missed) if one.kind == CaseKind.LATENESS]
    return sorted((_run(group, planned, midday) for group in groups), key=lambda run: (run.starts_at, run.kind))


def _follows(before: Missed, after: Missed, attended: list[Span], answer: Answer) -> bool:
    if _between(before.session, after.session, attended):
        return False
    same_day = before.session.starts_at.date() == after.session.starts_at.date()
    return answer(before.span, same_day) == answer(after.span, same_day)


def _between(first: Span, second: Span, attended: list[Span]) -> bool:
    return any(first.starts_at < span.starts_at < second.starts_at for span in attended)


def _run(group: list[Missed], planned: Sequence[Span], midday: time) -> Run:
    kind = group[0].kind
    counted = count([one.span for one in group], planned, midday)
    if kind == CaseKind.LATENESS:
        # Being late is not being absent: its minutes are counted, no half-day.
        counted = Count(minutes=counted.minutes)
    return Run(
        kind, min(one.span.starts_at for one in group), max(one.span.ends_at for one in group), len(group), counted
    )


def plan_of(runs: Sequence[Run], standing: Sequence[Standing]) -> Plan:
    """Match runs with the cases that stand: decisions stay with the hours they were made about."""
    plan, free = Plan(), sorted(standing, key=lambda case: (case.is_removed, case.starts_at))
    taken: dict[UUID, Run] = {}
    for run in runs:
        near = [case for case in free if case.kind == run.kind and _touch(run, case)]
        mine = [case for case in near if case.pk not in taken]
        open_ones = [case for case in mine if not case.is_removed]
        if open_ones or mine:
            first, *others = open_ones or mine[:1]
            taken[first.pk] = run
            plan.kept.append((run, first.pk))
            for other in others:
                taken[other.pk] = run
                plan.merged.append((first.pk, other.pk))
        elif near and not near[0].is_removed:
            plan.copied.append((run, near[0].pk))
        else:
            plan.created.append(run)
    plan.removed = [case.pk for case in free if case.pk not in taken and not case.is_removed]
    return plan


def _touch(run: Run, case: Standing) -> bool:
    return run.starts_at < case.ends_at and case.starts_at < run.ends_at
