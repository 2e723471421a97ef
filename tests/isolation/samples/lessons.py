"""Published homework of the sample session, with a document, a copy of the sample pupil, and a to-do of theirs."""

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from ent.school.lessons.models import (
    Attachment,
    Homework,
    HomeworkAudience,
    LessonEntry,
    LogReading,
    OwnTask,
    Placing,
    PlanStep,
    Submission,
    TeachingPlan,
)  # fmt: skip

if TYPE_CHECKING:
    from tests.isolation.cast import Sample


def add(objects: "Sample") -> None:
    """`homework`, `submission`, `attachment`, `task`, `plan`, `step`, `placing`, `reading`."""
    session, today = objects.day["session"], timezone.localdate()
    LessonEntry.objects.create(
        session=session, author=objects.leader, content="<p>Cours</p>", publish_at=timezone.now()
    )
    homework = Homework.objects.create(given_in=session, author=objects.leader, content="<p>Exercice</p>", due_on=today,
                                       takes_files=True, publish_at=timezone.now())  # fmt: skip
    HomeworkAudience.objects.create(homework=homework, division=objects.division, due_on=today)
    objects.day["homework"] = homework
    objects.day["submission"] = Submission.objects.create(homework=homework, pupil=objects.pupil, text="Voici")
    objects.day["attachment"] = Attachment.objects.create(homework=homework, name="Un lien", link="https://exemple.fr")
    objects.day["task"] = OwnTask.objects.create(pupil=objects.pupil, text="Réviser", due_on=today)
    plan = TeachingPlan.objects.create(title="Progression", owner=objects.leader, subject=session.subject)
    objects.day["plan"] = plan
    objects.day["step"] = PlanStep.objects.create(plan=plan, position=1, title="Fractions", content="<p>Cours</p>")
    objects.day["placing"] = Placing.objects.create(plan=plan, start=session, by=objects.leader)
    objects.day["reading"] = LogReading.objects.create(
        reader="M. Roy, IA-IPR", division=objects.division, year=objects.division.year, digest=str(objects.division.pk),
        expires_at=timezone.now() + timedelta(days=3),
    )  # fmt: skip
