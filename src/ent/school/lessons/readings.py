"""A reading of logs that the head opens for an inspector: a private address, timed, without pupils' names."""

import secrets
from datetime import date, datetime, time
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from ent.accounts.codes import digest
from ent.kernel.audit.models import record
from ent.school.lessons.models import Attachment, Endorsement, LogReading
from ent.school.lessons.queries import Logged, log_of, log_of_teacher
from ent.school.notifications.actions import tell
from ent.school.notifications.models import Kind
from ent.school.people.models import Person
from ent.school.structure.models import Division, SchoolYear, Teaching


@transaction.atomic
def open_for(reader: str, *, teacher: Person | None, division: Division | None, year: SchoolYear, until: date, by: UUID,
             account: UUID) -> tuple[LogReading, str]:  # fmt: skip
    """Open a reading; returns it with the secret of its address. The teachers concerned are told."""
    secret = secrets.token_urlsafe(32)
    made = LogReading.objects.create(
        reader=reader, teacher=teacher, division=division, year=year, digest=digest(secret), opened_by_id=by,
        expires_at=timezone.make_aware(datetime.combine(until, time(23, 59))),
    )  # fmt: skip
    record("lessons.open_reading", account_id=account, object_id=made.pk, reader=reader, of=made.what)
    tell(_concerned(made), Kind.WORK, f"Le cahier de textes ({made.what}) est ouvert à la lecture de {reader}"[:200],
         text=f"Jusqu'au {until:%d/%m/%Y}, en lecture seule, sans aucun nom d'élève.", path="/log/mine/")  # fmt: skip
    return made, secret


@transaction.atomic
def revoke(reading: LogReading, account: UUID) -> None:
    """The address answers no more."""
    reading.revoked_at = reading.revoked_at or timezone.now()
    reading.save(update_fields=["revoked_at"])
    record("lessons.revoke_reading", account_id=account, object_id=reading.pk)


def found(secret: str) -> LogReading | None:
    """The open reading of an address."""
    rows = LogReading.objects.filter(digest=digest(secret), revoked_at=None, expires_at__gt=timezone.now())
    return rows.select_related("teacher", "division", "year").first()


@transaction.atomic
def note(reading: LogReading) -> None:
    """It was read: counted, and written down in the school's journal once a day."""
    if reading.read_at is None or timezone.localdate(reading.read_at) != timezone.localdate():
        record("lessons.read_for_inspection", account_id=None, object_id=reading.pk, reader=reading.reader)
    LogReading.objects.filter(pk=reading.pk).update(read_count=F("read_count") + 1, read_at=timezone.now())


@transaction.atomic
def endorse(reading: LogReading, first: date, last: date, comment: str) -> Endorsement:
    """The inspector has read these days; the teacher, or those of the class, are told."""
    made = Endorsement.objects.create(
        division=reading.division, teacher=reading.teacher, reading=reading, comment=comment,
        starts_on=max(first, reading.year.starts_on), ends_on=min(last, reading.year.ends_on),
    )  # fmt: skip
    record("lessons.endorse", account_id=None, object_id=made.pk, reader=reading.reader)
    tell(_concerned(reading), Kind.WORK, f"{reading.reader} a visé le cahier de textes ({reading.what})"[:160],
         text=comment, path="/log/mine/")  # fmt: skip
    return made


def _concerned(reading: LogReading) -> set[UUID]:
    if reading.teacher_id:
        return {reading.teacher_id}
    return set(Teaching.objects.filter(division=reading.division, closed_at=None).values_list("teacher", flat=True))


def entries_of(reading: LogReading, first: date, last: date) -> list[Logged]:
    """What was published between two days of the reading's year."""
    first, last = max(first, reading.year.starts_on), min(last, reading.year.ends_on)
    if reading.division:
        return log_of(reading.division, first, last)
    return log_of_teacher(reading.teacher_id, first, last, drafts=False)


def file_of(reading: LogReading, attachment: UUID) -> Attachment | None:
    """A document of the log that is read; never what a pupil handed in."""
    one = Attachment.objects.filter(Q(entry__isnull=False) | Q(homework__given_in__isnull=False), pk=attachment)
    row = one.select_related("entry__session", "homework__given_in").first()
    if row is None:
        return None
    session = row.entry.session if row.entry else row.homework.given_in
    shown = entries_of(reading, session.day, session.day)
    owners = {one.entry.pk for one in shown if one.entry} | {work.pk for one in shown for work in one.works}
    return row if (row.entry_id or row.homework_id) in owners else None


def about(teacher: UUID):
    """The readings opened of a teacher's own log, or of a class they have: they know who reads. One query."""
    mine = Teaching.objects.filter(teacher=teacher, closed_at=None).exclude(division=None)
    seen = LogReading.objects.filter(Q(teacher=teacher) | Q(division__in=mine.values("division")))
    return seen.select_related("teacher", "division", "year", "opened_by")[:20]
