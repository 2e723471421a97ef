"""A session of the sample class, led by the sample's teacher, in a room."""

from datetime import timedelta
from typing import TYPE_CHECKING

from django.core.files.base import ContentFile
from django.utils import timezone

from ent.school.timetable.models import (
    CalendarFeed,
    ReplacementCall,
    RoomUse,
    SessionChange,
    TeacherAbsence,
    TimeSlot,
    TimetableImport,
)
from tests import factories

TABLE = "Jour;Début;Fin;Matière;Classe\nLundi;8h;9h;Maths;6A\nLundi;9h;10h;Physique;6Z\n"

if TYPE_CHECKING:
    from tests.isolation.cast import Sample


def add(objects: "Sample") -> None:
    """`session`, `room`, `weekly_lesson`, `time_slot`, an `orphan` session, a `timetable_import`."""
    room = factories.room(f"S. {objects.division.code}")
    objects.day["room"] = room
    objects.day["orphan"] = factories.session(objects.leader, objects.division, is_orphan=True, is_kept=True)
    leader, now = objects.leader, timezone.now()
    objects.day.update({"person": objects.pupil, "division": objects.division, "group": objects.group})
    objects.day["change"] = SessionChange.objects.create(session=objects.day["orphan"], kind="added")
    objects.day["booking"] = RoomUse.objects.create(
        room=room, booked_by=leader, day="2026-09-01", during=(now - timedelta(days=9), now - timedelta(days=8))
    )
    objects.day["feed"] = CalendarFeed.objects.create(person=leader, about=leader, digest=f"{room.name}"[:64])
    objects.day["timetable_import"] = TimetableImport.objects.create(
        file_name="semaine.csv", format="csv", file=ContentFile(TABLE.encode(), "semaine.csv")
    )
    objects.day["time_slot"] = TimeSlot.objects.create(label=objects.division.code, starts_at="08:00", ends_at="08:55")
    objects.day["weekly_lesson"] = factories.lesson(leader, objects.division, in_room=room)
    objects.day["session"] = factories.session(objects.leader, objects.division, in_room=room)
    absent = factories.staff()
    to_cover = factories.session(absent, objects.division, starts=now + timedelta(days=1))
    objects.day["teacher_absence"] = TeacherAbsence.objects.create(
        teacher=absent, starts_at=now, ends_at=now + timedelta(days=3)
    )
    objects.day["call"] = ReplacementCall.objects.create(session=to_cover, colleague=leader)
