"""Registers of services: the canteen, the study hall hour by hour, the boarding house; one form, three lists."""

from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from ent.kernel.live import announce
from ent.school.attendance.actions import BOARD
from ent.school.attendance.models import OutingPupil, ServicePresence, ServiceRegister
from ent.school.attendance.queries import (
    FOLDED_ABOVE,
    SERVED_FOR,
    boarders,
    codes_of,
    half_boarders,
    unseen_since,
    whereabouts,
)
from ent.school.people.models import Person

Service = ServiceRegister.Service
MAY_LEAVE = "Peut sortir"


@dataclass(frozen=True)
class Expected:
    """A pupil on the sheet: there or not, as noted or as known beforehand."""

    pupil: Person
    division: str
    is_absent: bool
    # « Absent de cours », « Sortie : Musée »: why they are already marked.
    known: str = ""


@dataclass(frozen=True)
class Sheet:
    """The sheet of a service now."""

    service: ServiceRegister.Service
    hour: time | None
    register: ServiceRegister | None
    lines: tuple[Expected, ...]

    @property
    def is_long(self) -> bool:
        return len(self.lines) > FOLDED_ABOVE

    @property
    def missing(self) -> tuple[Expected, ...]:
        """Those who are not there and should be."""
        return tuple(one for one in self.lines if one.is_absent and one.known != MAY_LEAVE)


def hour_of(service: str, now: datetime) -> time | None:
    """The hour a register is of: the study hall has one each hour, the others one a day."""
    return time(timezone.localtime(now).hour) if service == Service.STUDY else None


def sheet(service: ServiceRegister.Service, now: datetime | None = None) -> Sheet:
    """Who is expected, who is already known to be away, who was noted missing."""
    now = now or timezone.now()
    day, hour = timezone.localdate(now), hour_of(service, now)
    register = (
        ServiceRegister.objects.filter(service=service, day=day, starts_at=hour).select_related("taken_by").first()
    )
    noted: dict[UUID, ServicePresence] = {}
    if register:
        noted = {one.pupil_id: one for one in register.presences.select_related("pupil")}
    expected = expected_at(service, now)
    pupils = {one.pk: one for one, _ in expected} | {key: one.pupil for key, one in noted.items()}
    away = {one.pk: words for one, words in expected if words} | ({} if register else _away(pupils, day, now))
    codes = codes_of(pupils)
    lines = [
        Expected(
            pupil, codes.get(key, ""), not noted[key].is_present if key in noted else key in away, away.get(key, "")
        )
        for key, pupil in pupils.items()
    ]
    return Sheet(service, hour, register, tuple(sorted(lines, key=lambda one: (one.division, one.pupil.sort_key))))


def expected_at(service: ServiceRegister.Service, now: datetime | None = None) -> list[tuple[Person, str]]:
    """Who is expected at a service now; to study, also who may leave instead, and is told so."""
    if service == Service.CANTEEN:
        return [(one, "") for one in half_boarders()]
    if service == Service.BOARDING:
        return [(one, "") for one in boarders()]
    return [
        (one.pupil, MAY_LEAVE if one.kind == "out" else "")
        for one in whereabouts(now)
        if one.kind in ("free", "out") and one.place != Service.CANTEEN.label
    ]


def _away(pupils, day: date, now: datetime) -> dict[UUID, str]:
    """{pupil: why} of those noted absent whom no roll has seen since, or on an outing. Four queries."""
    found = dict.fromkeys(unseen_since(pupils, day, now), "Absent de cours")
    out = OutingPupil.objects.filter(
        pupil__in=list(pupils), stays=False, outing__closed_at=None, outing__starts_at__lte=now + SERVED_FOR,
        outing__ends_at__gt=now,
    )  # fmt: skip
    return found | dict(out.values_list("pupil", "outing__title"))


@transaction.atomic
def take(service: ServiceRegister.Service, absent: set[UUID], by: UUID | None, shown: set[UUID] | None = None,
         now: datetime | None = None) -> ServiceRegister:  # fmt: skip
    """Record a service's register: all that the sheet showed are there, but these."""
    now = now or timezone.now()
    expected = {one.pupil.pk for one in sheet(service, now).lines}
    register, _ = ServiceRegister.objects.update_or_create(
        service=service, day=timezone.localdate(now), starts_at=hour_of(service, now),
        defaults={"taken_by_id": by, "taken_at": now},
    )  # fmt: skip
    listed = expected if shown is None else shown & known_pupils(shown | expected)
    register.presences.all().delete()
    ServicePresence.objects.bulk_create(
        ServicePresence(register=register, pupil_id=pupil, is_present=pupil not in absent) for pupil in sorted(listed)
    )
    announce(BOARD)
    return register


def known_pupils(keys: set[UUID]) -> set[UUID]:
    """Those of them who are pupils here."""
    return set(Person.objects.filter(pk__in=keys, profile="pupil", closed_at=None).values_list("pk", flat=True))
