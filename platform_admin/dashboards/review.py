"""The hourly review: what schools pushed up, made into what the dashboards show."""

from datetime import date, timedelta

from django.db import connection, transaction
from django.db.models import F, FloatField, Max, Min, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone

from platform_admin.dashboards.models import Adoption, ServiceDay, Standing
from platform_admin.dashboards.score import SCHOOL_TIME_SHARE, Facts, help_needed
from platform_admin.rollout.models import Deployment, Job, Step, StepRecord
from tenants.liaison.models import SchoolActivity, SchoolPulse
from tenants.models import School

# What the curves show: two school years, and a summer.
SHOWN = timedelta(weeks=110)
# A school that was silent longer than this has no figures of today.
FRESH = timedelta(days=30)
SERVICE_WEEK = timedelta(days=7)
# Upper bounds of the sizes of schools (pupils) within which they are compared.
SIZES = (200, 400, 700, 1_100)


def last_full_day(today: date) -> date | None:
    """The last day whose counts are whole: the newest before today, or today's first ones."""
    found = SchoolPulse.objects.filter(day__lte=today).aggregate(
        full=Max("day", filter=Q(day__lt=today)), any=Max("day")
    )
    return found["full"] or found["any"]


def size_of(headcount: int | None) -> int | None:
    """In which size a school falls; None where its headcount is not known."""
    return sum(headcount >= bound for bound in SIZES) if headcount else None


@transaction.atomic
def review(today: date | None = None) -> int:
    """Make every school's standing and the academy's curves anew; returns how many schools. Repeatable."""
    today = today or timezone.localdate()
    standings = _standings(today)
    fields = [field.name for field in Standing._meta.fields if not field.primary_key]
    Standing.objects.bulk_create(
        standings, batch_size=1_000, update_conflicts=True, unique_fields=["school"], update_fields=fields
    )
    _curves(today)
    return len(standings)


def _standings(today: date) -> list[Standing]:
    figures, activity = _figures(today), _activity(today)
    first = dict(SchoolPulse.objects.values_list("school").annotate(Min("day")))
    opened = dict(StepRecord.objects.filter(step=Step.OPENING, withdrawn_at=None).values_list("deployment", "done_on"))
    steps: dict[int, set[str]] = {}
    for school, step in StepRecord.objects.filter(withdrawn_at=None).values_list("deployment", "step"):
        steps.setdefault(school, set()).add(step)
    planned = {one.pk: one.planned_on for one in Deployment.objects.select_related("wave")}
    jobs = Job.objects.order_by("school_id", "-launch__started_at", "-pk").distinct("school_id")
    failed = {job.school_id for job in jobs if job.state == Job.State.FAILED}
    accounts = sum(one["activated"] for one in figures.values())
    came = sum(one["came"] for one in figures.values())
    found = []
    for school in School.objects.only("kind", "headcount", "state").order_by("pk"):
        counts, week = figures.get(school.pk), activity.get(school.pk, {})
        standing = Standing(school=school, alike=f"{school.kind}:{_known(size_of(school.headcount))}")
        standing.opened_on = opened.get(school.pk) or first.get(school.pk)
        if counts:
            standing.day, standing.accounts = counts["day"], counts["accounts"]
            standing.activated, standing.came_this_week = counts["activated"], counts["came"]
        standing.requests, standing.errors = week.get("asked", 0), week.get("failed", 0)
        standing.median_ms, standing.p95_ms = week.get("median"), week.get("p95")
        done = steps.get(school.pk, set())
        standing.score, standing.reasons = help_needed(
            Facts(
                today=today,
                is_open=school.state == School.State.OPEN,
                opened_on=standing.opened_on,
                day=standing.day,
                accounts=standing.accounts,
                activated=standing.activated,
                came_this_week=standing.came_this_week,
                requests=standing.requests,
                errors=standing.errors,
                p95_ms=standing.p95_ms,
                import_failed=school.pk in failed,
                planned_on=planned.get(school.pk) if school.state in BEFORE_OPENING else None,
                next_step=str(next((step.label for step in Step if step not in done), "")),
                is_school_time=came >= SCHOOL_TIME_SHARE * accounts,
            )
        )
        found.append(standing)
    return found


