"""When a sanction leaves the file (code de l'éducation, art. R511-13, IV, as of decree 2019-906)."""

from datetime import date

from django.db import transaction
from django.db.models import Count

from ent.school.conduct.models import ErasureRecord, Sanction

Kind = Sanction.Kind
# How many school years after the one in which it was decided.
YEARS_KEPT = {Kind.WARNING: 0, Kind.REPRIMAND: 1, Kind.RESPONSIBILITY: 1,
              Kind.CLASS_EXCLUSION: 2, Kind.SCHOOL_EXCLUSION: 2}  # fmt: skip


def erase_on(kind: str, decided_on: date) -> date | None:
    """The first day of the school year after the last one it is kept in; none for a permanent exclusion."""
    years = YEARS_KEPT.get(Kind(kind))
    if years is None:
        return None
    begun = decided_on.year if decided_on.month >= 9 else decided_on.year - 1
    return date(begun + 1 + years, 9, 1)


@transaction.atomic
def erase_due(today: date) -> int:
    """Erase what is due, and keep the count by kind. Done again it changes nothing."""
    due = Sanction.objects.select_for_update().filter(erase_on__lte=today)
    ids = list(due.values_list("pk", flat=True))
    found = Sanction.objects.filter(pk__in=ids)
    counts = list(found.order_by().values_list("kind").annotate(n=Count("pk")))
    ErasureRecord.objects.bulk_create(ErasureRecord(kind=kind, count=n) for kind, n in counts)
    found.delete()
    return len(ids)
