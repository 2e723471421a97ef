"""What a family still has to explain, for what it is sent."""

from datetime import date
from uuid import UUID

from ent.school.absences.queries import owed_by_pupils
from ent.school.absences.wording import span_words
from ent.school.notifications.coming import coming


@coming("Absences et retards à expliquer", "absences:family", order=20)
def to_explain(pupils: list[UUID], first: date, last: date) -> dict[UUID, list[str]]:
    """« Absence : lundi 23 novembre, de 8 h à 10 h »; no reason is in it."""
    return {
        pupil: [
            f"{one.get_kind_display()} : {span_words(one.starts_at, one.ends_at)}"
            for one in found
            if not one.is_settled and one.reason_id is None
        ]
        for pupil, found in owed_by_pupils(pupils).items()
    }
