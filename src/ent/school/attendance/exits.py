"""Exit schemes: which pupil has which from when, what it allows, and whether a pupil may leave at this moment."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.utils import timezone

from ent.kernel.text import hour, of
from ent.school.attendance.models import EXITS, ExitChoice, ExitScheme, ExitTerms
from ent.school.people.models import BoardingScheme, Person
from tenants.configuration.queries import effective

Boarding = BoardingScheme
# For whom a scheme's terms hold, by what the pupil is.
FOR = {Boarding.DAY: "for_day_pupils", Boarding.HALF_BOARD: "for_half_boarders", Boarding.BOARDER: "for_boarders"}
FLAGS = (*EXITS, *FOR.values())


def midday() -> time:
    """Where the school's half-days meet; no query once warm."""
    return time.fromisoformat(effective(connection.tenant)["midday"].value)


# --- reads -------------------------------------------------------------------------------------------------------
def with_schemes(pupils: QuerySet[Person], day: date) -> QuerySet[Person]:
    """The same pupils, each with `boarding`, `exit_scheme_id`, `exit_scheme` (name) and `exit_terms` of that day."""
    chosen = ExitChoice.objects.filter(pupil=OuterRef("pk"), starts_on__lte=day).order_by("-starts_on")
    terms = ExitTerms.objects.filter(scheme=OuterRef("exit_scheme_id"), starts_on__lte=day).order_by("-starts_on")
    return pupils.annotate(
        boarding=Subquery(Person.objects.filter(pk=OuterRef("pk")).values("pupil__boarding_scheme")[:1]),
        exit_scheme_id=Subquery(chosen.values("scheme")[:1]),
        exit_scheme=Subquery(chosen.values("scheme__name")[:1]),
    ).annotate(exit_terms=Subquery(terms.values(data=JSONObject(**{flag: flag for flag in FLAGS}))[:1]))


@dataclass(frozen=True)
class Leave:
    """Whether a pupil may leave now, and why, in words for who stands at the gate."""

    allowed: bool
    why: str


@dataclass(frozen=True)
class Hours:
    """When the school's lessons end on a day: in the morning, and altogether."""

    noon: datetime
    morning_ends: datetime | None
    day_ends: datetime | None


def hours_of(sessions: Iterable[Any], day: date) -> Hours:
    """The school's hours of a day, from all its sessions."""
    noon = timezone.make_aware(datetime.combine(day, midday()))
    ends = [one.ends_at for one in sessions]
    return Hours(noon, max((end for end in ends if end <= noon), default=None), max(ends, default=None))


def leave(pupil: Any, sessions: Sequence[Any], hours: Hours, now: datetime) -> Leave:
    """Whether a pupil of `with_schemes` may leave now, given their sessions of the day in order of time."""
    may = _rights(pupil)
    counted = [one for one in sessions if not one.is_cancelled or not may["if_cancelled"]]
    running = next((one for one in sessions if not one.is_cancelled and one.starts_at <= now < one.ends_at), None)
    if running:
        return Leave(False, f"En cours {of(running.title)} jusqu'à {hour(running.ends_at)}")
    ahead = [one for one in counted if one.ends_at > now]
    eats_here = pupil.boarding in (Boarding.HALF_BOARD, Boarding.BOARDER)
    back = ahead[0] if ahead else None
    if back and may["between_lessons"]:
        return Leave(True, f"Prochain cours à {hour(back.starts_at)}")
    if back and not eats_here and back.starts_at >= hours.noon and not _afternoon_has_begun(counted, hours, now):
        return _at_the_end(may, hours.morning_ends, now, f"Pause du midi, prochain cours à {hour(back.starts_at)}")
    if back:
        return Leave(False, f"Prochain cours à {hour(back.starts_at)}")
    if pupil.boarding == Boarding.BOARDER and not may["for_boarders"]:
        return Leave(False, "Interne : rentre à l'internat")
    if eats_here and now < hours.noon:
        return Leave(False, f"Plus de cours aujourd'hui, sort après le repas, à partir de {hour(hours.noon)}")
    return _at_the_end(may, hours.day_ends, now, "Plus de cours aujourd'hui")


