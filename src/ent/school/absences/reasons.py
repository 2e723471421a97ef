"""The reasons for being away: the list a school starts with, and its changes, version by version."""

import re
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from ent.kernel.text import folded
from ent.school.absences.models import AbsenceReason

LEGAL, HEALTH, INSIDE, PARENTS, UNCOUNTED, HIDDEN = "legal", "health", "inside", "parents", "uncounted", "hidden"
# Those of the law (code de l'éducation, L131-8) first, then those that schools use.
DEFAULTS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("illness", "Maladie", (LEGAL, HEALTH, PARENTS, UNCOUNTED)),
    ("illness_certificate", "Maladie, avec certificat médical", (LEGAL, HEALTH, PARENTS, UNCOUNTED)),
    ("contagion", "Maladie contagieuse d’un proche", (LEGAL, HEALTH, PARENTS, UNCOUNTED)),
    ("family_meeting", "Réunion solennelle de famille", (LEGAL, PARENTS, UNCOUNTED)),
    ("transport_accident", "Accident ou incident de transport", (LEGAL, PARENTS, UNCOUNTED)),
    ("guardians_away", "Absence temporaire des responsables, que l’enfant suit", (LEGAL, PARENTS, UNCOUNTED)),
    ("medical", "Rendez-vous médical", (HEALTH, PARENTS, UNCOUNTED)),
    ("hospital", "Hospitalisation", (LEGAL, HEALTH, PARENTS, UNCOUNTED)),
    ("family", "Raison familiale", (PARENTS,)),
    ("family_care", "Garde d’un proche", (PARENTS,)),
    ("religious_feast", "Fête religieuse", (PARENTS, UNCOUNTED)),
    ("outside_appointment", "Rendez-vous à l’extérieur", (PARENTS,)),
    ("late_bus", "Bus ou train en retard", (PARENTS, UNCOUNTED)),
    ("transport", "Problème de transport", (PARENTS,)),
    ("alarm", "Réveil qui n’a pas sonné", (PARENTS,)),
    ("overslept", "Réveil tardif", ()),
    ("holiday", "Vacances en dehors du calendrier", (PARENTS,)),
    ("competition", "Compétition sportive", (PARENTS, UNCOUNTED)),
    ("fire_brigade", "Sapeur-pompier volontaire", (PARENTS, UNCOUNTED)),
    ("other", "Autre raison", (PARENTS,)),
    ("not_valid", "Motif non recevable", ()),
    ("library", "Au CDI", (INSIDE, UNCOUNTED)),
    ("relay_class", "Classe relais", (UNCOUNTED,)),
    ("half_board", "Absence à la cantine", (INSIDE, UNCOUNTED)),
    ("adapted_timetable", "Emploi du temps aménagé", (UNCOUNTED, HIDDEN)),
    ("timetable_error", "Erreur d’emploi du temps", (INSIDE, UNCOUNTED)),
    ("inclusion", "Inclusion SEGPA ou ULIS", (INSIDE, UNCOUNTED, HIDDEN)),
    ("nurse", "À l’infirmerie", (INSIDE, HEALTH, UNCOUNTED)),
    ("head_office", "Reçu par la direction", (INSIDE, UNCOUNTED)),
    ("student_life", "Reçu par la vie scolaire", (INSIDE, UNCOUNTED)),
    ("psy_en", "Reçu par le psychologue (PsyEN)", (INSIDE, HEALTH, UNCOUNTED)),
    ("educator", "Reçu par un éducateur", (INSIDE, UNCOUNTED, HIDDEN)),
    ("study", "En permanence", (INSIDE, UNCOUNTED)),
    ("trip", "Sortie ou voyage scolaire", (UNCOUNTED,)),
    ("internship", "Stage", (UNCOUNTED,)),
)
# What a change of closes the row and opens another.
PROPERTIES = ("label", "is_legal_ground", "is_health", "is_out_of_school", "parents_may_choose", "counts_in_alerts",
              "is_published")  # fmt: skip


def current() -> list[AbsenceReason]:
    """The reasons in force, by name; a school that never had any starts with the list."""
    found = list(AbsenceReason.objects.filter(closed_at=None))
    if not found and not AbsenceReason.objects.exists():
        AbsenceReason.objects.bulk_create([_default(*one) for one in DEFAULTS], ignore_conflicts=True)
        found = list(AbsenceReason.objects.filter(closed_at=None))
    return sorted(found, key=lambda one: folded(one.label))


def for_parents() -> list[AbsenceReason]:
    """Those a parent may give, the most usual first."""
    order = {code: number for number, (code, _, _) in enumerate(DEFAULTS)}
    # « Other » is the last one to look at.
    order["other"] = len(order) + 1
    found = [one for one in current() if one.parents_may_choose]
    return sorted(found, key=lambda one: order.get(one.code, len(order)))


def _default(code: str, label: str, marks: tuple[str, ...]) -> AbsenceReason:
    return AbsenceReason(
        code=code, label=label, source=AbsenceReason.Source.NATIONAL, is_legal_ground=LEGAL in marks,
        is_health=HEALTH in marks, is_out_of_school=INSIDE not in marks, parents_may_choose=PARENTS in marks,
        counts_in_alerts=UNCOUNTED not in marks, is_published=HIDDEN not in marks,
    )  # fmt: skip


@transaction.atomic
def change(reason: AbsenceReason, values: dict, by: UUID | None) -> AbsenceReason:
    """Close the row and open another with these properties; nothing where nothing changes."""
    if all(getattr(reason, name) == values.get(name, getattr(reason, name)) for name in PROPERTIES):
        return reason
    now = timezone.now()
    AbsenceReason.objects.filter(pk=reason.pk).update(closed_at=now)
    kept = {name: getattr(reason, name) for name in PROPERTIES} | {name: values[name] for name in values}
    return AbsenceReason.objects.create(code=reason.code, source=reason.source, opened_at=now, opened_by_id=by, **kept)


@transaction.atomic
def add(values: dict, by: UUID | None) -> AbsenceReason:
    """A reason of the school's own."""
    stem = re.sub(r"[^a-z0-9]+", "_", folded(values["label"])).strip("_")[:30] or "motif"
    taken = set(AbsenceReason.objects.filter(code__startswith=stem).values_list("code", flat=True))
    code = next(one for one in (stem, *(f"{stem}_{number}" for number in range(2, 1000))) if one not in taken)
    return AbsenceReason.objects.create(code=code, opened_by_id=by, **values)


def close(reason: AbsenceReason) -> None:
    """No longer proposed; what was decided under it keeps it."""
    AbsenceReason.objects.filter(pk=reason.pk, closed_at=None).update(closed_at=timezone.now())


def history(reason: AbsenceReason) -> list[AbsenceReason]:
    """Its versions, the latest first."""
    return list(AbsenceReason.objects.filter(code=reason.code).select_related("opened_by").order_by("-opened_at"))
