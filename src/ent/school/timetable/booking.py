"""Rooms and equipment that staff book: two bookings, or a booking and a session, never meet."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from psycopg.types.range import TimestamptzRange

from ent.kernel.ids import new_id
from ent.kernel.refused import Refused
from ent.school.timetable.changing import clashes, refuse_closed
from ent.school.timetable.models import Room, RoomUse

MOST_WEEKS = 40


@transaction.atomic
def book(room: Room, starts: datetime, ends: datetime, by: UUID, purpose: str, weeks: int = 1) -> list[RoomUse]:
    """Book a room, once or as many weeks in a row: all of them or none; `Refused` in French."""
    if not room.is_bookable:
        raise Refused(f"« {room.name} » ne se réserve pas.")
    if starts >= ends or timezone.localdate(starts) != timezone.localdate(ends):
        raise Refused("La fin doit suivre le début, le même jour.")
    if ends < timezone.now():
        raise Refused("Cette heure est passée : choisissez-en une à venir.")
    # Whoever books this room waits here: a session in it without exclusivity is then seen too.
    Room.objects.select_for_update().get(pk=room.pk)
    series = new_id() if weeks > 1 else None
    made = []
    for week in range(min(max(weeks, 1), MOST_WEEKS)):
        begins, finishes = _later(starts, week), _later(ends, week)
        if begins >= finishes:
            raise Refused("L'heure change cette nuit-là : ces heures n'existent pas.")
        refuse_closed([room], begins)
        for clash in clashes(begins, finishes, rooms=[room.pk]):
            raise Refused(f"« {room.name} » est déjà prise le {timezone.localtime(begins):%d/%m} : {clash.session}.")
        made.append(RoomUse(room=room, booked_by_id=by, purpose=purpose, series=series,
                            day=timezone.localdate(begins), during=TimestamptzRange(begins, finishes)))  # fmt: skip
    try:
        with transaction.atomic():
            return RoomUse.objects.bulk_create(made)
    except IntegrityError as error:
        raise Refused(f"« {room.name} » vient d'être prise à cette heure : choisissez-en une autre.") from error


def _later(moment: datetime, weeks: int) -> datetime:
    """The same hour of the day, weeks later: the clock may have changed between."""
    local = timezone.localtime(moment)
    return timezone.make_aware((local + timedelta(weeks=weeks)).replace(tzinfo=None)).astimezone(UTC)


def release(use: RoomUse, *, series: bool) -> int:
    """Give a booking back, or all that follow in its series; returns how many. A past one stays, as it was lived."""
    if use.day < timezone.localdate():
        raise Refused("Cette réservation est passée : elle reste dans l'historique de la salle.")
    uses = RoomUse.objects.filter(pk=use.pk)
    if series and use.series:
        uses = RoomUse.objects.filter(series=use.series, day__gte=use.day)
    return uses.delete()[0]
