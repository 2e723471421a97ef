"""What is known beforehand: exemptions, outings; and passages."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import F, Sum
from django.utils import timezone

from ent.kernel import documents
from ent.kernel.access import Role
from ent.school.attendance.models import (
    Attendance,
    AttendanceState,
    Exemption,
    Outing,
    OutingPupil,
    Passage,
)  # fmt: skip
from ent.school.structure.models import Enrolment

PLACES = {Role.NURSE: Passage.Place.INFIRMARY, Role.LIBRARIAN: Passage.Place.LIBRARY}


def place_of(roles: Iterable[Role]) -> Passage.Place | None:
    """Where someone of these roles receives pupils."""
    return next((PLACES[one] for one in roles if one in PLACES), None)


def passages_of(day: date):
    """The passages of a day: those who are coming, those who are there, those who left. One query."""
    found = Passage.objects.of_day(day)
    return found.select_related("pupil", "sent_by", "received_by", "companion", "session__subject").order_by(
        F("left_at").asc(nulls_first=True), F("received_at").asc(nulls_first=True), "sent_at"
    )


def exempt(exemption: Exemption, by: UUID | None, document=None) -> Exemption:
    """Record an exemption, with the certificate the family brought."""
    exemption.recorded_by_id = by
    if document:
        exemption.document_name, exemption.document_size = documents.shown_name(document), document.size or 0
        documents.keep(exemption.document, exemption.pk, document)
    exemption.save()
    return exemption


def end(thing: Exemption | Outing) -> None:
    """An exemption or an outing is over, or does not take place."""
    thing.closed_at = timezone.now()
    thing.save(update_fields=["closed_at"])


def document_bytes() -> int:
    """What the certificates of exemptions take on disk. One query."""
    return Exemption.objects.aggregate(total=Sum("document_size"))["total"] or 0


def exemptions_from(day: date):
    """Exemptions under way or to come. One query."""
    return (
        Exemption.objects.filter(closed_at=None, ends_on__gte=day)
        .select_related("pupil", "subject")
        .order_by("starts_on", "pupil__sort_key")
    )


def outings_from(day: date):
    """Outings under way or to come. One query."""
    return Outing.objects.filter(closed_at=None, ends_at__date__gte=day).order_by("starts_at")


@transaction.atomic
def plan_outing(outing: Outing, divisions, by: UUID | None) -> Outing:
    """An outing of whole classes: one entry for all their pupils."""
    outing.recorded_by_id = by
    outing.save()
    enrolled = Enrolment.objects.filter(division__in=divisions, closed_at=None, pupil__closed_at=None)
    OutingPupil.objects.bulk_create(
        OutingPupil(outing=outing, pupil_id=pupil) for pupil in set(enrolled.values_list("pupil", flat=True))
    )
    return outing


def pupils_of(outing: Outing):
    """The pupils of an outing, by name. One query."""
    return OutingPupil.objects.filter(outing=outing).select_related("pupil").order_by("pupil__sort_key", "pupil")


def anomalies_of(outing: Outing) -> list[str]:
    """What does not agree with an outing: a pupil who is on two at once, or noted absent meanwhile. Two queries."""
    going = OutingPupil.objects.filter(outing=outing, stays=False).values("pupil")
    others = OutingPupil.objects.filter(
        pupil__in=going, stays=False, outing__closed_at=None, outing__starts_at__lt=outing.ends_at,
        outing__ends_at__gt=outing.starts_at,
    ).exclude(outing=outing)  # fmt: skip
    found = [f"{one.pupil} est aussi prévu à « {one.outing.title} » au même moment."
             for one in others.select_related("pupil", "outing").order_by("pupil__sort_key")]  # fmt: skip
    noted = Attendance.objects.filter(
        pupil__in=going, state=AttendanceState.ABSENT, starts_at__lt=outing.ends_at, ends_at__gt=outing.starts_at
    ).select_related("pupil", "session__subject")  # fmt: skip
    return found + [
        f"{one.pupil} est noté absent en {one.session.title}, le {timezone.localtime(one.starts_at):%d/%m à %-H h %M}."
        for one in noted.order_by("pupil__sort_key", "starts_at")
    ]


@transaction.atomic
def keep_at_school(outing: Outing, stays: set[str]) -> None:
    """These pupils stay: the register expects them in class."""
    for line in OutingPupil.objects.filter(outing=outing).select_for_update():
        wanted = str(line.pk) in stays
        if line.stays != wanted:
            line.stays = wanted
            line.save(update_fields=["stays"])
