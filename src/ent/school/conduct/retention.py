"""When what is written of a pupil leaves the files.

Sanctions: code de l'éducation, art. R511-13, IV (decree 2019-906). Punishments and incidents: the law sets no time;
punishments, removals from lessons among them, are kept until the end of the school year, incidents and calls for help,
once closed, until the end of the next (GDPR, art. 5: no longer than needed).
"""

from datetime import date

from django.db import transaction
from django.db.models import Count, Model, Q, QuerySet
from django.urls import reverse

from ent.school.attendance.models import Passage
from ent.school.conduct.models import Concern, DisciplinaryBoard, ErasureRecord, Incident, Punishment, Sanction
from ent.school.notifications.models import Kind as Told
from ent.school.notifications.models import Notification
from ent.school.structure.models import school_start

Kind = Sanction.Kind
# How many school years after the one in which it was decided.
YEARS_KEPT = {Kind.WARNING: 0, Kind.REPRIMAND: 1, Kind.RESPONSIBILITY: 1,
              Kind.CLASS_EXCLUSION: 2, Kind.SCHOOL_EXCLUSION: 2, Kind.SERVICE_EXCLUSION: 2}  # fmt: skip
PUNISHMENT_YEARS, INCIDENT_YEARS, CONCERN_YEARS, BOARD_YEARS = 0, 1, 1, 0
# What is erased, and what says its kind.
ERASED: dict[str, tuple[type[Model], str]] = {
    "sanction": (Sanction, "kind"), "punishment": (Punishment, "kind"), "incident": (Incident, "kind"),
    "concern": (Concern, "about"), "board": (DisciplinaryBoard, ""),
}  # fmt: skip


def after_years(day: date, years: int) -> date:
    """The first day of the school year that follows so many after the one of a day."""
    begun = school_start(day)
    return begun.replace(year=begun.year + 1 + years)


def erase_on(kind: str, decided_on: date) -> date | None:
    """The day a sanction leaves the file; none for a permanent exclusion."""
    years = YEARS_KEPT.get(Kind(kind))
    return None if years is None else after_years(decided_on, years)


@transaction.atomic
def erase_due(today: date) -> int:
    """Erase what is due, and keep the count by kind. Done again it changes nothing."""
    erased = 0
    for what, (model, column) in ERASED.items():
        due = model._default_manager.filter(erase_on__lte=today)
        if model is Incident:
            due = due.exclude(closed_at=None)
        erased += _erase(what, due, column)
    # A removal from a lesson is a punishment: it goes with the school year.
    begun = school_start(today)
    _forget_what_was_told(begun)
    return erased + _erase("removal", Passage.objects.filter(is_removal=True, sent_at__date__lt=begun), "")


def _forget_what_was_told(begun: date) -> None:
    """Notifications repeat reasons and names: none outlives the school year they were sent in."""
    about = Q(kind=Told.CONDUCT) | Q(kind=Told.WORK, path__startswith="/conduct/")
    about |= Q(kind=Told.WORK, path=reverse("attendance:board"))
    Notification.objects.filter(about, created_at__date__lt=begun).delete()


def _erase(what: str, due: QuerySet, column: str) -> int:
    ids = list(due.select_for_update().values_list("pk", flat=True))
    found = due.model._default_manager.filter(pk__in=ids)
    kinds = found.order_by().values_list(column).annotate(n=Count("pk")) if column else [("", len(ids))]
    ErasureRecord.objects.bulk_create(ErasureRecord(what=what, kind=kind, count=n) for kind, n in kinds if n)
    found.delete()
    return len(ids)
