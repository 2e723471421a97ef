"""What those who set the timetable up do once a year: days of the school's own, letters of weeks, grid, rooms."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from ent.accounts.queries import me
from ent.kernel import tables
from ent.kernel.access import access
from ent.kernel.audit.models import record
from ent.kernel.refused import Refused
from ent.kernel.text import dated, typed_day
from ent.school.timetable import closing, forms, weeks
from ent.school.timetable.calendar import zone_of
from ent.school.timetable.models import CalendarDay, Room, TimeSlot
from ent.school.timetable.week import current_year
from ent.school.timetable.weekly_views import tell_orphans


def _room(request: HttpRequest, room: UUID) -> Room:
    return get_object_or_404(Room, pk=room)


def _time_slot(request: HttpRequest, time_slot: UUID) -> TimeSlot:
    return get_object_or_404(TimeSlot, pk=time_slot)


@access("timetable.set_up")
def set_up(request: HttpRequest) -> HttpResponse:
    """The school's own days, its grid and its rooms; the sessions to come follow at once."""
    kinds = {"day": forms.DayOffForm, "slot": forms.SlotForm, "room": forms.NewRoomForm}
    asked = request.POST.get("do", "")
    shown = {name: form(request.POST if asked == name else None, prefix=name) for name, form in kinds.items()}
    year = current_year()
    if asked in shown and shown[asked].is_valid():
        if asked == "day":
            tell_orphans(request, weeks.add_day(shown["day"].save(commit=False), year, zone_of(request)))
        else:
            shown[asked].save()
        messages.success(request, "C'est enregistré.")
        return redirect("timetable:set_up")
    if asked == "remove" and request.POST.get("kind") == "day":
        weeks.remove_day(typed_day(request.POST.get("day", "")), year, zone_of(request))
        messages.success(request, "Ce jour est retiré, les séances sont revenues.")
        return redirect("timetable:set_up")
    failed = any(form.errors for form in shown.values())
    slots, rooms = list(TimeSlot.objects.all()), list(Room.objects.all())
    return render(request, "timetable/set_up.html", {
        "forms": shown, "days": CalendarDay.objects.all(),
        "slots": [one for one in slots if one.is_open], "closed_slots": [one for one in slots if not one.is_open],
        "rooms": [one for one in rooms if one.is_open], "closed_rooms": [one for one in rooms if not one.is_open],
    }, status=400 if failed else 200)  # fmt: skip


@access("timetable.set_up")
@require_http_methods(["GET", "HEAD", "POST"])
def year_weeks(request: HttpRequest) -> HttpResponse:
    """The weeks of the year with their letters; one corrected, or all from one on."""
    year = current_year()
    if request.method == "POST" and year:
        monday, follows = typed_day(request.POST.get("monday", "")), request.POST.get("do") == "following"
        try:
            if monday is None:
                raise Refused("Choisissez une semaine de la liste.")
            done = weeks.correct(year, zone_of(request), monday, and_following=follows)
            record("timetable.correct_week", account_id=me(request).pk, monday=str(monday), and_following=follows)
            what = f"Les lettres sont inversées à partir du {dated(monday, 'j F')}" if follows else (
                f"La semaine du {dated(monday, 'j F')} est corrigée")  # fmt: skip
            messages.success(request, f"{what} : les séances à venir ont suivi.")
            tell_orphans(request, done)
            return redirect("timetable:year_weeks")
        except Refused as error:
            messages.error(request, str(error))
    found = weeks.weeks_of(year, zone_of(request)) if year else []
    if tables.asked(request):
        rows = ([one.monday, one.friday, one.pattern, one.off] for one in found)
        return tables.answer(request, "semaines", ["Du", "Au", "Semaine", "Sans cours"], rows)
    return render(request, "timetable/weeks.html", {
        "year": year, "past": [one for one in found if one.is_past],
        "coming": [one for one in found if not one.is_past],
    })  # fmt: skip


@access("timetable.set_up", _room)
@require_http_methods(["GET", "HEAD", "POST"])
def room_settings(request: HttpRequest, room: Room) -> HttpResponse:
    """A room or a piece of equipment: changed, closed from a day on, or removed where nothing used it."""
    return _settings(request, room, forms.NewRoomForm, closing.uses_of_room)


@access("timetable.set_up", _time_slot)
@require_http_methods(["GET", "HEAD", "POST"])
def slot_settings(request: HttpRequest, slot: TimeSlot) -> HttpResponse:
    """A line of the grid: changed, closed from a day on, or removed where no lesson is held then."""
    return _settings(request, slot, forms.SlotForm, closing.uses_of_slot)


def _settings(request: HttpRequest, thing, form_of, uses_of) -> HttpResponse:
    asked = request.POST.get("do", "")
    named = str(getattr(thing, "name", "") or thing.label)
    form = form_of(request.POST if asked == "change" else None, instance=thing)
    ending = forms.ClosingForm(request.POST if asked == "close" else None, initial={"day": timezone.localdate()})
    said = ""
    try:
        if asked == "change" and form.is_valid():
            form.save()
            said = f"« {form.instance} » est enregistré."
        elif asked == "close" and ending.is_valid():
            day = ending.cleaned_data["day"]
            closing.close(thing, day)
            said = f"« {named} » n'est plus proposé à partir du {dated(day)}. Le passé reste."
        elif asked == "reopen":
            closing.reopen(thing)
            said = f"« {named} » est de nouveau proposé."
        elif asked == "remove":
            closing.remove(thing)
            said = f"« {named} » est retiré."
    except Refused as error:
        messages.error(request, str(error))
    if said:
        record(f"timetable.{asked}", account_id=me(request).pk, object_id=thing.pk, name=named)
        messages.success(request, said)
        return redirect("timetable:set_up")
    failed = bool(form.errors or ending.errors)
    return render(request, "timetable/settings.html", {
        "thing": thing, "named": named, "form": form, "ending": ending, "uses": uses_of(thing),
        "is_room": isinstance(thing, Room),
    }, status=400 if failed else 200)  # fmt: skip
