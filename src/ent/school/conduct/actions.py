"""Writing remarks, punishments and incidents, planning detentions, and what families acknowledge."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from ent.kernel.access import HEADS, Role
from ent.kernel.refused import Refused
from ent.kernel.text import dated, of
from ent.school.conduct.models import (
    Acknowledgement,
    Detention,
    Incident,
    IncidentMeasure,
    IncidentParty,
    IncidentStep,
    Punishment,
    Remark,
    Sanction,
)  # fmt: skip
from ent.school.conduct.overdue import staff_of
from ent.school.conduct.retention import INCIDENT_YEARS, PUNISHMENT_YEARS, after_years
from ent.school.notifications.actions import guardians_of, tell
from ent.school.notifications.models import Kind
from ent.school.people.models import Person, Profile
from ent.school.timetable.access import pupils_of_session
from ent.school.timetable.booking import book
from ent.school.timetable.models import Session, SessionTeacher
from ent.school.timetable.queries import sessions_of_pupils

FOLLOWERS = (Role.CPE, *HEADS)


def tell_family(pupil: Person, title: str, text: str) -> None:
    """Tell the guardians and the pupil of something written on the pupil's page."""
    people = [guardian for guardian, _ in guardians_of([pupil])] + [pupil.pk]
    tell(people, Kind.CONDUCT, title, text=text[:400], path=reverse("conduct:pupil", args=[pupil.pk]), pupil=pupil)


@transaction.atomic
def record_remark(
    pupil: Person, kind: str, *, by, text: str = "", needs_signature: bool = False, session: UUID | None = None
) -> Remark:
    """Write a remark, of a session where its writer leads it and the pupil is in it, and tell the guardians and the
    pupil.
    """
    led = SessionTeacher.objects.filter(session=session, teacher=by).present().select_related("session").first()
    there = led.session if led and pupils_of_session(led.session).filter(pk=pupil.pk).exists() else None
    if there and not there.is_kept:
        Session.objects.filter(pk=there.pk).update(is_kept=True)
    remark = Remark.objects.create(
        pupil=pupil, kind=kind, by_id=by, text=text, needs_signature=needs_signature, session=there
    )
    tell_family(pupil, f"{remark.get_kind_display()} pour {pupil.display_name}", text)
    return remark


def acknowledge(thing: Remark | Punishment | Sanction, guardian: UUID) -> None:
    """A guardian has seen it; doing so twice changes nothing."""
    Acknowledgement.objects.get_or_create(**{thing._meta.model_name: thing}, guardian_id=guardian)


# --- punishments -------------------------------------------------------------------------------------------------
@transaction.atomic
def punish(punishment: Punishment, pupil: Person, by: UUID) -> Punishment:
    """Give a punishment and tell the guardians and the pupil."""
    punishment.pupil, punishment.given_by_id = pupil, by
    punishment.erase_on = after_years(timezone.localdate(), PUNISHMENT_YEARS)
    punishment.save()
    tell_family(pupil, f"{punishment.get_kind_display()} pour {pupil.display_name}", punishment.reason)
    return punishment


@transaction.atomic
def open_detention(detention: Detention, by: UUID) -> Detention:
    """A time of detention, its room booked; `Refused` where the room is taken."""
    detention.room_use = book(detention.room, detention.starts_at, detention.ends_at, by, "Retenue")[0]
    detention.save()
    return detention


@transaction.atomic
def close_detention(detention: Detention) -> None:
    """No detention at that time after all: its room is free again; its punishments wait for another."""
    if detention.starts_at <= timezone.now():
        raise Refused("Cette retenue a commencé : elle reste au registre.")
    moved = list(detention.punishments.select_related("pupil"))
    if detention.room_use:
        detention.room_use.delete()
    detention.delete()
    for punishment in moved:
        tell_family(punishment.pupil, f"Retenue {of(punishment.pupil.display_name)} reportée",
                     "Une autre date vous sera donnée.")  # fmt: skip


def lessons_meanwhile(punishment: Punishment, detention: Detention) -> list[str]:
    """The lessons a pupil would miss: « Mathématiques, 10 h 05 »."""
    day = timezone.localdate(detention.starts_at)
    sessions = sessions_of_pupils([punishment.pupil_id], day, day)[punishment.pupil_id]
    return [
        f"{one.title}, {timezone.localtime(one.starts_at):%-H h %M}"
        for one in sessions
        if not one.is_cancelled and one.starts_at < detention.ends_at and one.ends_at > detention.starts_at
    ]


@transaction.atomic
def plan(punishment: Punishment, detention: Detention) -> None:
    """Give a pupil a place in a detention, and tell the family when and where."""
    if punishment.kind != Punishment.Kind.DETENTION:
        raise Refused("Seule une retenue se place à une date de retenue.")
    held = Detention.objects.select_for_update().get(pk=detention.pk)
    if held.starts_at <= timezone.now():
        raise Refused("Cette retenue est passée : choisissez-en une à venir.")
    if held.punishments.exclude(pk=punishment.pk).count() >= held.places:
        raise Refused("Cette retenue est complète : choisissez-en une autre.")
    if punishment.outcome not in ("", Punishment.Outcome.EXCUSED, Punishment.Outcome.NOT_DONE):
        raise Refused("Cette punition est déjà faite ou levée.")
    Punishment.objects.filter(pk=punishment.pk).update(
        detention=held, outcome="", outcome_by=None, outcome_at=None, due_on=timezone.localdate(held.starts_at)
    )
    when = dated(timezone.localtime(held.starts_at), "l j F, G \\h i")
    tell_family(punishment.pupil, f"Retenue {of(punishment.pupil.display_name)} : {when}",
                 f"{held.room}. {punishment.work or punishment.reason}")  # fmt: skip


