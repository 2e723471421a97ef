"""Two years of invented counts, so that the curves of the demonstration look as they will."""

from collections.abc import Iterator
from datetime import date, timedelta
from math import exp
from random import Random

from django.db.models import Count
from django.utils import timezone

from ent.accounts.models import Membership
from ent.kernel.measure import RoleGroup
from platform_admin.dashboards.outlines import OUTLINES
from platform_admin.dashboards.review import review
from platform_admin.rollout.models import Step, StepRecord
from tenants.liaison.models import SchoolActivity, SchoolPulse
from tenants.models import School

TWO_YEARS = timedelta(days=730)
# Schools with a space have every day of it; the others one day a week, and every day of the last weeks.
EVERY_DAY = timedelta(days=30)
THURSDAY = 3
BATCH = 5_000
# Zone A, first day without lessons and day of return (Ministry's school calendar, open data).
HOLIDAYS = [
    (date(2024, 7, 6), date(2024, 9, 2)), (date(2024, 10, 19), date(2024, 11, 4)),
    (date(2024, 12, 21), date(2025, 1, 6)), (date(2025, 2, 22), date(2025, 3, 10)),
    (date(2025, 4, 19), date(2025, 5, 5)), (date(2025, 7, 5), date(2025, 9, 1)),
    (date(2025, 10, 18), date(2025, 11, 3)), (date(2025, 12, 20), date(2026, 1, 5)),
    (date(2026, 2, 7), date(2026, 2, 23)), (date(2026, 4, 4), date(2026, 4, 20)),
    (date(2026, 7, 4), date(2026, 9, 1)), (date(2026, 10, 17), date(2026, 11, 2)),
    (date(2026, 12, 19), date(2027, 1, 4)), (date(2027, 2, 13), date(2027, 3, 1)),
    (date(2027, 4, 10), date(2027, 4, 26)), (date(2027, 7, 3), date(2027, 9, 1)),
]  # fmt: skip
# Per role: share of the headcount, of accounts activated in the end, weeks it takes, share of the activated who come in
# a week and on a day of lessons.
HABITS = {
    RoleGroup.PUPIL: (1.0, 0.95, 5.0, 0.88, 0.61),
    RoleGroup.GUARDIAN: (1.6, 0.80, 9.0, 0.57, 0.21),
    RoleGroup.TEACHER: (0.09, 0.99, 2.0, 0.97, 0.84),
    RoleGroup.STAFF: (0.04, 0.92, 3.5, 0.90, 0.71),
}
WEEKDAYS = (1.0, 0.98, 0.82, 1.0, 0.93, 0.18, 0.34)
# Of people with accounts, those who come outside of school time.
IN_HOLIDAYS = 0.07
# One school in so many needs help, in one way or another.
TROUBLED = 9


def is_holiday(day: date) -> bool:
    """Whether there are no lessons for days on end."""
    return any(first <= day < back for first, back in HOLIDAYS)


def build(today: date | None = None) -> None:
    """Invent the counts of every open school since its opening (two years ago where nothing says when)."""
    today = today or timezone.localdate()
    opened = dict(StepRecord.objects.filter(step=Step.OPENING, withdrawn_at=None).values_list("deployment", "done_on"))
    members: dict[int, dict[str, int]] = {}
    for school, profile, count in (
        Membership.objects.filter(closed_at=None).values_list("school", "profile").annotate(Count("pk"))
    ):
        members.setdefault(school, {})[profile] = count
    _place_schools()
    pulses: list[SchoolPulse] = []
    activity: list[SchoolActivity] = []
    for school in School.objects.filter(state=School.State.OPEN).order_by("pk"):
        since = max(opened.get(school.pk) or today - TWO_YEARS, today - TWO_YEARS)
        for of_roles, of_day in _history(school, members.get(school.pk), since, today):
            pulses += of_roles
            activity.append(of_day)
    SchoolPulse.objects.bulk_create(pulses, batch_size=BATCH, ignore_conflicts=True)
    SchoolActivity.objects.bulk_create(activity, batch_size=BATCH, ignore_conflicts=True)
    review(today)


def _place_schools() -> None:
    """Invented schools are in no list: each gets a place around the middle of its département."""
    for school in School.objects.filter(latitude=None):
        _, ring = OUTLINES.get(school.departement[-2:] or school.uai[1:3], OUTLINES["63"])
        chance = Random(school.uai)  # noqa: S311
        longitude, latitude = (sum(axis) / len(ring) for axis in zip(*ring, strict=True))
        School.objects.filter(pk=school.pk).update(
            longitude=round(longitude + chance.uniform(-0.25, 0.25), 4),
            latitude=round(latitude + chance.uniform(-0.15, 0.15), 4),
        )


