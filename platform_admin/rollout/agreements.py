"""Agreements (conventions): a collectivity's framework agreement first, then each school's own below it."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from ent.kernel.access import Acting
from ent.kernel.audit.models import record
from platform_admin.officers.access import seen_authorities, seen_schools
from platform_admin.rollout import actions
from platform_admin.rollout.actions import Author
from platform_admin.rollout.models import Agreement, Deployment, Step
from platform_admin.rollout.moves import refuse_if, spoken
from tenants.models import Authority, School

# A convention is renewed by a vote of the collectivity's assembly: two months are needed.
WARNED_BEFORE = timedelta(days=60)


def valid_on(day: date) -> Q:
    """Agreements in force on a day."""
    return Q(withdrawn_at=None, signed_on__lte=day, expires_on__gte=day)


def why_not_sign(authority: Authority, school: School | None, today: date) -> list[str]:
    """Against recording an agreement, in French; empty where it can be."""
    if school is None:
        return []
    if not Agreement.objects.filter(valid_on(today), authority=authority, school=None).exists():
        return [
            f"{authority} n’a pas de convention cadre en cours : enregistrez-la d’abord, "
            "les conventions de ses établissements viennent ensuite."
        ]
    if school.authority_id != authority.pk:
        return [f"{school} ne dépend pas de {authority}."]
    return []


@transaction.atomic
def sign(agreement: Agreement, by: Author) -> Agreement:
    """Record an agreement; a school's own does its first step."""
    refuse_if(why_not_sign(agreement.authority, agreement.school, timezone.localdate()))
    agreement.author = by.author
    agreement.save()
    uai = agreement.school.uai if agreement.school else ""
    record("rollout.agreement_signed", account_id=by.account_id, authority=agreement.authority.code, uai=uai)
    deployment = Deployment.objects.filter(pk=agreement.school_id).first()
    if deployment:
        actions.record_step(deployment, Step.AGREEMENT, done_on=agreement.signed_on)
    return agreement


@transaction.atomic
def withdraw(agreement: Agreement, by: Author) -> None:
    """Recorded by mistake: it counts for nothing; a school's step that stood on it is to be done again."""
    agreement.withdrawn_at = timezone.now()
    agreement.save(update_fields=["withdrawn_at"])
    uai = agreement.school.uai if agreement.school else ""
    record("rollout.agreement_withdrawn", account_id=by.account_id, authority=agreement.authority.code, uai=uai)
    if agreement.school_id:
        actions.observe([agreement.school_id])


@dataclass(frozen=True)
class Framework:
    """A collectivity and its framework agreement in force, if any."""

    authority: Authority
    agreement: Agreement | None
    expires_soon: bool


def frameworks(acting: Acting) -> list[Framework]:
    """The collectivities an officer sees, those without agreement or about to lose it first."""
    today = timezone.localdate()
    in_force = Agreement.objects.filter(valid_on(today), school=None).order_by("-expires_on")
    found = seen_authorities(acting).exclude(kind=Authority.Kind.ACADEMY)
    made = []
    for authority in found.prefetch_related(Prefetch("agreements", in_force, to_attr="frameworks")):
        agreement = authority.frameworks[0] if authority.frameworks else None
        made.append(Framework(authority, agreement, is_ending(agreement, today)))
    return sorted(made, key=lambda one: (one.agreement is not None, not one.expires_soon))


def is_ending(agreement: Agreement | None, today: date) -> bool:
    """Whether it ends within two months."""
    return agreement is not None and agreement.expires_on <= today + WARNED_BEFORE


def of_schools(acting: Acting) -> QuerySet[Agreement]:
    """Schools' own agreements, those that end first, first."""
    found = Agreement.objects.filter(school__in=seen_schools(acting), withdrawn_at=None)
    return found.select_related("school", "authority").order_by("expires_on", "school__name")


def ending(acting: Acting) -> QuerySet[Agreement]:
    """Every agreement that ends within two months and is not followed by another."""
    today = timezone.localdate()
    theirs = Q(school=None, authority__in=seen_authorities(acting)) | Q(school__in=seen_schools(acting))
    return Agreement.objects.filter(valid_on(today), theirs, expires_on__lte=today + WARNED_BEFORE)


def warnings_of(school: School) -> list[str]:
    """What a school's page says of its agreements: none above it, or one that ends soon."""
    today = timezone.localdate()
    found = list(
        Agreement.objects.filter(valid_on(today)).filter(
            Q(school=school) | Q(school=None, authority=school.authority_id)
        )
    )
    said = []
    framework = max((one for one in found if one.school_id is None), key=lambda one: one.expires_on, default=None)
    own = max((one for one in found if one.school_id), key=lambda one: one.expires_on, default=None)
    if school.authority_id and framework is None:
        said.append(f"{school.authority} n’a pas de convention cadre en cours.")
    if framework and is_ending(framework, today):
        said.append(f"La convention cadre de {school.authority} expire le {spoken(framework.expires_on)}.")
    if own and is_ending(own, today):
        said.append(f"La convention de l’établissement expire le {spoken(own.expires_on)}.")
    return said
