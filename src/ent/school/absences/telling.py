"""What families are told of absences, at once and once."""

from collections import defaultdict
from datetime import date, timedelta
from uuid import UUID

from django.urls import reverse
from django.utils import timezone

from ent.kernel.text import hour, of
from ent.school.absences.models import AbsenceCase, AbsenceNotice, CaseKind
from ent.school.absences.wording import day_words, span_words
from ent.school.notifications.actions import guardians_of, tell
from ent.school.notifications.models import Kind

# A register corrected long after tells nobody.
TELLS_FOR = timedelta(days=7)


def tell_families(
    new: list[AbsenceCase], gone: list[AbsenceCase], corrected: list[tuple[AbsenceCase, date]] | tuple = ()
) -> None:
    """Of cases no reason is known for; of those that were told and no longer stand; of `corrected` days of a longer
    one.
    """
    today = timezone.localdate()
    new = [one for one in new if one.reason_id is None and not one.told_at and today - last_day(one) <= TELLS_FOR]
    gone = [one for one in gone if one.told_at]
    # Of a pupil noted absent, then late: one word, of the late arrival.
    replaced = {(one.pupil_id, one.day) for one in new}
    gone = [one for one in gone if (one.pupil_id, one.day) not in replaced]
    corrected = [(one, day) for one, day in corrected if (one.pupil_id, day) not in replaced]
    if not new and not gone and not corrected:
        return
    guardians: dict[UUID, list[UUID]] = defaultdict(list)
    for guardian, pupil in guardians_of({one.pupil_id for one in [*new, *gone, *(one for one, _ in corrected)]}):
        guardians[pupil].append(guardian)
    for case in new:
        path = _path("absences:justify", case.pk)
        tell(guardians[case.pupil_id], Kind.ABSENCE, _title(case), path=path, pupil=case.pupil_id,
             text="Si vous en connaissez la raison, dites-la à l’établissement.")  # fmt: skip
    for case in gone:
        words = "retard" if case.kind == CaseKind.LATENESS else "absence"
        tell(guardians[case.pupil_id], Kind.ABSENCE, f"{case.pupil.first_name} était bien en cours",
             text=f"L’appel est corrigé : il n’y a pas eu {of(words)} {_when(case)}.",
             path=_path("absences:of_pupil", case.pupil_id), pupil=case.pupil_id)  # fmt: skip
    for case, day in corrected:
        tell(guardians[case.pupil_id], Kind.ABSENCE, f"{case.pupil.first_name} était bien en cours",
             text=f"L’appel est corrigé : il n’y a pas eu d’absence {day_words(day)}.",
             path=_path("absences:of_pupil", case.pupil_id), pupil=case.pupil_id)  # fmt: skip
    now = timezone.now()
    AbsenceCase.objects.filter(pk__in=[one.pk for one in new]).update(told_at=now)
    AbsenceCase.objects.filter(pk__in=[one.pk for one in gone]).update(told_at=None)


def last_day(case: AbsenceCase) -> date:
    """The last day of a case."""
    return timezone.localtime(case.ends_at).date()


def _title(case: AbsenceCase) -> str:
    name = case.pupil.first_name or case.pupil.display_name
    if case.kind == CaseKind.LATENESS:
        return f"{name} : {case.minutes} min de retard {_when(case)}"
    if case.day == timezone.localdate():
        return f"{name} : absence depuis {hour(case.starts_at)}"
    return f"{name} : absence {span_words(case.starts_at, case.ends_at)}"


def _when(case: AbsenceCase) -> str:
    return f"{day_words(case.day)} à {hour(case.starts_at)}"


def tell_answer(notice: AbsenceNotice) -> None:
    """The family is told what became of what it said."""
    titles = {
        AbsenceNotice.State.ACCEPTED: "Absence réglée",
        AbsenceNotice.State.REFUSED: "Motif d’absence refusé",
        AbsenceNotice.State.CERTIFICATE: "Un document est demandé",
    }
    people = {guardian for guardian, _ in guardians_of([notice.pupil_id])}
    # Answered to whoever sent it; the other parent sees it on the page.
    asked = [notice.by_id] if notice.by_id in people else people
    words = f"{notice.pupil.first_name} : {titles[AbsenceNotice.State(notice.state)].lower()}"
    text = f"{span_words(notice.starts_at, notice.ends_at).capitalize()}. {notice.answer}".strip()
    tell(asked, Kind.ANSWER, words, text=text, path=_path("absences:of_pupil", notice.pupil_id), pupil=notice.pupil_id)


def _path(name: str, key: UUID) -> str:
    return reverse(name, args=[key], urlconf="ent.config.urls_school")
