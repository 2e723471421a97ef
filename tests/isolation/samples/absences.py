"""A case of the sample pupil, what the family says of it, a threshold passed."""

from datetime import timedelta
from typing import TYPE_CHECKING

from django.core.files.base import ContentFile
from django.utils import timezone

from ent.school.absences import alerts, reasons
from ent.school.absences.models import AbsenceCase, AbsenceNotice, Alert
from tests import factories

if TYPE_CHECKING:
    from tests.isolation.cast import Sample


def add(objects: "Sample") -> None:
    """`case`, `notice`, `alert`, `reason`, `rule`."""
    now, today = timezone.now(), timezone.localdate()
    reason = next(one for one in reasons.current() if one.parents_may_choose)
    objects.day["case"] = AbsenceCase.objects.create(
        pupil=objects.pupil, kind="absence", day=today, starts_at=now - timedelta(hours=1), ends_at=now
    )
    objects.day["notice"] = AbsenceNotice.objects.create(
        pupil=objects.pupil, kind="justifies", starts_at=now - timedelta(hours=1), ends_at=now, reason=reason,
        by=objects.guardian,
        document=ContentFile(factories.image("PNG"), "mot.png"), document_name="mot.png",
    )  # fmt: skip
    objects.day["alert"] = Alert.objects.create(
        pupil=objects.pupil, rule=alerts.rules()[0], counted=4, from_day=today, to_day=today
    )
    objects.day["rule"] = alerts.rules()[0]
    objects.day["reason"] = reasons.add({"label": "Motif d'essai", "parents_may_choose": True}, None)
