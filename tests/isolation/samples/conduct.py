"""What is written of the sample pupil, by the sample's teacher; a call for help entrusted to that teacher."""

from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from ent.school.attendance.models import Passage
from ent.school.conduct.models import (
    Concern,
    Detention,
    DisciplinaryBoard,
    Incident,
    IncidentParty,
    Punishment,
    Referent,
    Remark,
    Sanction,
)  # fmt: skip
from ent.school.timetable.models import Room

if TYPE_CHECKING:
    from tests.isolation.cast import Sample


def add(objects: "Sample") -> None:
    """`pupil`, `remark`, `punishment`, `sanction`, `detention`, `incident`, `party`, `concern`, `referent`, `board`…"""
    objects.day.setdefault("pupil", objects.pupil)
    pupil, by, erase_on = objects.pupil, objects.leader, date(2099, 9, 1)
    begins = timezone.now() - timedelta(days=3)
    incident = Incident.objects.create(kind="insult", place="playground", happened_at=timezone.now(), account="Cris.",
                                       reported_by=by, erase_on=erase_on)  # fmt: skip
    objects.day.update(
        {
            "remark": Remark.objects.create(
                pupil=pupil, kind=Remark.Kind.OBSERVATION, text="Bavarde.", by=by, needs_signature=True
            ),
            "punishment": Punishment.objects.create(
                pupil=pupil, kind="detention", reason="Bavardages", given_by=by, erase_on=erase_on
            ),
            "sanction": Sanction.objects.create(
                pupil=pupil, kind="warning", reason="Insolence", decided_on=timezone.localdate()
            ),
            "detention": Detention.objects.create(
                starts_at=begins, ends_at=begins + timedelta(hours=1), room=Room.objects.create(name="Salle d'essai C")
            ),
            "incident": incident,
            "party": IncidentParty.objects.create(incident=incident, part="witness", person=pupil),
            "concern": Concern.objects.create(author=objects.leader, about="other", text="J'ai vu."),
            "referent": Referent.objects.create(person=by),
            "board": DisciplinaryBoard.objects.create(
                pupil=pupil,
                reason="Violences",
                held_at=begins,
                place="Salle du conseil",
                summoned_on=begins.date(),
            ),
            "removal": Passage.objects.create(
                pupil=pupil,
                place="student_life",
                is_removal=True,
                session=objects.day["session"],
                sent_by=by,
                sent_at=timezone.now(),
                reason="Insolence",
                told_at=timezone.now(),
            ),
        }
    )
