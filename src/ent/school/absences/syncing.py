"""Cases follow the registers: whenever attendances change, the day's cases of those pupils are made to agree."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.dispatch import receiver
from django.utils import timezone

from ent.kernel.live import announce
from ent.school.absences import alerts, telling
from ent.school.absences.grouping import Missed, Run, Standing, plan_of, runs_of
from ent.school.absences.half_days import Span
from ent.school.absences.models import AbsenceCase, AbsenceNotice, CaseEvent, CaseKind
from ent.school.attendance.models import Attendance, AttendanceState, attendance_changed
from ent.school.people.models import Person
from ent.school.structure.models import Enrolment, GroupEnrolment
from ent.school.timetable.access import enrolled_on
from ent.school.timetable.models import Session, SessionAudience
from tenants.configuration.queries import effective

TOPIC = "absences"
MISSING = (AttendanceState.ABSENT, AttendanceState.LATE, AttendanceState.LEFT_EARLY)


def midday() -> time:
    """What parts the two half-days, in the school in force."""
    return time.fromisoformat(effective(connection.tenant)["midday"].value)


@receiver(attendance_changed, dispatch_uid="absences.sync")
def on_attendance_changed(pupils, day: date, by: Person | UUID | None = None, **kwargs) -> None:
    """In the transaction of the register."""
    sync(pupils, day, by)


@transaction.atomic
def sync(pupils: Iterable[UUID], day: date, by: Person | UUID | None = None, *, tells: bool = True) -> None:
    """Make the cases of these pupils on a day agree with their attendances. A constant number of queries."""
    ids = {getattr(pupil, "pk", pupil) for pupil in pupils}
    if not ids:
        return
    # Two registers sent at once take turns over a pupil.
    list(Person.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk").values_list("pk"))
    missed, planned, at = _missed(ids, day), planned_of(ids, day), midday()
    standing: dict[UUID, list[AbsenceCase]] = defaultdict(list)
    for case in AbsenceCase.objects.filter(pupil__in=ids, day=day).select_related("pupil", "reason"):
        standing[case.pupil_id].append(case)
    known = _known(ids, day)
    work = _Work(day, by)
    for pupil in sorted(ids):
        runs = runs_of(missed[pupil], planned[pupil], at)
        work.take(pupil, runs, standing[pupil], known[pupil])
    work.write()
    if tells:
        telling.tell_families(work.created + work.revived, work.gone)
        alerts.check(ids)
    announce(TOPIC)


def _local(moment: datetime) -> datetime:
    return timezone.localtime(moment)


def _missed(ids: set[UUID], day: date) -> dict[UUID, list[Missed]]:
    found: dict[UUID, list[Missed]] = defaultdict(list)
    rows = Attendance.objects.filter(pupil__in=ids, day=day, state__in=MISSING).exclude(
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


def planned_of(ids: set[UUID], day: date) -> dict[UUID, list[Span]]:
    """The sessions each pupil was to have on a day. Three queries."""
    audiences: dict[UUID, set[Span]] = defaultdict(set)
    rows = SessionAudience.objects.filter(day=day).exclude(session__state=Session.State.CANCELLED)
    divisions = list(Enrolment.objects.filter(enrolled_on(day), pupil__in=ids).values_list("pupil", "division"))
    groups = list(GroupEnrolment.objects.filter(enrolled_on(day), pupil__in=ids).values_list("pupil", "group"))
    for division, group, starts, ends in rows.values_list(
        "division", "group", "session__starts_at", "session__ends_at"
    ):
        audiences[division or group].add(Span(_local(starts), _local(ends)))
    found: dict[UUID, set[Span]] = defaultdict(set)
    for pupil, audience in divisions + groups:
        found[pupil] |= audiences[audience]
    return defaultdict(list, {pupil: sorted(spans) for pupil, spans in found.items()})


def _known(ids: set[UUID], day: date) -> dict[UUID, list[AbsenceNotice]]:
    """What families said of that day, the latest first."""
    found: dict[UUID, list[AbsenceNotice]] = defaultdict(list)
    starts = timezone.make_aware(datetime.combine(day, time.min))
    notices = AbsenceNotice.objects.filter(
        pupil__in=ids, starts_at__lt=starts + timedelta(days=1), ends_at__gt=starts
    ).exclude(state__in=(AbsenceNotice.State.REFUSED, AbsenceNotice.State.WITHDRAWN))
    for notice in notices.select_related("reason"):
        found[notice.pupil_id].append(notice)
    return found


class _Work:
    """What is to be written of a day's cases."""

    FIELDS = ("starts_at", "ends_at", "half_days", "share", "minutes", "session_count", "removed_at", "reason",
              "is_settled", "settled_at", "settled_by", "is_valid", "decided_at", "decided_by", "refusal")  # fmt: skip

    def __init__(self, day: date, by: Person | UUID | None):
        self.day, self.by, self.now = day, getattr(by, "pk", by), timezone.now()
        self.created: list[AbsenceCase] = []
        self.changed: list[AbsenceCase] = []
        self.gone: list[AbsenceCase] = []
        self.revived: list[AbsenceCase] = []
        self.events: list[CaseEvent] = []

    def take(self, pupil: UUID, runs: list[Run], cases: list[AbsenceCase], notices: list[AbsenceNotice]) -> None:
        """A pupil's day."""
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
            self.created.append(self._explain(_filled(AbsenceCase(pupil_id=pupil, day=self.day), run), notices))
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
        _filled(case, run)
        if _state(case) != before or not case.is_settled:
            self.changed.append(case)

    def _explain(self, case: AbsenceCase, notices: list[AbsenceNotice]) -> AbsenceCase:
        """A reason the family gave beforehand; settled if the school had already accepted it."""
        told = next((one for one in notices if one.starts_at < case.ends_at and case.starts_at < one.ends_at), None)
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


def _state(case: AbsenceCase) -> tuple:
    return tuple(getattr(case, name) for name in ("starts_at", "ends_at", "minutes", "session_count", "removed_at"))


def _filled(case: AbsenceCase, run: Run) -> AbsenceCase:
    case.kind, case.starts_at, case.ends_at = run.kind, run.starts_at, run.ends_at
    case.half_days, case.share, case.minutes = list(run.counted.half_days), run.counted.share, run.counted.minutes
    case.session_count = run.session_count
    return case


def _copy(case: AbsenceCase) -> AbsenceCase:
    copied = ("pupil", "day", "reason", "is_settled", "settled_at", "settled_by", "is_valid", "decided_at",
              "decided_by", "refusal", "told_at")  # fmt: skip
    return AbsenceCase(**{name: getattr(case, name) for name in copied})
