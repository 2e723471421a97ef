"""What people do to people's files."""

from django.db import transaction

from ent.accounts.models import Account
from ent.kernel.audit.models import record
from ent.school.people.models import Guardianship


@transaction.atomic
def set_restricted(link: Guardianship, restricted: bool, *, by: Account) -> None:
    """Mark a relative's contact with a child as restricted, or lift it; written in the trail."""
    link.is_restricted = restricted
    link.save(update_fields=["is_restricted"])
    record("people.restrict_contact", account_id=by.pk, object_id=link.pk, restricted=restricted)
