"""What periods of retention ask for every night."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from ent.accounts.models import Account
from ent.kernel.audit.models import AuditEvent
from tenants.configuration.queries import academy_value
from tenants.context import inside_as_owner, platform
from tenants.models import School

DAYS_PER_MONTH = 365 / 12


@shared_task
def forget_trails() -> None:
    """Delete the lines of the platform's trail, and of each school's, that have been kept long enough."""
    with platform():
        oldest = timezone.now() - timedelta(days=round(academy_value("trail_months") * DAYS_PER_MONTH))
        AuditEvent.objects.filter(at__lt=oldest).delete()
        schools = list(School.objects.exclude(revision=None))
    for school in schools:
        # The school's own role adds lines and never takes any away.
        with inside_as_owner(school):
            AuditEvent.objects.filter(at__lt=oldest).delete()


@shared_task
def forget_accounts() -> None:
    """Delete the accounts that no school knows any more, and no collectivity, once closed long enough."""
    with platform():
        oldest = timezone.now() - timedelta(days=round(academy_value("closed_accounts_months") * DAYS_PER_MONTH))
        Account.objects.filter(closed_at__lt=oldest, officer=None).delete()
