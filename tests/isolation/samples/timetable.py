"""A session of the sample class, led by the sample's teacher, in a room."""

from typing import TYPE_CHECKING

from django.core.files.base import ContentFile

from ent.school.timetable.models import TimetableImport
from tests import factories

TABLE = "Jour;Début;Fin;Matière;Classe\nLundi;8h;9h;Maths;6A\nLundi;9h;10h;Physique;6Z\n"

if TYPE_CHECKING:
    from tests.isolation.cast import Sample


def add(objects: "Sample") -> None:
    """`session`, `room`, an `orphan` session, a `timetable_import`."""
    room = factories.room(f"S. {objects.division.code}")
    objects.day["room"] = room
    objects.day["orphan"] = factories.session(objects.leader, objects.division, is_orphan=True, is_kept=True)
    objects.day["timetable_import"] = TimetableImport.objects.create(
        file_name="semaine.csv", format="csv", file=ContentFile(TABLE.encode(), "semaine.csv")
    )
    objects.day["session"] = factories.session(objects.leader, objects.division, in_room=room)