BEFORE_OPENING = (School.State.REGISTERED, School.State.PROVISIONED)


def _known(size: int | None) -> str:
    return "" if size is None else str(size)


def _figures(today: date) -> dict[int, dict]:
    """Each school's counts of its last full day."""
    mine = SchoolPulse.objects.filter(school=OuterRef("pk"), day__lte=today, day__gt=today - FRESH).order_by("-day")
    days = School.objects.annotate(
        last=Coalesce(
            Subquery(mine.filter(day__lt=today).values("day")[:1]), Subquery(mine.values("day")[:1])
        )
    ).filter(last__isnull=False)  # fmt: skip
    last_of = dict(days.values_list("pk", "last"))
    found: dict[int, dict] = {}
    lines = SchoolPulse.objects.filter(day__in=set(last_of.values())).values("school", "day")
    for line in lines.annotate(accounts=Sum("accounts"), activated=Sum("activated"), came=Sum("came_this_week")):
        if last_of.get(line["school"]) == line["day"]:
            found[line["school"]] = dict(line)
    return found


def _activity(today: date) -> dict[int, dict]:
    """Each school's answers of the last seven days; its times weighted by how much was asked each day."""
    lines = SchoolActivity.objects.filter(day__gt=today - SERVICE_WEEK, day__lte=today, requests__gt=0)
    found = lines.values("school").annotate(
        asked=Sum("requests"), failed=Sum("errors"), median=_weighted("median_ms"), p95=_weighted("p95_ms")
    )
    return {line["school"]: {**line, **_rounded(line, "median", "p95")} for line in found}


def _weighted(field: str):
    """A mean weighted by requests, over the days that have one."""
    return Cast(Sum(F(field) * F("requests"), filter=Q(**{f"{field}__isnull": False})), FloatField()) / Sum(
        "requests", filter=Q(**{f"{field}__isnull": False})
    )


def _rounded(line: dict, *names: str) -> dict:
    return {name: None if line[name] is None else round(line[name]) for name in names}


def _curves(today: date) -> None:
    """Adoption and service by collectivity, rebuilt in the database in one statement each."""
    day, since = last_full_day(today), today - SHOWN
    Adoption.objects.all().delete()
    ServiceDay.objects.all().delete()
    if day is None:
        return
    with connection.cursor() as cursor:
        cursor.execute(ADOPTION, {"day": day, "since": since})
        cursor.execute(SERVICE, {"day": today, "since": since})


# Thursdays: the day on which every school has lessons all day. `isodow` counts from Monday.
ADOPTION = """
    INSERT INTO dashboards_adoption (day, authority_id, wave, role, schools, accounts, activated, came_this_week)
    SELECT pulse.day, school.authority_id, wave.number, pulse.role,
           count(*), sum(pulse.accounts), sum(pulse.activated), sum(pulse.came_this_week)
      FROM liaison_schoolpulse pulse
      JOIN tenants_school school ON school.id = pulse.school_id
      LEFT JOIN rollout_deployment deployment ON deployment.school_id = school.id
      LEFT JOIN rollout_wave wave ON wave.id = deployment.wave_id
     WHERE pulse.day > %(since)s AND pulse.day <= %(day)s
       AND (extract(isodow FROM pulse.day) = 4 OR pulse.day = %(day)s)
     GROUP BY 1, 2, 3, 4
"""
SERVICE = """
    INSERT INTO dashboards_serviceday
           (day, authority_id, requests, errors, median_ms, p95_ms,
            letters_printed, lessons_filled, rolls_taken, messages_sent)
    SELECT day, school.authority_id, sum(requests), sum(errors),
           sum(median_ms::float * requests) / nullif(sum(requests) FILTER (WHERE median_ms IS NOT NULL), 0),
           sum(p95_ms::float * requests) / nullif(sum(requests) FILTER (WHERE p95_ms IS NOT NULL), 0),
           sum(letters_printed), sum(lessons_filled), sum(rolls_taken), sum(messages_sent)
      FROM liaison_schoolactivity activity JOIN tenants_school school ON school.id = activity.school_id
     WHERE day > %(since)s AND day <= %(day)s
     GROUP BY 1, 2
"""
