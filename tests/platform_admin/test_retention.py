"""What was kept as long as was decided is deleted, at the platform and in each school."""

from datetime import timedelta

from django.utils import timezone

from ent.kernel.audit.models import AuditEvent
from platform_admin.configuring.tasks import forget_trails
from tenants.configuration.models import SettingValue
from tenants.context import platform


def old(months: int) -> None:
    AuditEvent.objects.create(action=f"essai.{months}", at=timezone.now() - timedelta(days=31 * months))


def kept() -> set[str]:
    return set(AuditEvent.objects.filter(action__startswith="essai.").values_list("action", flat=True))


def test_lines_of_the_trail_go_after_the_months_the_academy_chose(school):
    for months in (1, 7, 13):
        old(months)
    with platform():
        for months in (1, 13):
            old(months)
    forget_trails()
    assert kept() == {"essai.1", "essai.7"}
    with platform():
        assert kept() == {"essai.1"}


def test_six_months_chosen_are_six_months_kept(school):
    old(5)
    old(7)
    with platform():
        SettingValue.objects.create(key="trail_months", value=6)
    forget_trails()
    assert kept() == {"essai.5"}
