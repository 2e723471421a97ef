"""Letters to families and the report to the academy, drawn by Typst; what is written travels as data."""

from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from ent.kernel.audit.models import record
from ent.kernel.ids import new_id
from ent.kernel.letters import letters_pdf
from ent.school.absences.actions import By
from ent.school.absences.alerts import counting
from ent.school.absences.models import AbsenceCase, AlertRule, AlertStep, CaseKind, FamilyLetter, FollowUp
from ent.school.absences.queries import filtered
from ent.school.absences.wording import span_in_full
from ent.school.notifications.actions import tell
from ent.school.notifications.models import Kind as NotificationKind
from ent.school.people.access import parental_ties
from ent.school.people.models import Person
from tenants.models import School

MOST = 400
OBJECTS = {
    "ask": ("Absences à justifier", "Les absences suivantes n'ont pas encore de motif. Merci de nous le faire "
            "connaître, sur l'ENT ou par retour de ce courrier."),
    "warn": ("Obligation d'assiduité", "Les absences suivantes restent sans motif valable. Nous vous rappelons que "
             "l'assiduité est une obligation (code de l'éducation, articles L131-8 et R131-5) et vous invitons à "
             "prendre contact avec l'établissement. Au-delà de quatre demi-journées dans un mois, nous devons "
             "transmettre le dossier de votre enfant à l'académie ; vous pouvez demander à le lire."),
}  # fmt: skip


NO_ADDRESS = "Sans adresse postale : à joindre autrement"
NO_WAY = "Sans téléphone mobile ni adresse électronique : le lira sur l'ENT"


@dataclass
class Draft:
    """A guardian, a child, the cases not written about yet; `anomaly`: what the directory lacks."""

    guardian: Person
    pupil: Person
    cases: list[AbsenceCase]
    anomaly: str = ""

    @property
    def key(self) -> str:
        """What a tick of the preview says."""
        return f"{self.pupil.pk}.{self.guardian.pk}"

    @property
    def goes(self) -> bool:
        """Whether it can be printed or sent."""
        return self.anomaly != NO_ADDRESS

    @property
    def address(self) -> list[str]:
        """Lines of the envelope; empty where the directory has none."""
        return self.guardian.postal_lines


def anomaly_of(person: Person, way: str) -> str:
    """What is missing to reach someone that way."""
    if way == FamilyLetter.Way.PAPER:
        return "" if person.address and person.town else NO_ADDRESS
    return "" if person.mobile_phone or person.directory_email else NO_WAY


def drafts(chosen: dict) -> tuple[list[Draft], list[Person]]:
    """Who is to be written to, by name, never twice about a case in a kind and way; and the pupils nobody can be
    written to about. Three queries.
    """
    found = {name: chosen.get(name) for name in ("division", "pupil", "since", "until")} | {"kind": CaseKind.ABSENCE}
    if chosen["kind"] == FamilyLetter.Kind.ASK:
        asked = filtered(found | {"settled": "no"}).exclude(is_valid=True)
    else:
        # What the thresholds count, no more and no less.
        asked = filtered(found).filter(counting(AlertRule.Kind.HALF_DAYS))
    by_pupil: dict[UUID, list[AbsenceCase]] = defaultdict(list)
    for case in asked.filter(pupil__closed_at=None)[:MOST]:
        by_pupil[case.pupil_id].append(case)
    sent = set(
        FamilyLetter.objects.filter(case__pupil__in=by_pupil, kind=chosen["kind"], way=chosen["way"])
        .values_list("case", "recipient")
    )  # fmt: skip
    ties = parental_ties().filter(pupil__in=by_pupil, relative__closed_at=None)
    links = ties.select_related("relative", "pupil")
    made, reached = [], set()
    for link in links.order_by("pupil__sort_key", "legal_rank"):
        reached.add(link.pupil_id)
        theirs = [one for one in reversed(by_pupil[link.pupil_id]) if (one.pk, link.relative_id) not in sent]
        if theirs:
            made.append(Draft(link.relative, link.pupil, theirs, anomaly_of(link.relative, chosen["way"])))
    alone = [theirs[0].pupil for pupil, theirs in by_pupil.items() if pupil not in reached]
    return made, sorted(alone, key=lambda one: one.sort_key)


def line_of(case: AbsenceCase) -> str:
    """« du 23 novembre au 24 novembre 2026 (4 demi-journées) »."""
    number = len(case.half_days)
    return f"{span_in_full(case.starts_at, case.ends_at)} ({number} demi-journée{'s' if number > 1 else ''})"


@transaction.atomic
def send(school: School, chosen: dict, keys: set[str], by: By) -> tuple[list[Draft], bytes]:
    """Print or send those ticked, each written down: never twice, whoever does the same at the same time."""
    candidates = [one for one in drafts(chosen)[0] if one.key in keys and one.goes]
    concerned = {case.pk for one in candidates for case in one.cases}
    list(AbsenceCase.objects.select_for_update().filter(pk__in=concerned).order_by("pk").values_list("pk"))
    # Whoever came first has written theirs by now.
    going = [one for one in drafts(chosen)[0] if one.key in keys and one.goes]
    if not going:
        return [], b""
    kind, batch = FamilyLetter.Kind(chosen["kind"]), new_id()
    FamilyLetter.objects.bulk_create(
        FamilyLetter(case=case, recipient=one.guardian, kind=kind, way=chosen["way"], batch=batch, by_id=by.person_id)
        for one in going for case in one.cases
    )  # fmt: skip
    if kind == FamilyLetter.Kind.WARN:
        # The written reminder of procedures under way is done.
        AlertStep.objects.filter(
            alert__pupil__in={one.pupil.pk for one in going}, alert__closed_at=None, done_on=None,
            kind=AlertStep.Kind.REMINDER,
        ).update(done_on=timezone.localdate(), at=timezone.now(), by=by.person_id)  # fmt: skip
    is_paper = chosen["way"] == FamilyLetter.Way.PAPER
    FollowUp.objects.bulk_create(
        FollowUp(pupil_id=pupil, act=FollowUp.Act.LETTER if is_paper else FollowUp.Act.MESSAGE, note=kind.label,
                 by_id=by.person_id)
        for pupil in {one.pupil.pk for one in going}
    )  # fmt: skip
    record("absences.write_families", account_id=by.account_id, letters=len(going), kind=str(kind))
    title, words = OBJECTS[kind]
    if is_paper:
        pages = [
            {"to": one.address, "title": f"{title} : {one.pupil}", "words": [words],
             "lines": [line_of(case) for case in one.cases]}
            for one in going
        ]  # fmt: skip
        return going, letters_pdf(school, pages)
    for one in going:
        tell([one.guardian], NotificationKind.ABSENCE, f"{one.pupil.first_name} : {title.lower()}", text=words,
             path=reverse("absences:family", urlconf="ent.config.urls_school") + f"?child={one.pupil.pk}",
             pupil=one.pupil)  # fmt: skip
    return going, b""
