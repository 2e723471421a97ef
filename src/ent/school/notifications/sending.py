"""Sending what is due in the school in force, by one job at a time; never twice.

Each message is marked as leaving, sent, then written down as sent. A job killed between the last two may have sent it:
it is not sent again (at most once), and the school's staff read that nobody knows. What a killed job had not marked
yet is sent by the next.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from smtplib import SMTPException, SMTPRecipientsRefused
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import connection
from django.db.models import F, Min
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from ent.accounts.models import Account
from ent.kernel import locks
from ent.school.notifications import actions, sms
from ent.school.notifications.coming import WEEK, Coming, coming_to
from ent.school.notifications.models import Delivery, Kind, Notification, Rhythm
from ent.school.notifications.quiet import deliver_after, told_again
from ent.school.people.models import Profile
from tenants.configuration.queries import effective
from tenants.hosts import url_of

BATCH = 100
# Tried again after so many minutes, then given up.
RETRIES = (2, 10, 60, 240)
# How late a sweep may come to what was to be shown in pages.
LATE = timedelta(minutes=20)
# What an SMS holds without being cut in two (GSM 03.38); a summary takes two.
SMS_LENGTH, SUMMARY_LENGTH = 160, 306
# From Friday evening, Monday is still in sight.
DAYS_AHEAD = 3
# Of these, what leaves the ENT is only that there is something to read.
VEILED = {Kind.CONDUCT: "Un message de la vie scolaire vous attend"}
# Of these, the text leaves too: no reason for an absence, no health, no punishment is in it.
IN_FULL = {Kind.TIMETABLE, Kind.HOMEWORK, Kind.NOTE, Kind.WORK, Kind.SUMMARY}
State, Way = Delivery.State, Delivery.Way


@dataclass
class Batch:
    """Some deliveries, with what composing them asks of the database, once for all."""

    deliveries: list[Delivery]
    emails: dict[UUID, str] = field(default_factory=dict)
    ties: set[tuple[UUID, UUID]] = field(default_factory=set)
    # Relatives with authority over somebody here.
    guardians: set[UUID] = field(default_factory=set)
    week: dict[UUID, list[Coming]] = field(default_factory=dict)
    days: dict[UUID, list[Coming]] = field(default_factory=dict)


def send_due() -> None:
    """Send all that is due, unless another job is at it; the school is woken again for what comes next."""
    with locks.held("notifications.sending") as ours:
        if not ours:
            return
        # Nobody else is sending: whoever was, is dead.
        Delivery.objects.filter(state=State.SENDING).update(
            state=State.FAILED, problem="Envoi interrompu : on ne sait pas s'il est parti."
        )
        now = timezone.now()
        _ring(now)
        while found := _due(now):
            _send(_prepared(found))
        following = Delivery.objects.filter(state=State.WAITING).aggregate(at=Min("deliver_after"))["at"]
        hidden = Notification.objects.filter(deliver_after__gt=now, read_at=None)
        later = hidden.aggregate(at=Min("deliver_after"))["at"]
        if moments := [one for one in (following, later) if one]:
            actions.wake(min(moments))


def _ring(now: datetime) -> None:
    """Tell open pages of what was hidden by quiet hours until now."""
    shown = Notification.objects.filter(
        deliver_after__range=(now - LATE, now), deliver_after__gt=F("created_at"), read_at=None
    )
    actions.changed(shown.order_by().values_list("person", flat=True).distinct())


def _due(now: datetime) -> list[Delivery]:
    """The next messages; of a person with a digest due, all of it."""
    waiting = Delivery.objects.filter(state=State.WAITING, deliver_after__lte=now).order_by("deliver_after", "pk")
    waiting = waiting.select_related("notification__person", "notification__pupil")
    found = list(waiting[:BATCH])
    digests = {one.notification.person_id for one in found if one.rhythm != Rhythm.NOW}
    if digests:
        rest = waiting.filter(notification__person__in=digests).exclude(rhythm=Rhythm.NOW)
        found += rest.exclude(pk__in=[one.pk for one in found])
    return found


def _prepared(found: list[Delivery]) -> Batch:
    accounts = {one.notification.person.account_id for one in found if one.way == Way.EMAIL} - {None}
    pupils = {one.notification.pupil_id for one in found} - {None}
    people = {one.notification.person_id for one in found}
    batch = Batch(
        found,
        dict(Account.objects.filter(pk__in=accounts).exclude(email="").values_list("pk", "email")),
        set(actions.guardians_of(pupils)),
        set(actions.with_legal_authority().filter(relative__in=people).values_list("relative", flat=True)),
    )
    closed = effective(connection.tenant)["closed_modules"].value
    weekly = {
        one.notification.person for one in found if one.rhythm == Rhythm.WEEKLY or one.notification.kind == Kind.SUMMARY
    }
    daily = {one.notification.person for one in found if one.rhythm == Rhythm.DAILY} - weekly
    if weekly:
        batch.week = coming_to(weekly, WEEK, closed)
    if daily:
        batch.days = coming_to(daily, DAYS_AHEAD, closed)
    return batch


def _send(batch: Batch) -> None:
    digests: dict[UUID, list[Delivery]] = defaultdict(list)
    for one in batch.deliveries:
        told = one.notification
        if told.person.closed_at or told.read_at or not _is_theirs(told, batch):
            _done(one, State.DROPPED)
            continue
        if one.way == Way.SMS:
            one.address = sms.mobile(told.person.mobile_phone)
        else:
            one.address = batch.emails.get(told.person.account_id) or told.person.directory_email
        if not one.address:
            _done(one, State.NO_ADDRESS, "Aucun portable connu." if one.way == Way.SMS else "Aucune adresse connue.")
        elif one.rhythm != Rhythm.NOW:
            digests[told.person_id].append(one)
        else:
            _attempt([one], batch)
    for listed in digests.values():
        _attempt(listed, batch)


def _is_theirs(told: Notification, batch: Batch) -> bool:
    """A relative is told of a child under their authority; of no child in particular, while they have one here."""
    if told.person.profile != Profile.RELATIVE:
        return True
    return told.person_id in batch.guardians if told.pupil_id is None else (
        (told.person_id, told.pupil_id) in batch.ties
    )  # fmt: skip


def _attempt(deliveries: list[Delivery], batch: Batch) -> None:
    """Send one message (a digest holds several) and write down what became of it."""
    first = deliveries[0]
    Delivery.objects.filter(pk__in=[one.pk for one in deliveries]).update(
        state=State.SENDING, tried_at=timezone.now(), tries=F("tries") + 1
    )
    for one in deliveries:
        one.tries += 1
    try:
        if first.way == Way.SMS:
            if not sms.is_on():
                raise sms.SmsRefused("Les SMS ne sont pas en service.")
            sms.sender().send(first.address, _sms_text(first.notification, batch))
        else:
            _email(deliveries, batch).send()
    except SMTPRecipientsRefused:
        _all_done(deliveries, State.FAILED, "Adresse refusée par le serveur de courriel.")
    except sms.SmsRefused as refusal:
        _all_done(deliveries, State.FAILED, str(refusal)[:200])
    except (SMTPException, OSError):
        _again(deliveries)
    except Exception:
        # Whatever it is, one message does not keep the others from leaving.
        _all_done(deliveries, State.FAILED, "Message refusé : il n'a pas pu être composé ou remis.")
    else:
        _all_done(deliveries, State.SENT)


def _again(deliveries: list[Delivery]) -> None:
    """Later, in hours that are not quiet; not for ever."""
    what = "l'opérateur des SMS" if deliveries[0].way == Way.SMS else "le serveur de courriel"
    for one in deliveries:
        if one.tries > len(RETRIES):
            _done(one, State.FAILED, f"{len(RETRIES) + 1} essais sans réponse : {what} n'est pas joignable.")
            continue
        at = timezone.now() + timedelta(minutes=RETRIES[one.tries - 1])
        told = one.notification
        returns = None if told.kind == Kind.SUMMARY else told_again(actions.holiday_zone())
        one.deliver_after = at if told.is_urgent else deliver_after(at, actions.quiet_hours(), None, returns)
        _done(one, State.WAITING, f"Pas de réponse : {what} sera essayé de nouveau.")


def _all_done(deliveries: Iterable[Delivery], state: str, problem: str = "") -> None:
    for one in deliveries:
        _done(one, state, problem)


def _done(one: Delivery, state: str, problem: str = "") -> None:
    one.state, one.problem = State(state), problem
    one.save(update_fields=["state", "problem", "address", "deliver_after"])


def _email(deliveries: list[Delivery], batch: Batch) -> EmailMessage:
    school, first = connection.tenant, deliveries[0]
    ordered = sorted(deliveries, key=lambda one: (one.notification.kind, one.notification.created_at))
    is_digest = first.rhythm != Rhythm.NOW
    told = [one.notification for one in ordered if not (is_digest and one.notification.kind == Kind.SUMMARY)]
    kinds = [
        (Kind(kind).label, [(title_outside(one), one.text if one.kind in IN_FULL else "", _link(one)) for one in group])
        for kind, group in groupby(told, key=lambda one: one.kind)
    ]
    person = first.notification.person
    subject = f"Ce qui est nouveau dans l'ENT – {school.name}" if is_digest else title_outside(first.notification)
    body = render_to_string("notifications/email.txt", {
        "person": person, "school": school, "kinds": kinds, "is_digest": is_digest,
        "coming": (batch.week.get(person.pk) or batch.days.get(person.pk, [])) if is_digest else [],
        "week": _page("notifications:week"), "choices": _page("notifications:choices"),
    })  # fmt: skip
    # The same message keeps its name: a mail server that has it already sees so.
    named = {"Message-ID": f"<{first.pk}@{settings.BASE_DOMAIN}>"}
    return EmailMessage(" ".join(subject.split()), body, to=[first.address], headers=named, connection=get_connection())


def title_outside(told: Notification) -> str:
    """What may be read over one's shoulder, of which child."""
    return f"{_said(told)}{_of_whom(told)}"


