"""Something the sample pupil was told."""

from typing import TYPE_CHECKING

from django.utils import timezone

from ent.school.notifications.models import Delivery, Notification

if TYPE_CHECKING:
    from tests.isolation.cast import Sample


def add(objects: "Sample") -> None:
    """`notification`: the pupil's. Nobody else opens it. `delivery`: of it, lost."""
    objects.day["notification"] = Notification.objects.create(person=objects.pupil, kind="work", title="Essai")
    objects.day["delivery"] = Delivery.objects.create(
        notification=objects.day["notification"], way="email", state="failed", deliver_after=timezone.now()
    )
