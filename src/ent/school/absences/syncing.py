"""Cases follow the registers: whenever attendances change, the cases of those pupils are made to agree."""

from collections import defaultdict
from collections.abc import Hashable, Iterable
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db import transaction
from django.dispatch import receiver
from django.utils import timezone

from ent.kernel.live import announce
from ent.school.absences import alerts, telling
from ent.school.absences.grouping import Answer, Missed, Run, Standing, plan_of, runs_of
from ent.school.absences.half_days import Span, count, day_of
from ent.school.absences.models import AbsenceCase, AbsenceNotice, CaseEvent, CaseKind
from ent.school.absences.queries import since_september
from ent.school.attendance.exits import midday
from ent.school.attendance.models import Attendance, AttendanceState, attendance_changed
from ent.school.people.models import Person
from ent.school.timetable.models import Session
from ent.school.timetable.queries import session_pupils

# An absence before holidays and one after may be the same; farther away, it is another one.
REACH = timedelta(days=24)
MISSING = (AttendanceState.ABSENT, AttendanceState.LATE, AttendanceState.LEFT_EARLY)


@receiver(attendance_changed, dispatch_uid="absences.sync")
def on_attendance_changed(pupils, day: date, by: Person | UUID | None = None, **kwargs) -> None:
    """In the transaction of the register."""
    sync(pupils, day, by)


