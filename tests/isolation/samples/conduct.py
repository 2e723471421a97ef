"""A remark about the sample pupil, by the sample's teacher."""

from typing import TYPE_CHECKING

from ent.school.conduct.models import Remark

if TYPE_CHECKING:
    from tests.isolation.cast import Sample


def add(objects: "Sample") -> None:
    """`pupil`, `remark`."""
    objects.day.setdefault("pupil", objects.pupil)
    objects.day["remark"] = Remark.objects.create(
        pupil=objects.pupil, kind=Remark.Kind.OBSERVATION, text="Bavarde.", by=objects.leader, needs_signature=True
    )
