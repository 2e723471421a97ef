"""What planners do with a session, and what staff book."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from ent.accounts.queries import me
from ent.kernel.access import access
from ent.kernel.audit.models import record
from ent.kernel.refused import Refused
from ent.school.timetable import booking, changing, forms
from ent.school.timetable.calendar import zone_of
from ent.school.timetable.models import RoomUse, Session, SessionChange
from ent.school.timetable.queries import detailed


def _session(request: HttpRequest, session: UUID) -> Session:
    return get_object_or_404(detailed(Session.objects.all()), pk=session)


def _change(request: HttpRequest, change: UUID) -> SessionChange:
    return get_object_or_404(SessionChange.objects.select_related("session"), pk=change)


def _booking(request: HttpRequest, booking: UUID) -> RoomUse:
    return get_object_or_404(RoomUse.objects.filter(session=None), pk=booking)


DONE = {"cancel": "La séance est annulée.", "restore": "La séance est rétablie.", "move": "La séance est déplacée.",
        "room": "La salle est changée.", "replace": "Le remplacement est enregistré."}  # fmt: skip


@access("timetable.change", _session)
def change(request: HttpRequest, session: Session) -> HttpResponse:
    """One page for every change of a session; what it would meet is shown before it is saved."""
    local = timezone.localtime
    initial = {"day": session.day, "starts": local(session.starts_at).time(), "ends": local(session.ends_at).time()}
    own, taken = changing.rooms_during(session)
    asked = request.POST.get("do", "")
    bound = {name: request.POST if asked == name else None for name in ("cancel", "move", "room", "replace")}
    shown = {
        "cancel": forms.ReasonForm(bound["cancel"], prefix="cancel"),
        "move": forms.MoveForm(bound["move"], initial=initial, prefix="move"),
        "room": forms.RoomForm(
            bound["room"], initial={"room": next(iter(own), None)}, own=own, taken=taken, prefix="room"
        ),
        "replace": forms.ReplaceForm(bound["replace"], prefix="replace"),
    }
    met: list[changing.Clash] = []
    form = shown.get(asked)
    if asked == "restore" or (form is not None and form.is_valid()):
        try:
            met = _meets(session, asked, form) if not request.POST.get("confirmed") else []
            if not met:
                _do(request, session, asked, form)
                record(f"timetable.{asked}", account_id=me(request).pk, object_id=session.pk)
                messages.success(request, f"{DONE[asked]} Les personnes concernées sont prévenues.")
                return redirect("timetable:change", session.pk)
        except Refused as error:
            messages.error(request, str(error))
    changes = session.changes.select_related("by").order_by("-at")
    return render(request, "timetable/change.html", {
        "session": session, "forms": shown, "asked": asked, "met": met, "changes": changes,
        "sets_up": request.user.has_perm("timetable.set_up"),
        "audiences": session.audiences.select_related("division", "group"),
    }, status=400 if form is not None and form.errors else 200)  # fmt: skip


def _meets(session: Session, asked: str, form) -> list[changing.Clash]:
    """Whom a change would meet, to be confirmed."""
    found = form.cleaned_data if form else {}
    if asked == "move":
        starts, ends = form.span
        return changing.clashes(
            starts, ends, teachers=session.session_teachers.values_list("teacher", flat=True),
            divisions=session.audiences.exclude(division=None).values_list("division", flat=True),
            groups=session.audiences.exclude(group=None).values_list("group", flat=True), but=session.pk,
        )  # fmt: skip
    if asked == "replace":
        return changing.clashes(session.starts_at, session.ends_at, teachers=[found["substitute"].pk], but=session.pk)
    return []


def _do(request: HttpRequest, session: Session, asked: str, form) -> None:
    by, found = request.acting.person_id, form.cleaned_data if form else {}
    if asked == "cancel":
        changing.cancel(session, by, found["reason"])
    elif asked == "restore":
        changing.restore(session, by)
    elif asked == "move":
        starts, ends = form.span
        changing.move(session, starts, ends, by, found["reason"], zone_of(request))
    elif asked == "room":
        changing.change_room(session, found["room"], by, found["reason"])
    elif asked == "replace":
        changing.replace(session, found["substitute"], by, found["reason"])


@access("timetable.change", _change)
@require_POST
def undo(request: HttpRequest, change: SessionChange) -> HttpResponse:
    """Take a change back."""
    try:
        changing.undo(change, request.acting.person_id, zone_of(request))
        messages.success(request, "Le changement est annulé.")
    except Refused as error:
        messages.error(request, str(error))
    return redirect("timetable:change", change.session_id)


@access("timetable.change")
def add(request: HttpRequest) -> HttpResponse:
    """A session besides the timetable; clashes are shown, then confirmed."""
    form = forms.AddForm(request.POST or None)
    met: list[changing.Clash] = []
    if request.method == "POST" and form.is_valid():
        found = form.cleaned_data
        people = {name: [found[name]] if found[name] else [] for name in ("teacher", "division", "group", "room")}
        try:
            if not found["confirmed"]:
                met = changing.clashes(*form.span, teachers=[one.pk for one in people["teacher"]],
                                       divisions=[one.pk for one in people["division"]],
                                       groups=[one.pk for one in people["group"]])  # fmt: skip
            if not met:
                made = changing.add(*form.span, subject=found["subject"], label=found["label"],
                                    teachers=people["teacher"], divisions=people["division"], groups=people["group"],
                                    rooms=people["room"], by=request.acting.person_id,
                                    zone=zone_of(request))  # fmt: skip
                messages.success(request, "La séance est ajoutée. Les personnes concernées sont prévenues.")
                return redirect("timetable:change", made.pk)
        except Refused as error:
            form.add_error("day", str(error))
    return render(request, "timetable/add.html", {"form": form, "met": met}, status=400 if form.errors else 200)


# --- bookings ----------------------------------------------------------------------------------------------------
@access("timetable.book_room")
def bookings(request: HttpRequest) -> HttpResponse:
    """Book a room or a piece of equipment; one's bookings to come."""
    form = forms.BookingForm(request.POST or None, initial={"day": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        found = form.cleaned_data
        try:
            made = booking.book(found["room"], *form.span, request.acting.person_id, found["purpose"], found["weeks"])
            messages.success(
                request, f"C'est réservé{f' {len(made)} fois' if len(made) > 1 else ''} : {found['room']}."
            )
            return redirect("timetable:bookings")
        except Refused as error:
            form.add_error("room", str(error))
    mine = RoomUse.objects.filter(booked_by=request.acting.person_id, day__gte=timezone.localdate())
    return render(request, "timetable/bookings.html", {
        "form": form, "bookings": mine.select_related("room").order_by("during"), "rooms": forms.rooms(),
    }, status=400 if form.errors else 200)  # fmt: skip


@access("timetable.cancel_booking", _booking)
@require_POST
def release(request: HttpRequest, use: RoomUse) -> HttpResponse:
    """Give a booking back, alone or with those that follow."""
    try:
        booking.release(use, series="series" in request.POST)
        messages.success(request, "La réservation est annulée.")
    except Refused as error:
        messages.error(request, str(error))
    return redirect("timetable:bookings")
