"""When a school will open, from the pace of those before it. Pure functions: dates in, dates out.

A step takes the days between the last of the steps it needs and itself (for the first ones: since its wave began).
The pace is the median of those days among the schools that did the step lately. A school's remaining steps are laid
one after the other along what they need; one that has waited long still needs half of its usual time from today.
The school opens once all are done and its planned day has come.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from platform_admin.rollout.models import NEEDS, Step

Done = dict[str, date]
Pace = Mapping[str, float]
# Days a step is taken to need while too few schools have done it to tell: the plan's own guess before the pilot.
ASSUMED: dict[str, float] = {
    Step.AGREEMENT: 30, Step.NETWORK: 21, Step.SPACE: 1, Step.DIRECTORY: 2, Step.TRAINING: 14, Step.LETTERS: 7,
}  # fmt: skip
# Fewer schools than this say nothing of a pace.
ENOUGH = 3
# Of its usual time, what a step still needs however long it has waited.
LEAST_LEFT = 0.5
# « Lately ».
LATELY = timedelta(days=180)


@dataclass(frozen=True)
class History:
    """A school's way so far: when its wave began (if that is known) and the day of each step done."""

    began: date | None
    done: Done


def days_taken(history: History) -> dict[str, int]:
    """Days each step done took; one done before what it needs, or before its wave began, tells nothing."""
    taken = {}
    for step, day in history.done.items():
        needs = NEEDS[step]
        if step == Step.OPENING or not all(need in history.done for need in needs):
            continue
        since = max((history.done[need] for need in needs), default=history.began)
        if since and day >= since:
            taken[step] = (day - since).days
    return taken


def pace(histories: Iterable[History], today: date) -> dict[str, float]:
    """Days a step takes: the median of the schools that did it lately, else what is assumed."""
    taken: dict[str, list[int]] = {step: [] for step in ASSUMED}
    for history in histories:
        for step, days in days_taken(history).items():
            if history.done[step] >= today - LATELY:
                taken[step].append(days)
    return {step: median(days) if len(days) >= ENOUGH else ASSUMED[step] for step, days in taken.items()}


def expected(history: History, rhythm: Pace, today: date) -> dict[str, date]:
    """The day of each step but the opening: done, or expected."""
    found: dict[str, date] = {}
    began = history.began or today
    for step in ASSUMED:
        if step in history.done:
            found[step] = history.done[step]
        else:
            since = max((found[need] for need in NEEDS[step]), default=began)
            usual = since + timedelta(days=math.ceil(rhythm[step]))
            least = max(since, today) + timedelta(days=math.ceil(rhythm[step] * LEAST_LEFT))
            found[step] = max(usual, least)
    return found


def predicted_opening(history: History, rhythm: Pace, planned: date | None, today: date) -> date:
    """The day a school will open; the day it did, where it has."""
    if Step.OPENING in history.done:
        return history.done[Step.OPENING]
    ready = max(expected(history, rhythm, today).values())
    return max(today, ready, planned or ready)
