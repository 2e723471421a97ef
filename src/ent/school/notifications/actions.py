"""Telling people: one call, in the transaction of what happened; what leaves the ENT waits for its hour."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, time
from uuid import UUID

from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from ent.kernel.audit.models import record
from ent.kernel.live import announce
from ent.school.notifications import sms, waiting
from ent.school.notifications.choices import Ways, default_of
from ent.school.notifications.models import Choice, Delivery, Kind, Notification, OwnHours, Rhythm
from ent.school.notifications.queries import LOST, unread_key
from ent.school.notifications.quiet import deliver_after, digest_at, told_again
from ent.school.people.access import parental_ties
from ent.school.people.models import Person, Profile
from tenants.configuration.queries import effective
from tenants.models import School

Way = Delivery.Way


def tell(
    people: Iterable[Person | UUID],
    kind: Kind,
    title: str,
    *,
    text: str = "",
    path: str = "",
    pupil: Person | UUID | None = None,
    is_urgent: bool = False,
    because: str = "",
    about: Mapping[UUID, Collection[UUID]] | None = None,
) -> list[Notification]:
    """Tell people of something (`path`: the page where it stands), each once, in their own time.

    Of a pupil, or of each person's own (`about`: {person: their pupils}; named where there is one alone): a relative
    who loses authority reads it no more.

    What is urgent reaches them at any hour, `because` of something: the school reads and counts why. As many queries
    for a thousand people as for one.
    """
    ids: set[UUID] = {getattr(person, "pk", person) for person in people}  # type: ignore[misc]
    found = list(Person.objects.filter(pk__in=ids, closed_at=None).only("profile", "mobile_phone")) if ids else []
    if not found:
        return []
    alone = {person: next(iter(pupils)) for person, pupils in (about or {}).items() if len(pupils) == 1}
    now, reason = timezone.now(), (because or text or title)[:200] if is_urgent else ""
    chosen: dict[UUID, Choice] = {one.person_id: one for one in Choice.objects.filter(person__in=ids, kind=kind)}
    hours = {} if is_urgent else {one.pk: one.quiet for one in OwnHours.objects.filter(pk__in=ids)}
    # The summary says what comes once the holidays end.
    returns = None if is_urgent or kind == Kind.SUMMARY else told_again(holiday_zone())
    told: list[Notification] = []
    deliveries: list[Delivery] = []
    for person in sorted(found, key=lambda one: one.pk):
        # Staff see in the ENT at once what concerns their work; families are left in peace there too.
        free = now if is_urgent else deliver_after(now, quiet_hours(), hours.get(person.pk), returns)
        one = Notification(
            person=person, kind=kind, title=title[:160], text=text[:400], path=path,
            pupil_id=alone.get(person.pk) or getattr(pupil, "pk", pupil), is_urgent=is_urgent,
            urgent_because=reason, created_at=now,
            deliver_after=now if person.profile == Profile.STAFF else free,
        )  # fmt: skip
        told.append(one)
        ways: Choice | Ways = chosen.get(person.pk) or default_of(person.profile, kind)
        if ways.by_sms and sms.is_on():
            deliveries.append(Delivery(notification=one, way=Way.SMS, deliver_after=free))
        if ways.by_email:
            rhythm = Rhythm.NOW if is_urgent else Rhythm(ways.rhythm)
            if rhythm != Rhythm.NOW:
                leaves = digest_at(now, rhythm == Rhythm.WEEKLY)
                free = deliver_after(leaves, quiet_hours(), hours.get(person.pk), returns)
            deliveries.append(Delivery(notification=one, way=Way.EMAIL, rhythm=rhythm, deliver_after=free))
    Notification.objects.bulk_create(told)
    Delivery.objects.bulk_create(deliveries)
    # What is shown later wakes the school too, to tell open pages.
    moments = [one.deliver_after for one in deliveries] + [one.deliver_after for one in told if one.deliver_after > now]
    if moments:
        wake(min(moments))
    changed([one.person_id for one in told if one.deliver_after <= now])
    return told


def tell_guardians(pupils: Iterable[Person | UUID], kind: Kind, title: str, *, text: str = "", path: str = "") -> None:
    """Tell those who answer for some pupils, each once, of their own child."""
    about: dict[UUID, set[UUID]] = defaultdict(set)
    for guardian, pupil in guardians_of(pupils):
        about[guardian].add(pupil)
    tell(about, kind, title, text=text, path=path, about=about)


def guardians_of(pupils: Iterable[Person | UUID]):
    """(guardian, pupil) ids of those with legal authority, not kept away, of pupils who are here."""
    ids = [getattr(pupil, "pk", pupil) for pupil in pupils]
    return with_legal_authority().filter(pupil__in=ids).values_list("relative", "pupil")


def with_legal_authority():
    """The ties by which someone here is told of a pupil who is here."""
    return parental_ties().filter(pupil__closed_at=None, relative__closed_at=None)


def quiet_hours() -> dict[str, str]:
    """Those of the school in force; no query once warm."""
    return effective(connection.tenant)["quiet_hours"].value


def holiday_zone() -> str:
    """That of the school in force; no query once warm."""
    return effective(connection.tenant)["holiday_zone"].value


def wake(at: datetime) -> None:
    """Have the school in force send what is due from a moment on, once this is committed."""
    school = connection.tenant
    if isinstance(school, School):
        transaction.on_commit(lambda: waiting.wake(school.uai, at))


def changed(people: Iterable[UUID]) -> None:
    """What waits to be read by people changed: their bells are told."""
    ids = list(people)
    for person in ids:
        announce(f"person.{person}")
    transaction.on_commit(lambda: cache.delete_many([unread_key(person) for person in ids]))


@transaction.atomic
def resend(deliveries: QuerySet[Delivery], account_id: UUID) -> int:
    """Have what could not leave tried once more, in its hours, because someone asks for it; how many."""
    now, zone = timezone.now(), told_again(holiday_zone())
    found = list(deliveries.filter(state__in=LOST).select_for_update(of=("self",)).select_related("notification"))
    for one in found:
        at = now if one.notification.is_urgent else deliver_after(now, quiet_hours(), None, zone)
        one.state, one.tries, one.problem, one.deliver_after = Delivery.State.WAITING, 0, "", at
    Delivery.objects.bulk_update(found, ["state", "tries", "problem", "deliver_after"])
    if found:
        record("notifications.resend", account_id=account_id, deliveries=len(found))
        wake(min(one.deliver_after for one in found))
    return len(found)


def read(person: UUID, notification: Notification | None = None) -> None:
    """One, or all of a person's that are shown by now, are read."""
    mine = Notification.objects.filter(person=person, read_at=None, deliver_after__lte=timezone.now())
    if notification:
        mine = mine.filter(pk=notification.pk)
    if mine.update(read_at=timezone.now()):
        changed([person])


@transaction.atomic
def choose(person: UUID, ways: Mapping[str, Ways], hours: tuple[time, time] | None) -> None:
    """How a person wants to be told of each kind of thing, and when to be left alone."""
    Choice.objects.bulk_create(
        (
            Choice(person_id=person, kind=kind, by_email=one.by_email, by_sms=one.by_sms, rhythm=one.rhythm)
            for kind, one in ways.items()
        ),
        update_conflicts=True, unique_fields=["person", "kind"], update_fields=["by_email", "by_sms", "rhythm"],
    )  # fmt: skip
    if hours is None:
        OwnHours.objects.filter(person=person).delete()
    else:
        OwnHours.objects.update_or_create(person_id=person, defaults={"begins_at": hours[0], "ends_at": hours[1]})
