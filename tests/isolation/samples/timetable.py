"""A session of the sample class, led by the sample's teacher, in a room."""

from typing import TYPE_CHECKING

from tests import factories

if TYPE_CHECKING:
    from tests.isolation.cast import Sample


def add(objects: "Sample") -> None:
    """`session`, `room`."""
    room = factories.room(f"S. {objects.division.code}")
    objects.day["room"] = room
    objects.day["session"] = factories.session(objects.leader, objects.division, in_room=room)
