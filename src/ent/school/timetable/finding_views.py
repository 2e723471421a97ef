"""Look for a time when all are free, and take it in one click."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_http_methods

from ent.accounts.queries import me
from ent.kernel import tables
from ent.kernel.access import access
from ent.kernel.audit.models import record
from ent.kernel.fields import DayField
from ent.kernel.refused import Refused
from ent.kernel.text import dated
from ent.school.people.models import Person
from ent.school.structure.models import Division, Group
from ent.school.timetable import booking, changing, finding
from ent.school.timetable.calendar import zone_of
from ent.school.timetable.finding import ANY_ROOM, Choice, Free, Wanted
from ent.school.timetable.models import Room, monday_of

TAKEN = "Ce créneau vient d'être pris : choisissez-en un autre."
LINES = [(1, "1 créneau"), (2, "2 créneaux de suite"), (3, "3 créneaux de suite"), (4, "4 créneaux de suite")]


class FreeForm(forms.Form):
    """Who is to be free together, where, which week."""

    teachers = forms.MultipleChoiceField(label="Enseignants", required=False, widget=forms.CheckboxSelectMultiple)
    divisions = forms.MultipleChoiceField(label="Classes", required=False, widget=forms.CheckboxSelectMultiple)
    groups = forms.MultipleChoiceField(label="Groupes", required=False, widget=forms.CheckboxSelectMultiple)
    room = forms.ChoiceField(label="Salle ou matériel", required=False)
    lines = forms.TypedChoiceField(label="Durée", choices=LINES, coerce=int, required=False, empty_value=1)
    week = DayField(label="Semaine du", required=False, help_text="N'importe quel jour de la semaine voulue.")
    label = forms.CharField(label="Intitulé", max_length=120, required=False,
                            help_text="Par exemple : Rattrapage, Réunion.")  # fmt: skip

    def __init__(self, *args: Any, offered: dict[str, dict[str, Choice]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("teacher", "division", "group"):
            self.fields[f"{name}s"].choices = [(one.pk, one.name) for one in offered[name].values()]  # type: ignore[attr-defined]
        rooms = [(one.pk, one.name) for one in (offered["room"] | offered["equipment"]).values()]
        self.fields["room"].choices = [  # type: ignore[attr-defined]
            ("", "Sans salle"), (ANY_ROOM, "N'importe quelle salle libre"), *rooms
        ]  # fmt: skip

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if not self.errors and not any(found.get(name) for name in ("teachers", "divisions", "groups", "room")):
            self.add_error("teachers", "Choisissez au moins un enseignant, une classe, un groupe ou une salle.")
        return found

    @property
    def wanted(self) -> Wanted:
        found = self.cleaned_data
        teachers, divisions, groups = ([UUID(one) for one in found[f"{name}s"]] for name in
                                       ("teacher", "division", "group"))  # fmt: skip
        return Wanted(teachers, divisions, groups, found["room"], found["lines"])

    @property
    def monday(self) -> date:
        return monday_of(self.cleaned_data.get("week") or timezone.localdate())


@access("timetable.book_room")
@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """The times of a week when all those asked for are free; one is taken in a click."""
    offered = finding.choices()
    asked = request.GET if set(request.GET) - {"export"} else None
    form = FreeForm(asked, offered=offered, initial={"week": timezone.localdate()})
    zone = zone_of(request)
    context: dict[str, Any] = {"form": form, "adds": request.user.has_perm("timetable.change")}
    if form.is_bound and form.is_valid():
        wanted, monday = form.wanted, form.monday
        found = finding.free_times(wanted, monday, zone, offered)
        if request.method == "POST":
            taken = _take(request, form, found, zone)
            if taken:
                return taken
        if tables.asked(request):
            rows = ([one.starts, one.ends, ", ".join(room.name for room in one.rooms)] for one in found)
            return tables.answer(request, "creneaux-libres", ["Début", "Fin", "Salles libres"], rows)
        week, this_week = timedelta(weeks=1), monday_of(timezone.localdate())
        context |= {
            "found": found, "monday": monday, "searched": True, "later": _week(request.GET, monday + week),
            "earlier": _week(request.GET, monday - week) if monday > this_week else "",
        }  # fmt: skip
    return render(request, "timetable/find.html", context, status=400 if form.errors else 200)


def _week(query: QueryDict, monday: date) -> str:
    asked = query.copy()
    asked["week"] = str(monday)
    return asked.urlencode()


def _take(request: HttpRequest, form: FreeForm, found: list[Free], zone: str) -> HttpResponse | None:
    """Add the session, or book the room, at the time clicked on: it is looked for again among those still free."""
    moment = _moment(request.POST.get("starts", ""))
    chosen = next((one for one in found if one.starts == moment), None)
    asked_room = request.POST.get("room", "")
    room_choice = next((one for one in chosen.rooms if one.pk == asked_room), None) if chosen else None
    if chosen is None or (form.cleaned_data["room"] and room_choice is None):
        messages.error(request, TAKEN)
        return None
    wanted, by = form.wanted, request.acting.person_id
    label = form.cleaned_data["label"]
    room = Room.objects.get(pk=room_choice.pk) if room_choice else None
    when = f"{dated(chosen.day)} à {timezone.localtime(chosen.starts):%-H h %M}"
    try:
        if request.POST.get("do") == "book" and room:
            made = booking.book(room, chosen.starts, chosen.ends, by, label or "Réunion")[0]
            record("timetable.book_room", account_id=me(request).pk, object_id=made.pk)
            messages.success(request, f"C'est réservé : {room}, le {when}.")
            return redirect("timetable:bookings")
        if not request.user.has_perm("timetable.change"):
            raise PermissionDenied
        session = changing.add(
            chosen.starts, chosen.ends, subject=None, label=label or "Réunion",
            teachers=list(Person.objects.filter(pk__in=wanted.teachers)),
            divisions=list(Division.objects.filter(pk__in=wanted.divisions)),
            groups=list(Group.objects.filter(pk__in=wanted.groups)), rooms=[room] if room else [], by=by, zone=zone,
        )  # fmt: skip
        record("timetable.add", account_id=me(request).pk, object_id=session.pk)
        messages.success(request, f"La séance est ajoutée le {when}. Les personnes concernées sont prévenues.")
        return redirect("timetable:change", session.pk)
    except Refused as error:
        messages.error(request, str(error))
        return None


def _moment(text: str) -> datetime | None:
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found and timezone.is_aware(found) else None
