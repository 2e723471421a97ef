"""A school writes its counts of the day, with its own rights."""

from django.db import connection, transaction
from django.utils import timezone

from ent.kernel import measure
from ent.school.pulse import queries
from tenants.liaison.models import SchoolActivity, SchoolPulse
from tenants.models import School


@transaction.atomic
def push(school: School) -> None:
    """Write today's rows of the school in force, over those of an hour ago. Before the first visit all are zero."""
    assert connection.schema_name == school.schema_name  # noqa: S101
    day = timezone.localdate()
    SchoolPulse.objects.bulk_create(
        [
            SchoolPulse(
                school=school, day=day, role=group, accounts=accounts, activated=activated,
                came_today=measure.came(group, day), came_this_week=measure.came(group, day, measure.WEEK_DAYS),
            )
            for group, (accounts, activated) in queries.accounts_by_group().items()
        ],
        update_conflicts=True,
        unique_fields=["school", "day", "role"],
        update_fields=["accounts", "activated", "came_today", "came_this_week"],
    )  # fmt: skip
    service, counted = measure.service_on(day), measure.counted(day)
    counted["storage_bytes"] += queries.table_bytes()
    values = counted | {
        "requests": service.requests, "errors": service.errors,
        "median_ms": service.median_ms, "p95_ms": service.p95_ms,
    }  # fmt: skip
    SchoolActivity.objects.update_or_create(school=school, day=day, defaults=values)
