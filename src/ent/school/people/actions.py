"""What people do to people's files."""

from django.core.files.base import ContentFile
from django.db import transaction

from ent.accounts.models import Account
from ent.kernel.audit.models import record
from ent.kernel.ids import new_id
from ent.school.people.models import Guardianship, Person


@transaction.atomic
def set_restricted(link: Guardianship, restricted: bool, *, by: Account) -> None:
    """Mark a relative's contact with a child as restricted, or lift it; written in the trail."""
    link.is_restricted = restricted
    link.save(update_fields=["is_restricted"])
    record("people.restrict_contact", account_id=by.pk, object_id=link.pk, restricted=restricted)


@transaction.atomic
def set_photo(person: Person, image: bytes, *, by: Account) -> None:
    """Put a photo (already a `portrait`) on a person's file, in place of the last one."""
    _forget_file(person)
    # A new name each time: no browser shows the old face at the new address.
    person.photo.save(f"{new_id()}.webp", ContentFile(image), save=False)
    person.save(update_fields=["photo"])
    record("people.change_photo", account_id=by.pk, object_id=person.pk)


@transaction.atomic
def remove_photo(person: Person, *, by: Account) -> None:
    """Take a person's photo away, and its file."""
    _forget_file(person)
    person.photo = ""
    person.save(update_fields=["photo"])
    record("people.remove_photo", account_id=by.pk, object_id=person.pk)


def _forget_file(person: Person) -> None:
    """Erase the present photo's file, once the change is sure."""
    storage, name = person.photo.storage, person.photo.name
    if name:
        transaction.on_commit(lambda: storage.delete(name))