@transaction.atomic
def close(punishment: Punishment, outcome: str, by: UUID) -> None:
    """Say whether it is done; the family is told where it is not, or lifted."""
    punishment.outcome, punishment.outcome_by_id, punishment.outcome_at = outcome, by, timezone.now()
    if outcome == Punishment.Outcome.EXCUSED:
        punishment.detention = None
    punishment.save(update_fields=["outcome", "outcome_by", "outcome_at", "detention"])
    if outcome in (Punishment.Outcome.NOT_DONE, Punishment.Outcome.CANCELLED):
        title = f"{punishment.get_kind_display()} {of(punishment.pupil.display_name)}"
        tell_family(punishment.pupil, f"{title} : {punishment.get_outcome_display().lower()}", punishment.reason)


@transaction.atomic
def close_all(outcomes: Mapping[Punishment, str], by: UUID) -> int:
    """A whole list in one go; returns how many changed."""
    changed = {one: outcome for one, outcome in outcomes.items() if one.outcome != outcome}
    for one, outcome in changed.items():
        close(one, outcome, by)
    return len(changed)


# --- incidents ---------------------------------------------------------------------------------------------------
@transaction.atomic
def report(incident: Incident, by: UUID, party: IncidentParty | None = None) -> Incident:
    """Report an incident and whom it concerns first: the CPE are told, the direction too of a serious one."""
    incident.reported_by_id = by
    # Whoever may follow it and reports it follows it, until they hand it over.
    incident.owner = staff_of(FOLLOWERS).filter(pk=by).first()
    incident.erase_on = after_years(timezone.localdate(), INCIDENT_YEARS)
    incident.save()
    followers = [Role.CPE, *(HEADS if incident.severity >= Incident.Severity.SERIOUS else ())]
    path = reverse("conduct:incident", args=[incident.pk])
    title = f"Incident signalé : {incident.get_kind_display().lower()}"
    tell(staff_of(followers).exclude(pk=by), Kind.WORK, title, text=incident.get_place_display(), path=path)
    if party:
        add_party(party, incident)
    return incident


def add_party(party: IncidentParty, incident: Incident) -> IncidentParty:
    """Someone it concerns; `Refused` where they stand in it already."""
    party.incident = incident
    try:
        with transaction.atomic():
            party.save()
    except IntegrityError as error:
        raise Refused("Cette personne est déjà dans l'incident.") from error
    return party


@transaction.atomic
def tell_party(party: IncidentParty, text: str, by: UUID) -> None:
    """Send a family its own part, in words that name nobody else; they are kept as sent."""
    if party.person is None or party.person.profile != Profile.PUPIL:
        raise Refused("Seule la famille d'un élève peut être prévenue d'ici.")
    if party.told_at:
        raise Refused("Cette famille est déjà prévenue : ce qu'elle a lu ne change plus.")
    party.family_text, party.told_at = text, timezone.now()
    party.save(update_fields=["family_text", "told_at"])
    add_step(party.incident, f"Famille {of(party.person.display_name)} prévenue.", by)
    tell_family(party.person, f"Incident concernant {party.person.display_name}", text)


def add_step(incident: Incident, text: str, by: UUID) -> IncidentStep:
    """What was done."""
    return IncidentStep.objects.create(incident=incident, text=text, by_id=by)


@transaction.atomic
def follow_up(incident: Incident, by: UUID) -> None:
    """Who follows it, what they do next and by when; a new owner is told."""
    before = Incident.objects.select_for_update(of=("self",)).get(pk=incident.pk)
    incident.save(update_fields=["owner", "next_step", "next_on"])
    if incident.owner and incident.owner_id != before.owner_id:
        add_step(incident, f"Suivi par {incident.owner.formal_name}.", by)
        if incident.owner_id != by:
            title = f"Un incident vous est confié : {incident.get_kind_display().lower()}"
            path = reverse("conduct:incident", args=[incident.pk])
            tell([incident.owner_id], Kind.WORK, title, text=incident.next_step, path=path)  # type: ignore[list-item]


def add_measure(measure: IncidentMeasure, party: IncidentParty, by: UUID) -> IncidentMeasure:
    """Something done for one party beside punishments and sanctions."""
    measure.party, measure.by_id = party, by
    measure.save()
    return measure


@transaction.atomic
def set_closed(incident: Incident, by: UUID, *, closed: bool) -> None:
    """Nothing is left to do, or something is again."""
    incident.closed_at, incident.closed_by_id = (timezone.now(), by) if closed else (None, None)
    incident.save(update_fields=["closed_at", "closed_by"])
    add_step(incident, "Incident clos." if closed else "Incident rouvert.", by)


def at(day, hour) -> datetime:
    """A moment here, of a day and an hour of the clock."""
    return timezone.make_aware(datetime.combine(day, hour))