@transaction.atomic
def sync(pupils: Iterable[UUID], day: date, by: Person | UUID | None = None, *, tells: bool = True) -> None:
    """Make the cases of these pupils around a day agree with their attendances. A constant number of queries."""
    ids = {getattr(pupil, "pk", pupil) for pupil in pupils}
    if not ids:
        return
    # Two registers sent at once take turns over a pupil.
    list(Person.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk").values_list("pk"))
    first, last = _window(ids, day)
    missed, planned, at = _missed(ids, first, last), planned_of(ids, first, last), midday()
    standing: dict[UUID, list[AbsenceCase]] = defaultdict(list)
    for case in _overlapping(ids, first, last).select_related("pupil", "reason"):
        standing[case.pupil_id].append(case)
    known = _known(ids, first, last)
    work = _Work(by)
    for pupil in sorted(ids):
        answer = _answers(standing[pupil], known[pupil])
        runs = runs_of(missed[pupil], planned[pupil], at, answer)
        work.take(pupil, runs, standing[pupil], known[pupil])
    work.write()
    if tells:
        telling.tell_families(work.created + work.revived + work.longer, work.gone, work.corrected)
        alerts.check(ids)
    announce(alerts.TOPIC)


def _window(ids: set[UUID], day: date) -> tuple[date, date]:
    """The days to look at: those of the absences near this day, and of the cases they belong to. Two queries."""
    near = (day - REACH, day + REACH)
    days = {day, *Attendance.objects.filter(pupil__in=ids, day__range=near, state__in=MISSING).values_list(
        "day", flat=True)}  # fmt: skip
    for starts, ends in _overlapping(ids, min(days), max(days)).values_list("starts_at", "ends_at"):
        days |= {_local(starts).date(), _local(ends).date()}
    return min(days), max(days)


def _overlapping(ids: set[UUID], first: date, last: date):
    starts, ends = _bounds(first, last)
    return AbsenceCase.objects.filter(pupil__in=ids, starts_at__lt=ends, ends_at__gt=starts)


def _bounds(first: date, last: date) -> tuple[datetime, datetime]:
    starts, ends = (timezone.make_aware(datetime.combine(one, time.min)) for one in (first, last + timedelta(days=1)))
    return starts, ends


def _answers(cases: list[AbsenceCase], notices: list[AbsenceNotice]) -> Answer:
    """What was said of a time: the family's notice, else the case that someone already gave a reason or settled.
    Within a day, only a notice of exact hours tells one hour from another; a justification is one, of the hours it was
    given for: an afternoon missed later was never spoken of.
    """
    decided = [one for one in cases if not one.removed_at and (one.is_settled or one.reason_id)]
    exact = [one for one in notices if one.is_exact or one.kind == AbsenceNotice.Kind.JUSTIFIES]

    def answer(span: Span, same_day: bool) -> Hashable:
        said = [one for one in exact if _covers(one, span)]
        if not said and not same_day:
            # A refused one was answered for all the same.
            loose = [one for one in notices if not one.is_exact and one.state != AbsenceNotice.State.REFUSED]
            said = [one for one in (*loose, *decided) if one.starts_at < span.ends_at and span.starts_at < one.ends_at]
        return said[0].pk if said else None

    return answer


def _covers(notice: AbsenceNotice, span: Span) -> bool:
    """Whether a notice of exact hours speaks of a session: half of it at least."""
    shared = min(notice.ends_at, span.ends_at) - max(notice.starts_at, span.starts_at)
    return shared * 2 >= span.ends_at - span.starts_at


@transaction.atomic
def recount() -> int:
    """Count the half-days of every case of the year again: the school moved its midday. Returns how many changed."""
    at, changed = midday(), []
    found = AbsenceCase.objects.filter(removed_at=None, kind=CaseKind.ABSENCE, day__gte=since_september())
    by_pupil: dict[UUID, list[AbsenceCase]] = defaultdict(list)
    for case in found.select_for_update(of=("self",)).order_by("pk"):
        by_pupil[case.pupil_id].append(case)
    if not by_pupil:
        return 0
    ids = set(by_pupil)
    starts = min(_local(one.starts_at).date() for those in by_pupil.values() for one in those)
    ends = max(_local(one.ends_at).date() for those in by_pupil.values() for one in those)
    missed, planned = _missed(ids, starts, ends), planned_of(ids, starts, ends)
    for pupil, cases in by_pupil.items():
        for case in cases:
            theirs = [one.span for one in missed[pupil] if one.kind == CaseKind.ABSENCE
                      and one.span.starts_at < case.ends_at and case.starts_at < one.span.ends_at]  # fmt: skip
            counted = count(theirs, planned[pupil], at)
            if theirs and (list(counted.half_days), counted.share) != (case.half_days, case.share):
                case.half_days, case.share = list(counted.half_days), counted.share
                changed.append(case)
    AbsenceCase.objects.bulk_update(changed, ["half_days", "share"], batch_size=1000)
    if changed:
        alerts.check({one.pupil_id for one in changed})
        announce(alerts.TOPIC)
    return len(changed)


def _local(moment: datetime) -> datetime:
    return timezone.localtime(moment)


def _missed(ids: set[UUID], first: date, last: date) -> dict[UUID, list[Missed]]:
    found: dict[UUID, list[Missed]] = defaultdict(list)
    rows = Attendance.objects.filter(pupil__in=ids, day__range=(first, last), state__in=MISSING).exclude(
        session__state=Session.State.CANCELLED
    )
    for row in rows:
        found[row.pupil_id].append(missed_of(row))
    return found


def missed_of(row: Attendance) -> Missed:
    """The time an attendance says was missed: all of the session, its beginning or its end."""
    starts, ends = _local(row.starts_at), _local(row.ends_at)
    length = timedelta(minutes=max(row.minutes, 1))
    if row.state == AttendanceState.LATE:
        return Missed(Span(starts, min(starts + length, ends)), Span(starts, ends), CaseKind.LATENESS)
    if row.state == AttendanceState.LEFT_EARLY:
        return Missed(Span(max(ends - length, starts), ends), Span(starts, ends))
    return Missed(Span(starts, ends), Span(starts, ends))


def planned_of(ids: set[UUID], first: date, last: date) -> dict[UUID, list[Span]]:
    """The sessions each pupil was to have from a day to another. Two queries."""
    pairs = session_pupils(ids, first, last)
    sessions = Session.objects.filter(pk__in={session for session, *_ in pairs}).exclude(state=Session.State.CANCELLED)
    rows = sessions.values_list("pk", "starts_at", "ends_at")
    spans = {pk: Span(_local(starts), _local(ends)) for pk, starts, ends in rows}
    found: dict[UUID, set[Span]] = defaultdict(set)
    for session, pupil, _ in pairs:
        if session in spans:
            found[pupil].add(spans[session])
    return defaultdict(list, {pupil: sorted(those) for pupil, those in found.items()})


def _known(ids: set[UUID], first: date, last: date) -> dict[UUID, list[AbsenceNotice]]:
    """What families said of those days, the latest first."""
    found: dict[UUID, list[AbsenceNotice]] = defaultdict(list)
    starts, ends = _bounds(first, last)
    notices = AbsenceNotice.objects.filter(pupil__in=ids, starts_at__lt=ends, ends_at__gt=starts).exclude(
        state=AbsenceNotice.State.WITHDRAWN
    )
    for notice in notices.select_related("reason"):
        found[notice.pupil_id].append(notice)
    return found


class _Work:
    """What is to be written of some days' cases."""

    FIELDS = ("day", "starts_at", "ends_at", "half_days", "share", "minutes", "session_count", "removed_at", "reason",
              "is_settled", "settled_at", "settled_by", "is_valid", "decided_at", "decided_by", "refusal")  # fmt: skip

    def __init__(self, by: Person | UUID | None):
        self.by, self.now = getattr(by, "pk", by), timezone.now()
        self.created: list[AbsenceCase] = []
        self.changed: list[AbsenceCase] = []
        self.gone: list[AbsenceCase] = []
        self.revived: list[AbsenceCase] = []
        # Of a case that lasts: those of a new day, and the days that no longer are.
        self.longer: list[AbsenceCase] = []
        self.corrected: list[tuple[AbsenceCase, date]] = []
        self.events: list[CaseEvent] = []

    def take(self, pupil: UUID, runs: list[Run], cases: list[AbsenceCase], notices: list[AbsenceNotice]) -> None:
        """A pupil's days."""
        by_key = {case.pk: case for case in cases}
        plan = plan_of(
            runs, [Standing(one.pk, one.kind, one.starts_at, one.ends_at, bool(one.removed_at)) for one in cases]
        )
        for stays, taken in plan.merged:
            self._remove(by_key[taken])
            if not by_key[taken].is_settled and by_key[stays].is_settled:
                # A part of it was never answered for: the whole is to be looked at again.
                by_key[stays].is_settled, by_key[stays].settled_at = False, None
        for key in plan.removed:
            self._remove(by_key[key])
            self.gone.append(by_key[key])
            self.events.append(CaseEvent(case=by_key[key], act=CaseEvent.Act.REMOVED, by_id=self.by))
        for run, key in plan.kept:
            self._keep(by_key[key], run)
        for run in plan.created:
            self.created.append(self._explain(_filled(AbsenceCase(pupil_id=pupil), run), notices))
        for run, key in plan.copied:
            self.created.append(_filled(_copy(by_key[key]), run))

    def _remove(self, case: AbsenceCase) -> None:
        case.removed_at = self.now
        self.changed.append(case)

    def _keep(self, case: AbsenceCase, run: Run) -> None:
        before = _state(case)
        if case.removed_at:
            case.removed_at = None
            self.revived.append(case)
            self.events.append(CaseEvent(case=case, act=CaseEvent.Act.RESTORED, by_id=self.by))
        last, days = _local(case.ends_at).date(), _days(case)
        _filled(case, run)
        if _local(case.ends_at).date() > last:
            # Away again on a new day: families are told again.
            case.told_at = None
            self.longer.append(case)
        elif case.told_at:
            self.corrected += [(case, day) for day in sorted(days - _days(case))]
        if _state(case) != before or not case.is_settled:
            self.changed.append(case)

    def _explain(self, case: AbsenceCase, notices: list[AbsenceNotice]) -> AbsenceCase:
        """A reason the family gave beforehand; settled if the school had already accepted it."""
        told = next((one for one in notices if one.state != AbsenceNotice.State.REFUSED and _speaks(one, case)), None)
        if told:
            case.reason = told.reason
            if told.state == AbsenceNotice.State.ACCEPTED:
                case.is_settled, case.settled_at, case.settled_by_id = True, self.now, told.answered_by_id
                case.is_valid, case.decided_at, case.decided_by_id = True, self.now, told.answered_by_id
        return case

    def write(self) -> None:
        """Those that go first: a start is free before another case takes it."""
        changed = {case.pk: case for case in self.changed}
        AbsenceCase.objects.bulk_update([one for one in changed.values() if one.removed_at], self.FIELDS)
        AbsenceCase.objects.bulk_update([one for one in changed.values() if not one.removed_at], self.FIELDS)
        AbsenceCase.objects.bulk_create(self.created)
        CaseEvent.objects.bulk_create(self.events)


def _speaks(notice: AbsenceNotice, case: AbsenceCase) -> bool:
    if notice.is_exact or notice.kind == AbsenceNotice.Kind.JUSTIFIES:
        return _covers(notice, Span(case.starts_at, case.ends_at))
    return notice.starts_at < case.ends_at and case.starts_at < notice.ends_at


def _state(case: AbsenceCase) -> tuple:
    return tuple(getattr(case, name) for name in ("starts_at", "ends_at", "minutes", "session_count", "removed_at"))


def _days(case: AbsenceCase) -> set[date]:
    return set(map(day_of, case.half_days))


def _filled(case: AbsenceCase, run: Run) -> AbsenceCase:
    case.day = _local(run.starts_at).date()
    case.kind, case.starts_at, case.ends_at = run.kind, run.starts_at, run.ends_at
    case.half_days, case.share, case.minutes = list(run.counted.half_days), run.counted.share, run.counted.minutes
    case.session_count = run.session_count
    return case


def _copy(case: AbsenceCase) -> AbsenceCase:
    copied = ("pupil", "reason", "is_settled", "settled_at", "settled_by", "is_valid", "decided_at",
              "decided_by", "refusal", "told_at")  # fmt: skip
    return AbsenceCase(**{name: getattr(case, name) for name in copied})