def _said(told: Notification) -> str:
    return VEILED.get(Kind(told.kind), told.title)


def _of_whom(told: Notification) -> str:
    named = told.kind in (*VEILED, Kind.TIMETABLE, Kind.NOTE) and told.pupil
    return f" ({told.pupil.first_name})" if named else ""


def _sms_text(told: Notification, batch: Batch) -> str:
    """The title, cut so that the child's name and the link stay whole; of a summary, a line per child."""
    if told.kind == Kind.SUMMARY:
        children = [f"{one.pupil.first_name} : {_counts(one)}" for one in batch.week.get(told.person_id, [])]
        said = "\n".join([f"{connection.tenant.name}, 7 jours à venir", *children])
        return _cut(said, "\n" + _page("notifications:week"), SUMMARY_LENGTH)
    end = f"{_of_whom(told)} {_page('notifications:list')}"
    return _cut(f"{connection.tenant.name} : {_said(told)}", end, SMS_LENGTH)


def _counts(one: Coming) -> str:
    return ", ".join(f"{label.lower()} {len(lines)}" for label, lines in one.parts) or "rien de particulier"


def _cut(start: str, end: str, length: int) -> str:
    room = length - len(end)
    return f"{start if len(start) <= room else start[: room - 1] + '…'}{end}"


def _page(name: str, **kwargs) -> str:
    return url_of(connection.tenant, reverse(name, kwargs=kwargs, urlconf="ent.config.urls_school"))


def _link(told: Notification) -> str:
    return _page("notifications:open", notification=told.pk)
