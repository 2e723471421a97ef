"""Functions given and withdrawn by hand."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from ent.kernel.access import Acting
from ent.kernel.audit.models import record
from ent.school.people.models import Function, Person, StaffFunction


@transaction.atomic
def give_function(person: Person, function: str, *, acting: Acting, account_id: UUID) -> bool:
    """Give a member of staff a function by hand; False where they had it so already."""
    _, given = StaffFunction.objects.get_or_create(
        person=person, function=function, source=StaffFunction.Source.HAND, closed_at=None,
        defaults={"given_by": acting.person_id},
    )  # fmt: skip
    if given:
        record("people.give_function", account_id=account_id, object_id=person.pk, function=str(Function(function)))
    return given


@transaction.atomic
def withdraw_function(function: StaffFunction, *, account_id: UUID) -> None:
    """End a function given by hand; the directory's come and go with the directory."""
    ended = StaffFunction.objects.filter(pk=function.pk, closed_at=None).update(closed_at=timezone.now())
    if ended:
        record(
            "people.withdraw_function", account_id=account_id, object_id=function.person_id, function=function.function
        )
