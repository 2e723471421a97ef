"""A passage, an exemption, an outing and an exit scheme of the sample pupil."""

from datetime import timedelta
from typing import TYPE_CHECKING

from django.core.files.base import ContentFile
from django.utils import timezone

from ent.school.attendance.models import Attendance, Exemption, ExitChoice, ExitScheme, ExitTerms, Outing, Passage
from tests import factories

if TYPE_CHECKING:
    from tests.isolation.cast import Sample


def add(objects: "Sample") -> None:
    """`passage`, `exemption`, `attendance`, `outing`, `scheme`."""
    now, today = timezone.now(), timezone.localdate()
    objects.day["passage"] = Passage.objects.create(pupil=objects.pupil, place="infirmary", sent_at=now)
    objects.day["exemption"] = Exemption.objects.create(
        pupil=objects.pupil, starts_on=today, ends_on=today, document_name="certificat.png",
        document=ContentFile(factories.image("PNG"), "certificat.png"),
    )  # fmt: skip
    objects.day["attendance"] = Attendance.objects.create(
        session=objects.day["session"], pupil=objects.pupil, state="absent", day=objects.day["session"].day,
        starts_at=objects.day["session"].starts_at, ends_at=objects.day["session"].ends_at,
    )  # fmt: skip
    objects.day["outing"] = Outing.objects.create(
        kind="trip", title="Sortie", starts_at=now, ends_at=now + timedelta(hours=2)
    )
    scheme = ExitScheme.objects.create(name="Vert d'essai")
    ExitTerms.objects.create(scheme=scheme, starts_on=today, after_last_lesson=True)
    ExitChoice.objects.create(pupil=objects.pupil, scheme=scheme, starts_on=today)
    objects.day["scheme"] = scheme
