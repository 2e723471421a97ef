"""Something the sample pupil was told."""

from typing import TYPE_CHECKING

from ent.school.notifications.models import Notification

if TYPE_CHECKING:
    from tests.isolation.cast import Sample


def add(objects: "Sample") -> None:
    """`notification`: the pupil's. Nobody else opens it."""
    objects.day["notification"] = Notification.objects.create(person=objects.pupil, kind="work", title="Essai")