def _rights(pupil: Any) -> Mapping[str, bool]:
    """What the scheme allows this pupil: nothing where it is not meant for day pupils, half-boarders or boarders."""
    terms = pupil.exit_terms or {}
    meant = FOR.get(pupil.boarding or Boarding.DAY, "for_day_pupils")
    return {flag: bool(terms.get(flag)) and bool(terms.get(meant)) for flag in FLAGS}


def words_for_family(pupil: Any) -> str:
    """« Externe. Régime de sortie « Vert » : peut sortir entre deux cours. », of a pupil of `with_schemes`."""
    boarding = f"{Boarding(pupil.boarding).label}." if pupil.boarding else "Régime de cantine non renseigné."
    if not pupil.exit_scheme:
        return boarding
    rights = _rights(pupil)
    may = [words for flag, words in EXITS.items() if rights[flag]]
    what = f"peut sortir {', '.join(may)}" if may else "reste dans l'établissement jusqu'à l'heure de sortie"
    return f"{boarding} Régime de sortie «\N{NO-BREAK SPACE}{pupil.exit_scheme}\N{NO-BREAK SPACE}» : {what}."


def _afternoon_has_begun(sessions: Sequence[Any], hours: Hours, now: datetime) -> bool:
    return any(one.starts_at >= hours.noon and one.ends_at <= now for one in sessions)


def _at_the_end(may: Mapping[str, bool], ends: datetime | None, now: datetime, why: str) -> Leave:
    """Their own lessons are over: out at once, or at the school's hour."""
    if may["after_last_lesson"] or ends is None or now >= ends:
        return Leave(True, why)
    return Leave(False, f"{why}, mais reste jusqu'à {hour(ends)} (heure de sortie de l'établissement)")


# --- what is done ------------------------------------------------------------------------------------------------
@transaction.atomic
def define(scheme: ExitScheme, terms: ExitTerms, by: UUID | None) -> ExitScheme:
    """A new scheme, or what one allows from a day on; terms of the same day are corrected, earlier ones stay."""
    scheme.save()
    ExitTerms.objects.update_or_create(
        scheme=scheme, starts_on=terms.starts_on,
        defaults={flag: getattr(terms, flag) for flag in FLAGS} | {"recorded_by_id": by, "recorded_at": timezone.now()},
    )  # fmt: skip
    return scheme


@transaction.atomic
def withdraw(scheme: ExitScheme, by: UUID | None) -> None:
    """A scheme is no longer given: its pupils have none from today on, the past stays."""
    today = timezone.localdate()
    holders = with_schemes(Person.objects.filter(closed_at=None), today).filter(exit_scheme_id=scheme.pk)
    assign(dict.fromkeys(holders.values_list("pk", flat=True)), today, by)
    scheme.closed_at = timezone.now()
    scheme.save(update_fields=["closed_at"])


@transaction.atomic
def assign(schemes: Mapping[UUID, UUID | None], starts_on: date, by: UUID | None) -> int:
    """{pupil: their scheme from a day on}; what was decided for earlier days stays. Returns how many changed."""
    held = with_schemes(Person.objects.filter(pk__in=schemes), starts_on).values_list("pk", "exit_scheme_id")
    changed = {pupil: schemes[pupil] for pupil, now in held if schemes[pupil] != now}
    ExitChoice.objects.bulk_create(
        [ExitChoice(pupil_id=pupil, scheme_id=scheme, starts_on=starts_on, recorded_by_id=by)
         for pupil, scheme in changed.items()],
        update_conflicts=True, unique_fields=["pupil", "starts_on"],
        update_fields=["scheme", "recorded_by", "recorded_at"],
    )  # fmt: skip
    return len(changed)
