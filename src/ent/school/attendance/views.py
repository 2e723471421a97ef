"""The register of a session, and the worker that keeps it at hand without network."""

from uuid import UUID

from django.contrib import messages
from django.contrib.staticfiles.storage import staticfiles_storage
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from ent.kernel.access import Scope, access, open_to_all, reach
from ent.kernel.navigation import is_closed
from ent.kernel.refused import Refused
from ent.school.attendance import actions, forms, queries, seating, seating_forms
from ent.school.attendance.models import Register
from ent.school.people.queries import with_faces
from ent.school.structure.models import Teaching
from ent.school.timetable.access import pupils_of_session
from ent.school.timetable.models import Session, SessionAudience
from ent.school.timetable.queries import detailed

# What draws a register's page.
DRAWN = ("ui/ent.css", "ui/app.js", "ui/register.js", "ui/icons.svg")


def _session(request: HttpRequest, session: UUID) -> Session:
    """The session, and whether who asks teaches its pupils: whoever stands in for a colleague leads them only."""
    heard = SessionAudience.objects.filter(session=OuterRef(OuterRef("pk")))
    taught = Q(division__in=heard.values("division")) | Q(group__in=heard.values("group"))
    mine = Teaching.objects.filter(taught, teacher=request.acting.person_id, closed_at=None)
    return get_object_or_404(detailed(Session.objects.annotate(is_taught=Exists(mine))), pk=session)


def _any_day(request: HttpRequest) -> bool:
    """Student life corrects past days; a teacher takes the roll on the day."""
    return Scope.SCHOOL in reach(request.user, "attendance.take")


@access("attendance.take", _session)
def register(request: HttpRequest, session: Session) -> HttpResponse:
    """The sheet of a session: everyone is present until said otherwise; sent whole, by a page or by a device later."""
    if request.method == "POST":
        return _received(request, session)
    return _page(request, session)


def _page(request: HttpRequest, session: Session, problem: str = "", status: int = 200) -> HttpResponse:
    shown = queries.sheet(session)
    view = request.GET.get("view", "")
    view = view if view in ("photos", "plan") else "list"
    photos, plan, seats = view == "photos", None, None
    if view == "plan" and (plan := seating.plan_of(session, request.acting.person_id)):
        seats = seating.grid(shown.lines, seating.places_of(plan), plan.rows, plan.columns, lambda line: line.pupil)
    if photos:
        with_faces(request.user, [line.pupil for line in shown.lines])
    problem = problem or actions.why_closed(session, any_day=_any_day(request))
    context = {
        "sheet": shown,
        "session": session,
        "photos": photos,
        "view": view,
        "seats": seats,
        "more": forms.MORE,
        "problem": problem,
        "removes": session.day == timezone.localdate()
        and not problem
        and not is_closed(request, "conduct:send_out")
        and request.user.has_perm("conduct.remove", session),
        "remarks": not is_closed(request, "conduct:record")
        and (session.is_taught or Scope.SCHOOL in reach(request.user, "conduct.record")),
        "corrects": _any_day(request) and shown.register is not None,
        "saved": request.GET.get("saved", ""),
    }
    return render(request, "attendance/register.html", context, status=status)


def _received(request: HttpRequest, session: Session) -> HttpResponse:
    data = request.POST
    pupils = [UUID(name[6:]) for name in data if name.startswith("state-") and forms.is_uuid(name[6:])]
    wants_json = "application/json" in request.headers.get("Accept", "")
    try:
        sent = actions.submit(
            session, request.acting.person_id, forms.marks_of(data, pupils), client_id=forms.client_id(data),
            based_on=forms.based_on(data), taken_at=forms.taken_at(data), any_day=_any_day(request),
            reason=data.get("reason", "")[:200],
        )  # fmt: skip
    except Refused as error:
        if wants_json:
            return JsonResponse({"status": "refused", "message": str(error)}, status=409)
        return _page(request, session, str(error), status=409)
    at = timezone.localtime(sent.register.taken_at)
    words = f"Appel envoyé à {at:%-H h %M}"
    if sent.conflicts:
        words = "Quelqu'un avait déjà fait cet appel : vérifiez les différences, puis terminez l'appel."
    if wants_json:
        status = "conflict" if sent.conflicts else "saved"
        return JsonResponse(
            {"status": status, "message": words, "at": at.isoformat(), "version": sent.register.version}
        )
    if sent.conflicts:
        messages.warning(request, words)
        return redirect("attendance:register", session.pk)
    return redirect(f"{request.path}?saved=1")


@access("attendance.take", _session)
def seats(request: HttpRequest, session: Session) -> HttpResponse:
    """Where pupils sit, for this teacher, class and room: a grid to tap, and numbers to type."""
    pupils = list(pupils_of_session(session))
    if request.method == "POST":
        form = seating_forms.typed(request.POST, pupils)
        key = seating.key_of(session, request.acting.person_id)
        if key is None:
            form.error = "Cette séance n'a pas d'enseignant : le plan ne peut pas être enregistré."
        if form.is_valid and key:
            seating.seat(key, int(form.rows), int(form.columns), form.places)
            messages.success(request, "Le plan de classe est enregistré.")
            return redirect(f"/sessions/{session.pk}/register/?view=plan")
    else:
        form = _seats_shown(request, session, pupils)
    rows, columns = seating_forms.number(form.rows) or 1, seating_forms.number(form.columns) or 1
    return render(request, "attendance/seats.html", {
        "session": session, "form": form, "grid": seating.grid(pupils, form.places, rows, columns),
    }, status=200 if request.method == "GET" else 400)  # fmt: skip


def _seats_shown(request: HttpRequest, session: Session, pupils) -> seating_forms.SeatingForm:
    plan = seating.plan_of(session, request.acting.person_id)
    if plan:
        return seating_forms.shown(pupils, seating.places_of(plan), plan.rows, plan.columns)
    columns = 6
    rows = min(max(-(-len(pupils) // columns), 1), seating.LARGEST)
    return seating_forms.shown(pupils, seating.by_name(pupils[: rows * columns], columns), rows, columns)


@access("attendance.take", _session)
@require_POST
def take_back(request: HttpRequest, session: Session) -> HttpResponse:
    """Undo a sending: the register is to be taken again."""
    taken = Register.objects.filter(session=session).select_related("session").first()
    if taken and not actions.why_closed(session, any_day=_any_day(request)):
        actions.take_back(taken, request.acting.person_id)
        messages.success(request, "L'appel est repris : il est à faire de nouveau.")
    return redirect("attendance:register", session.pk)


@access("attendance.remind", _session)
@require_POST
def remind(request: HttpRequest, session: Session) -> HttpResponse:
    """One click from the board: whoever leads the session is told that its register is missing."""
    told = actions.remind(session, request.acting.person_id)
    messages.success(request, "Le rappel est parti." if told else "Cette séance n'a pas d'enseignant à prévenir.")
    return redirect("attendance:board")


@access("attendance.take", _session)
def history(request: HttpRequest, session: Session) -> HttpResponse:
    """What was said of each pupil of a session, in order."""
    return render(request, "attendance/history.html", {"session": session, "events": queries.history(session)})


@open_to_all("le programme qui garde l'appel sans réseau ne contient aucune donnée")
@require_GET
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, at the root so that it serves the register's pages (Service Workers, W3C, 3.1 scope)."""
    kept = [staticfiles_storage.url(name) for name in DRAWN]
    body = render_to_string("attendance/register_worker.js", {"kept": kept})
    return HttpResponse(body, content_type="text/javascript", headers={"Cache-Control": "no-cache"})
