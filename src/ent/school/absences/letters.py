"""Letters to families and the report to the academy, drawn by Typst; what is written travels as data."""

from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef

from ent.kernel.ids import new_id
from ent.kernel.letters import letters_pdf as drawn
from ent.school.absences.models import AbsenceCase, Alert, AlertStep, FamilyLetter
from ent.school.absences.queries import filtered
from ent.school.absences.wording import span_words
from ent.school.people.models import Guardianship, Person
from tenants.models import School

MOST = 400
OBJECTS = {
    "ask": ("Absences à justifier", "Les absences suivantes n'ont pas encore de motif. Merci de nous le faire "
            "connaître, sur l'ENT ou par retour de ce courrier."),
    "warn": ("Obligation d'assiduité", "Les absences suivantes restent sans motif valable. Nous vous rappelons que "
             "l'assiduité est une obligation (code de l'éducation, articles L131-8 et R131-5) et vous invitons à "
             "prendre contact avec l'établissement."),
}  # fmt: skip


@dataclass(frozen=True)
class ToWrite:
    """A guardian, a child, the cases not written about yet."""

    guardian: Person
    pupil: Person
    cases: tuple[AbsenceCase, ...]

    @property
    def address(self) -> list[str]:
        """Lines of the envelope; empty where the directory has none."""
        return self.guardian.postal_lines


def to_write(found: dict, kind: str) -> list[ToWrite]:
    """Who is to be written to: cases of the filter, never those already written about in this kind. Two queries."""
    sent = FamilyLetter.objects.filter(case=OuterRef("pk"), kind=kind, way=FamilyLetter.Way.PAPER)
    by_pupil: dict[UUID, list[AbsenceCase]] = defaultdict(list)
    for case in filtered(found).exclude(Exists(sent))[:MOST]:
        by_pupil[case.pupil_id].append(case)
    links = Guardianship.objects.filter(pupil__in=by_pupil, legal_rank__gt=0, is_restricted=False, closed_at=None)
    return [
        ToWrite(link.relative, link.pupil, tuple(by_pupil[link.pupil_id]))
        for link in links.select_related("relative", "pupil").order_by("pupil__sort_key", "legal_rank")
    ]


@transaction.atomic
def letters_pdf(school: School, wanted: list[ToWrite], kind: str, by: UUID | None) -> bytes:
    """The letters in series, each written down as sent: never twice."""
    batch = new_id()
    FamilyLetter.objects.bulk_create(
        [FamilyLetter(case=case, recipient=one.guardian, kind=kind, way=FamilyLetter.Way.PAPER, batch=batch, by_id=by)
         for one in wanted for case in one.cases], ignore_conflicts=True,
    )  # fmt: skip
    title, words = OBJECTS[kind]
    pages = [
        {"to": one.address, "title": f"{title} : {one.pupil}", "words": [words],
         "lines": [span_words(case.starts_at, case.ends_at) for case in one.cases]}
        for one in wanted
    ]  # fmt: skip
    return drawn(school, pages)


def report_pdf(school: School, alert: Alert, cases: list[AbsenceCase], steps: list[AlertStep]) -> bytes:
    """The report of a pupil's absenteeism, with what was done."""
    page = {
        "to": ["Direction des services départementaux de l'éducation nationale"],
        "title": f"Signalement d'absentéisme : {alert.pupil}",
        "words": [f"{alert.counted} demi-journées d'absence sans motif valable du {alert.from_day:%d/%m/%Y} au "
                  f"{alert.to_day:%d/%m/%Y} (code de l'éducation, articles L131-8 et R131-7).",
                  *(f"{step.get_kind_display()}, le {step.done_on:%d/%m/%Y}{f' : {step.note}' if step.note else ''}"
                    for step in steps)],
        "lines": [span_words(case.starts_at, case.ends_at) for case in cases],
    }  # fmt: skip
    return drawn(school, [page])