def _history(
    school: School, members: dict[str, int] | None, since: date, today: date
) -> Iterator[tuple[list[SchoolPulse], SchoolActivity]]:
    """A school's days, from opening to today."""
    chance = Random(school.pk)  # noqa: S311
    headcount = school.headcount or chance.randint(180, 900)
    accounts = _accounts(headcount, members)
    trouble = chance.choice(["unused", "slow", "errors"]) if school.pk % TROUBLED == 0 else ""
    zeal = chance.uniform(0.25, 0.4) if trouble == "unused" else chance.uniform(0.86, 1.03)
    speed = chance.uniform(55, 95) * (4 if trouble == "slow" else 1)
    storage = 20_000_000 + 9_000 * headcount
    day = since
    while day <= today:
        storage += 20 * headcount
        if school.has_schema or day.weekday() == THURSDAY or day > today - EVERY_DAY:
            yield _day(school, day, since, accounts, chance, zeal, speed, trouble, storage)
        day += timedelta(days=1)


def _accounts(headcount: int, members: dict[str, int] | None) -> dict[RoleGroup, int]:
    if not members:
        return {group: max(round(headcount * habit[0]), 3) for group, habit in HABITS.items()}
    teachers = round(members.get("staff", 0) * 0.7)
    return {
        RoleGroup.PUPIL: members.get("pupil", 0),
        RoleGroup.GUARDIAN: members.get("relative", 0),
        RoleGroup.TEACHER: teachers,
        RoleGroup.STAFF: members.get("staff", 0) - teachers,
    }


def _day(school, day, since, accounts, chance, zeal, speed, trouble, storage):
    """One day: how many came, what they asked for."""
    weeks = (day - since).days / 7
    rentree = max(back for first, back in HOLIDAYS if back.month == 9 and (back <= day or back == date(2024, 9, 2)))
    # A quarter of the pupils and families are new in September.
    new = 0.24 * exp(-max((day - rentree).days, 0) / 24) if rentree > since else 0.0
    lessons = sum(
        not is_holiday(one) and one.weekday() < 5 for one in (day - timedelta(days=back) for back in range(7))
    )
    today = WEEKDAYS[day.weekday()] * (IN_HOLIDAYS if is_holiday(day) else 1)
    rows, visits = [], 0
    for group, (_, most, pace, weekly, daily) in HABITS.items():
        share = most * min(zeal, 1.0) * (1 - exp(-(weeks + 0.3) / pace))
        if group in (RoleGroup.PUPIL, RoleGroup.GUARDIAN):
            share *= 1 - new
        activated = round(accounts[group] * share)
        wobble = chance.uniform(0.94, 1.05)
        of_week = min(round(activated * weekly * zeal * wobble * (0.12 + 0.88 * lessons / 5)), activated)
        of_day = min(round(activated * daily * zeal * wobble * today), of_week)
        visits += of_day
        rows.append(
            SchoolPulse(
                school=school, day=day, role=group, accounts=accounts[group], activated=activated,
                came_today=of_day, came_this_week=of_week,
            )
        )  # fmt: skip
    asked = round(visits * chance.uniform(7.5, 9.5))
    often = 0.012 if trouble == "errors" else 0.0004
    median = speed * chance.uniform(0.9, 1.15) * (1.2 if visits > 500 else 1)
    return rows, SchoolActivity(
        school=school, day=day, letters_printed=_letters(day, since, accounts, chance), storage_bytes=storage,
        requests=asked, errors=round(asked * often * chance.uniform(0.5, 1.5)),
        median_ms=round(median) if asked else None, p95_ms=round(median * chance.uniform(3.4, 4.6)) if asked else None,
    )  # fmt: skip


def _letters(day: date, since: date, accounts: dict[RoleGroup, int], chance: Random) -> int:
    """Letters are printed around the opening, then one by one, with a batch in September."""
    if (day - since).days < 5:
        return sum(accounts.values()) // 5
    if day.weekday() > 4 or is_holiday(day):
        return 0
    return accounts[RoleGroup.PUPIL] // 4 if (day.month, day.day) == (9, 8) else chance.randint(0, 3)
