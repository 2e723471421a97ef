"""Notes of tests, each in one line."""

from datetime import timedelta

from django.utils import timezone

from ent.school.notes import actions
from ent.school.notes.models import Note
from ent.school.people.models import Person
from ent.school.structure.models import Division, Group

TODAY = timezone.localdate


def draft(author: Person, *audiences: Division | Group | Person, in_days: int = 5, **values) -> Note:
    """A note not sent yet, due in some days."""
    names = {Division: "division", Group: "group", Person: "pupil"}
    made = Note(author=author, due_on=TODAY() + timedelta(days=in_days))
    return actions.save_draft(
        made, audiences=[{names[type(one)]: one} for one in audiences],
        **{"title": "Sortie au musée", "content": "Nous irons au **musée**."} | values,
    )  # fmt: skip


def sent(author: Person, *audiences: Division | Group | Person, overdue: int = 0, **values) -> Note:
    """A note that families received; `overdue`: it was due that many days ago."""
    made = draft(author, *audiences, **values)
    actions.send(made, account_id=None)
    if overdue:
        Note.objects.filter(pk=made.pk).update(due_on=TODAY() - timedelta(days=overdue))
    made.refresh_from_db()
    return made


def permission(author: Person, *audiences: Division | Group | Person, **values) -> Note:
    """A permission slip that families received."""
    return sent(author, *audiences, kind=Note.Kind.PERMISSION, **values)
