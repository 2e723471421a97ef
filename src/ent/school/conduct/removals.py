"""Removal from a lesson: a teacher sends a pupil out, student life expects them, the family is told.

Of the teacher's own responsibility, exceptional, told in writing to the CPE and the head (circulaire 2014-059).
"""

from uuid import UUID

from django.contrib import messages
from django.db import connection, transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from ent.kernel.access import HEADS, Scope, access, reach
from ent.kernel.ids import is_uuid
from ent.kernel.live import announce
from ent.kernel.refused import Refused
from ent.kernel.text import hour, of
from ent.school.attendance.actions import BOARD, SENT_OUT, why_closed
from ent.school.attendance.models import (
    EXPECTED_WITHIN,
    Attendance,
    AttendanceEvent,
    AttendanceState,
    Passage,
    Register,
    attendance_changed,
)
from ent.school.conduct import tasks
from ent.school.conduct.actions import tell_family
from ent.school.conduct.forms import RemovalForm
from ent.school.conduct.overdue import RECEIVERS, staff_of
from ent.school.notifications.actions import tell
from ent.school.notifications.models import Kind
from ent.school.people.models import Person
from ent.school.timetable.access import pupils_of_session
from ent.school.timetable.models import Session
from ent.school.timetable.queries import headed
from tenants.models import School


# --- what is done ------------------------------------------------------------------------------------------------
@transaction.atomic
def send_out(session: Session, pupil: Person, by: UUID) -> Passage:
    """Send a pupil to student life, which sees them coming at once. Sending them twice changes nothing."""
    Session.objects.select_for_update(of=("self",)).get(pk=session.pk)
    if closed := why_closed(session, any_day=False):
        raise Refused(closed)
    there = Passage.objects.filter(session=session, pupil=pupil, is_removal=True, left_at=None).first()
    if there:
        return there
    now = timezone.now()
    made = Passage.objects.create(
        pupil=pupil, place=Passage.Place.STUDENT_LIFE, is_removal=True, session=session, sent_at=now, sent_by_id=by
    )
    _mark(session, pupil, AttendanceState.ELSEWHERE, SENT_OUT, by)
    tell(
        staff_of(RECEIVERS), Kind.WORK, f"{pupil.display_name} est exclu de cours",
        text=f"{session.title}, envoyé à {hour(now)}. Attendu à la vie scolaire.", path=reverse("attendance:board"),
    )  # fmt: skip
    school = connection.tenant
    if isinstance(school, School):
        transaction.on_commit(
            lambda: tasks.escalate_removals_of.apply_async((school.uai,), countdown=EXPECTED_WITHIN.seconds + 1)
        )
    return made


def _mark(session: Session, pupil: Person, state: str, note: str, by: UUID) -> None:
    """Say it on the register too, in a new version: a device that knew an older one is told."""
    said = {"state": state, "note": note, "minutes": 0, "recorded_by_id": by, "recorded_at": timezone.now()}
    held = {"day": session.day, "starts_at": session.starts_at, "ends_at": session.ends_at}
    Attendance.objects.update_or_create(session=session, pupil=pupil, defaults=said, create_defaults=said | held)
    AttendanceEvent.objects.create(session=session, pupil=pupil, state=state, reason=note, by_id=by)
    Register.objects.filter(session=session).update(version=F("version") + 1)
    Session.objects.filter(pk=session.pk).update(is_kept=True)
    attendance_changed.send(Register, pupils=[pupil.pk], day=session.day, by=by)
    announce(BOARD)


