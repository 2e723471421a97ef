"""Writing remarks, and signing them."""

from django.db import transaction
from django.urls import reverse

from ent.school.conduct.models import Acknowledgement, Remark
from ent.school.notifications.actions import guardians_of, tell
from ent.school.notifications.models import Kind
from ent.school.people.models import Person


@transaction.atomic
def record_remark(pupil: Person, kind: str, *, by, text: str = "", needs_signature: bool = False) -> Remark:
    """Write a remark and tell the guardians and the pupil."""
    remark = Remark.objects.create(pupil=pupil, kind=kind, by_id=by, text=text, needs_signature=needs_signature)
    path = reverse("conduct:pupil", args=[pupil.pk])
    people = [guardian for guardian, _ in guardians_of([pupil])] + [pupil.pk]
    title = f"{remark.get_kind_display()} pour {pupil.display_name}"
    tell(people, Kind.CONDUCT, title, text=text[:400], path=path, pupil=pupil)
    return remark


def sign(remark: Remark, guardian) -> None:
    """A guardian has seen it; signing twice changes nothing."""
    Acknowledgement.objects.get_or_create(remark=remark, guardian_id=guardian)
