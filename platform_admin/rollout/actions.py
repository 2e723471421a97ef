"""What becomes of schools in the plan. Every change leaves a Move, and a line in the trail.

For the launcher: `ready_to_launch(wave)`, `record_step(deployment, step)`, `record_move(school, kind)`;
`author` and `account_id` say who acts, the platform by default.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from ent.kernel.audit.models import record
from platform_admin.rollout.models import Deployment, Move, Step, StepRecord, Wave
from platform_admin.rollout.predictions import refresh
from tenants.models import School

PLATFORM = "La plateforme"


@dataclass(frozen=True)
class Author:
    """Who decides: an officer, or the platform."""

    name: str = PLATFORM
    account_id: UUID | None = None

    @property
    def values(self) -> dict[str, object]:
        """As rows keep it."""
        return {"author": self.name, "account_id": self.account_id}


def ready_to_launch(wave: Wave) -> QuerySet[Deployment]:
    """Schools of a wave whose agreement and network are there and whose directory is not: what a launch works on."""
    standing = StepRecord.objects.filter(deployment=OuterRef("pk"), withdrawn_at=None)
    return (
        wave.deployments.select_related("school")
        .filter(
            Exists(standing.filter(step=Step.AGREEMENT)),
            Exists(standing.filter(step=Step.NETWORK)),
            ~Exists(standing.filter(step=Step.DIRECTORY)),
            school__state__in=[School.State.REGISTERED, School.State.PROVISIONED],
        )
        .order_by("school__name", "school__uai")
    )


def record_move(
    school: School, kind: str, *, before: str = "", after: str = "", note: str = "", author: str = PLATFORM,
    account_id: UUID | None = None,
) -> Move:  # fmt: skip
    """Keep what became of a school."""
    record(f"rollout.{kind}", account_id=account_id, uai=school.uai, before=before, after=after)
    return Move.objects.create(
        school=school, kind=kind, before=before[:120], after=after[:120], note=note[:500], author=author,
        account_id=account_id,
    )  # fmt: skip


@transaction.atomic
def record_step(
    deployment: Deployment, step: str, *, done_on: date | None = None, note: str = "",
    attachment: ContentFile | None = None, author: str = PLATFORM, account_id: UUID | None = None,
) -> StepRecord:  # fmt: skip
    """Record that a step is done, as a fact (nothing is checked); done twice it changes nothing."""
    values = {"done_on": done_on or timezone.localdate(), "note": note[:500], "author": author,
              "account_id": account_id} | ({"attachment": attachment} if attachment else {})  # fmt: skip
    found, created = StepRecord.objects.get_or_create(
        deployment=deployment, step=step, withdrawn_at=None, defaults=values
    )
    if created:
        record_move(
            deployment.school, Move.Kind.STEP_DONE, after=str(Step(step).label), note=note,
            author=author, account_id=account_id,
        )  # fmt: skip
        refresh([deployment.pk])
    return found