@transaction.atomic
def write_report(removal: Passage) -> None:
    """Say why, with what work, who went along; the first time, the family and the direction are told."""
    is_first = removal.told_at is None
    removal.told_at = removal.told_at or timezone.now()
    removal.save(update_fields=["reason", "work", "companion", "told_at"])
    announce(BOARD)
    if is_first:
        session, pupil = removal.session, removal.pupil
        lesson = f"{session.title}, {hour(session.starts_at)}" if session else "Séance"
        tell_family(pupil, f"Exclusion de cours {of(pupil.display_name)}", f"{lesson} : {removal.reason}")
        tell(
            staff_of(HEADS), Kind.WORK, f"Exclusion de cours {of(pupil.display_name)}",
            text=f"{lesson} : {removal.reason}", path=reverse("conduct:pupil", args=[pupil.pk]),
        )  # fmt: skip


@transaction.atomic
def call_off(removal: Passage, by: UUID) -> None:
    """Sent out by mistake, or called back before anybody received them: as if it had not been."""
    if removal.received_at or removal.told_at:
        raise Refused("Cette exclusion est déjà reçue ou annoncée à la famille : elle ne s'annule plus.")
    if removal.session:
        _mark(removal.session, removal.pupil, AttendanceState.PRESENT, "", by)
    removal.delete()


# --- pages -------------------------------------------------------------------------------------------------------
def _session(request: HttpRequest, session: UUID) -> Session:
    return get_object_or_404(Session.objects.select_related("subject"), pk=session)


def _removal(request: HttpRequest, removal: UUID) -> Session:
    """The session of a removal: rights are over it."""
    found = get_object_or_404(
        Passage.objects.filter(is_removal=True).select_related(
            "pupil", "sent_by", "received_by", "companion", "session__subject"
        ), pk=removal,
    )  # fmt: skip
    request.removal = found  # type: ignore[attr-defined]
    return found.session  # type: ignore[return-value]


@access("conduct.remove", _session)
@require_POST
def send(request: HttpRequest, session: Session) -> HttpResponse:
    """From the register: out at once; why is written next. A script gets the words for the line."""
    key, wants_json = request.POST.get("pupil", ""), "application/json" in request.headers.get("Accept", "")
    pupil = pupils_of_session(session).filter(pk=key).first() if is_uuid(key) else None
    try:
        if pupil is None:
            raise Refused("Cet élève n'est pas dans cette séance : rechargez la page.")
        made = send_out(session, pupil, request.acting.person_id)
    except Refused as refused:
        if wants_json:
            return JsonResponse({"message": str(refused)}, status=409)
        messages.error(request, str(refused))
        return redirect("attendance:register", session.pk)
    url = reverse("conduct:removal", args=[made.pk])
    if wants_json:
        version = Register.objects.filter(session=session).values_list("version", flat=True).first() or 0
        return JsonResponse({"message": f"Envoyé à {hour(made.sent_at)}", "url": url, "version": version})
    return redirect(url)


@access("conduct.remove", _removal)
def removal(request: HttpRequest, session: Session) -> HttpResponse:
    """One removal: sent, received, and what its teacher writes of it."""
    found: Passage = request.removal  # type: ignore[attr-defined]
    owns = found.sent_by_id == request.acting.person_id or Scope.SCHOOL in reach(request.user, "conduct.remove")
    is_fixed = found.told_at is not None and not owns
    form = RemovalForm(request.POST or None, instance=found, session=session, is_fixed=is_fixed)
    if request.method == "POST" and form.is_valid():
        was_told = found.told_at is not None
        write_report(form.save(commit=False))
        messages.success(
            request,
            "C'est enregistré." if was_told else "C'est enregistré ; la famille et la direction sont prévenues.",
        )
        return redirect("attendance:register", session.pk)
    heard = headed(Session.objects.filter(pk=session.pk)).get()
    context = {"removal": found, "session": heard, "form": form}
    return render(request, "conduct/removal.html", context, status=400 if form.errors else 200)


@access("conduct.remove", _removal)
@require_POST
def cancel(request: HttpRequest, session: Session) -> HttpResponse:
    """Not sent out after all."""
    try:
        call_off(request.removal, request.acting.person_id)  # type: ignore[attr-defined]
        messages.success(request, "L'exclusion est annulée : l'élève est noté présent.")
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("attendance:register", session.pk)
