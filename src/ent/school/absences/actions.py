"""What families and the school do about absences: one function per thing done, all in one transaction."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import DateTimeField, DurationField, ExpressionWrapper, F, Value
from django.db.models.functions import Greatest, Least
from django.utils import timezone

from ent.kernel import documents
from ent.kernel.audit.models import record
from ent.kernel.live import announce
from ent.school.absences import alerts, syncing
from ent.school.absences.models import AbsenceCase, AbsenceNotice, AbsenceReason, CaseEvent, CaseKind, FollowUp
from ent.school.absences.telling import tell_answer
from ent.school.people.models import Person

TOPIC = alerts.TOPIC
State, Act = AbsenceNotice.State, CaseEvent.Act


@dataclass(frozen=True)
class By:
    """Who does it: the person of the school, and the account for the trail."""

    person_id: UUID | None
    account_id: UUID | None


@transaction.atomic
def give_notice(
    pupil: Person, *, kind: str, starts_at: datetime, ends_at: datetime, reason: AbsenceReason, by: By,
    text: str = "", document=None, way: str = AbsenceNotice.Way.ENT, client_id: UUID | None = None,
    is_exact: bool = False,
) -> AbsenceNotice:  # fmt: skip
    """A family announces or justifies: itself, or through the staff. The same sending twice makes one notice. What
    it says of a part of a case parts it: the rest stays to be explained.
    """
    if client_id and (sent := AbsenceNotice.objects.filter(client_id=client_id, pupil=pupil).first()):
        return sent
    notice = AbsenceNotice(
        pupil=pupil, kind=kind, way=way, starts_at=starts_at, ends_at=ends_at, reason=reason, text=text,
        is_exact=is_exact, by_id=by.person_id, **({"client_id": client_id} if client_id else {}),
    )  # fmt: skip
    if document:
        notice.document_name, notice.document_size = documents.shown_name(document), document.size or 0
        documents.keep(notice.document, notice.pk, document)
    notice.save()
    _part(notice, by)
    covered = list(cases_of(notice).filter(is_settled=False).exclude(reason=reason))
    AbsenceCase.objects.filter(pk__in=[one.pk for one in covered]).update(reason=reason)
    _write(covered, Act.REASON, by, reason.label)
    if way != AbsenceNotice.Way.ENT:
        record("absences.record", account_id=by.account_id, object_id=pupil.pk, way=way)
    announce(TOPIC)
    return notice


def cases_of(notice: AbsenceNotice):
    """The cases a notice speaks of: those of its time; of exact hours, those of which it covers half at least."""
    found = AbsenceCase.objects.filter(
        pupil=notice.pupil_id, removed_at=None, starts_at__lt=notice.ends_at, ends_at__gt=notice.starts_at
    )
    if not notice.is_exact:
        return found
    ends, starts = (Value(one, DateTimeField()) for one in (notice.ends_at, notice.starts_at))
    shared = ExpressionWrapper(Least("ends_at", ends) - Greatest("starts_at", starts), DurationField())
    lasts = ExpressionWrapper(F("ends_at") - F("starts_at"), DurationField())
    return found.annotate(shared=shared, lasts=lasts).filter(shared__gte=F("lasts") / 2)


def _part(notice: AbsenceNotice, by: By) -> None:
    """Part the cases of which a notice speaks in part only."""
    parted = AbsenceCase.objects.filter(
        pupil=notice.pupil_id, removed_at=None, kind=CaseKind.ABSENCE, starts_at__lt=notice.ends_at,
        ends_at__gt=notice.starts_at,
    ).exclude(starts_at__gte=notice.starts_at, ends_at__lte=notice.ends_at)  # fmt: skip
    for case in parted:
        syncing.sync([notice.pupil_id], case.day, by.person_id, tells=False)


@transaction.atomic
def answer(notice: AbsenceNotice, state: str, by: By, words: str = "") -> bool:
    """Accept, refuse (saying why), or ask for a document: once, whoever answers first."""
    now = timezone.now()
    waiting = AbsenceNotice.objects.filter(pk=notice.pk, state__in=(State.RECEIVED, State.CERTIFICATE))
    if not waiting.update(state=state, answer=words, answered_at=now, answered_by_id=by.person_id):
        return False
    notice.refresh_from_db()
    cases = list(cases_of(notice))
    if state != State.CERTIFICATE:
        for case in cases:
            _settle(case, by, now)
            _decide(case, state == State.ACCEPTED, by, now, words)
            case.reason_id = notice.reason_id
        _save(cases)
        _write(cases, Act.VALID if state == State.ACCEPTED else Act.REFUSED, by, words)
        alerts.check([notice.pupil_id])
    record("absences.settle", account_id=by.account_id, object_id=notice.pk, state=state)
    tell_answer(notice)
    announce(TOPIC)
    return True


@transaction.atomic
def accept_all(keys: Iterable[UUID], by: By) -> int:
    """Accept these statements at once; those answered meanwhile are left as they are."""
    notices = AbsenceNotice.objects.filter(pk__in=list(keys), state=State.RECEIVED).select_related("pupil", "reason")
    return sum(answer(notice, State.ACCEPTED, by) for notice in notices)


@transaction.atomic
def undo_answer(notice: AbsenceNotice, by: By) -> None:
    """The statement waits again, and so do its cases."""
    changed = AbsenceNotice.objects.filter(pk=notice.pk, state__in=(State.ACCEPTED, State.REFUSED, State.CERTIFICATE))
    if not changed.update(state=State.RECEIVED, answer="", answered_at=None, answered_by=None):
        return
    cases = list(cases_of(notice))
    for case in cases:
        _reopen(case)
    _save(cases)
    _write(cases, Act.REOPENED, by)
    record("absences.reopen", account_id=by.account_id, object_id=notice.pk)
    announce(TOPIC)


@transaction.atomic
def withdraw(notice: AbsenceNotice) -> bool:
    """The family takes back what it said, before it is answered."""
    done = AbsenceNotice.objects.filter(pk=notice.pk, state__in=(State.RECEIVED, State.CERTIFICATE)).update(
        state=State.WITHDRAWN, answered_at=timezone.now()
    )
    if done:
        mine = cases_of(notice).filter(is_settled=False, reason=notice.reason_id)
        AbsenceCase.objects.filter(pk__in=list(mine.values_list("pk", flat=True))).update(reason=None)
        announce(TOPIC)
    return bool(done)


@transaction.atomic
def settle(cases: list[AbsenceCase], by: By) -> None:
    """The family answered; whether the reason is accepted is another matter."""
    now = timezone.now()
    for case in cases:
        _settle(case, by, now)
    _save(cases)
    _write(cases, Act.SETTLED, by)
    _done("absences.settle", cases, by)


@transaction.atomic
def decide(
    cases: list[AbsenceCase], is_valid: bool, by: By, reason: AbsenceReason | None = None, words: str = ""
) -> None:
    """Accept the reason, or refuse it saying why; either settles."""
    now = timezone.now()
    for case in cases:
        if reason:
            case.reason = reason
        _settle(case, by, now)
        _decide(case, is_valid, by, now, words)
    _save(cases)
    _write(cases, Act.VALID if is_valid else Act.REFUSED, by, words)
    _done("absences.decide", cases, by)


@transaction.atomic
def give_reason(cases: list[AbsenceCase], reason: AbsenceReason, by: By) -> None:
    """Write the reason, without deciding anything."""
    for case in cases:
        case.reason = reason
    _save(cases)
    _write(cases, Act.REASON, by, reason.label)
    _done("absences.decide", cases, by)


@transaction.atomic
def reopen(cases: list[AbsenceCase], by: By) -> None:
    """Undo: neither settled nor decided; the trail keeps both."""
    for case in cases:
        _reopen(case)
    _save(cases)
    _write(cases, Act.REOPENED, by)
    _done("absences.reopen", cases, by)


@transaction.atomic
def follow_up(
    pupil: Person, act: str, by: By, case: AbsenceCase | None = None, note: str = "", next_step: str = "",
    next_on: date | None = None,
) -> FollowUp:  # fmt: skip
    """Note what was done to reach a family; what was to be done is done."""
    FollowUp.objects.filter(pupil=pupil, next_on__isnull=False, next_done_at=None).update(next_done_at=timezone.now())
    made = FollowUp.objects.create(
        pupil=pupil, case=case, act=act, note=note, next_step=next_step, next_on=next_on, by_id=by.person_id
    )
    announce(TOPIC)
    return made


def _settle(case: AbsenceCase, by: By, now: datetime) -> None:
    if not case.is_settled:
        case.is_settled, case.settled_at, case.settled_by_id = True, now, by.person_id


def _decide(case: AbsenceCase, is_valid: bool, by: By, now: datetime, words: str) -> None:
    case.is_valid, case.decided_at, case.decided_by_id = is_valid, now, by.person_id
    case.refusal = "" if is_valid else words


def _reopen(case: AbsenceCase) -> None:
    case.is_settled, case.settled_at, case.settled_by = False, None, None
    case.is_valid, case.decided_at, case.decided_by, case.refusal = None, None, None, ""


def _save(cases: list[AbsenceCase]) -> None:
    AbsenceCase.objects.bulk_update(
        cases, ["reason", "is_settled", "settled_at", "settled_by", "is_valid", "decided_at", "decided_by", "refusal"]
    )


def _write(cases: list[AbsenceCase], act: str, by: By, words: str = "") -> None:
    CaseEvent.objects.bulk_create(
        CaseEvent(case=case, act=act, words=words[:300], by_id=by.person_id) for case in cases
    )


def _done(action: str, cases: list[AbsenceCase], by: By) -> None:
    for case in cases:
        record(action, account_id=by.account_id, object_id=case.pk)
    alerts.check({case.pupil_id for case in cases})
    announce(TOPIC)
