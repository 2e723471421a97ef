"""Tables of waves and of the plan, for spreadsheets."""

from collections.abc import Iterable

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from ent.kernel import tables
from platform_admin.rollout import queries
from platform_admin.rollout.agreements import Framework
from platform_admin.rollout.models import Agreement, Deployment, Wave
from tenants.liaison.models import Training

AT_ONCE = 1_000


def waves(request: HttpRequest, found: Iterable[Wave]) -> HttpResponse:
    """Every wave with its dates and counts."""
    header = ["Numéro", "Vague", "Début", "Ouverture", "Établissements", "Ouverts", "En retard"]
    rows = (
        [one.number, one.name, one.starts_on, one.opens_on, one.schools, one.opened, one.late] for one in found
    )  # fmt: skip
    return tables.answer(request, "vagues", header, rows)


def deployments(request: HttpRequest, found: QuerySet[Deployment], name: str) -> HttpResponse:
    """Schools of the plan, as their lists show them."""
    header = ["Établissement", "UAI", "Commune", "Vague", "État", "Étapes faites", "Attend", "Prévue", "Prévisible",
              "En retard", "Pourquoi"]  # fmt: skip
    rows = (
        [row.school.name, row.school.uai, row.school.town, row.deployment.wave.name, row.school.get_state_display(),
         row.done, row.waits_for, row.deployment.planned_on, row.deployment.predicted_on,
         "oui" if row.is_late else "non", " ".join(row.reasons)]
        for row in _rows(found)
    )  # fmt: skip
    return tables.answer(request, name, header, rows)


def _rows(found: QuerySet[Deployment]) -> Iterable[queries.Row]:
    for start in range(0, found.count(), AT_ONCE):
        yield from queries.rows(found[start : start + AT_ONCE])


def frameworks(request: HttpRequest, found: Iterable[Framework]) -> HttpResponse:
    """Framework agreements by collectivity."""
    rows = (
        [one.authority.name, *((one.agreement.signed_on, one.agreement.expires_on) if one.agreement else ("", ""))]
        for one in found
    )
    return tables.answer(request, "conventions-cadres", ["Collectivité", "Signée le", "Expire le"], rows)


def agreements(request: HttpRequest, found: QuerySet[Agreement]) -> HttpResponse:
    """Schools' own agreements."""
    header = ["Établissement", "UAI", "Collectivité", "Signée le", "Expire le", "Document"]
    rows = (
        [one.school.name, one.school.uai, one.authority.name, one.signed_on, one.expires_on,
         "oui" if one.document else "non"]
        for one in found if one.school
    )  # fmt: skip
    return tables.answer(request, "conventions-etablissements", header, rows)


def trainings(request: HttpRequest, found: QuerySet[Training]) -> HttpResponse:
    """Sessions to come and past, with their places: numbers only."""
    header = ["Formation", "Début", "Fin", "Lieu", "Pour", "Places", "Inscrits", "Présents", "Annulée"]
    rows = (
        [one.title, one.starts_at, one.ends_at, one.place, one.authority.name if one.authority else "Toute l'académie",
         one.seats, one.booked, one.attended, "oui" if one.cancelled_at else "non"]
        for one in found.order_by("starts_at")
    )  # fmt: skip
    return tables.answer(request, "formations", header, rows)
