"""Logs opened to an inspector: the head opens and closes, the teacher knows, the inspector reads."""

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from ent.accounts.queries import me
from ent.kernel import documents, tables
from ent.kernel.access import access, open_to_all
from ent.kernel.ids import is_uuid
from ent.kernel.limits import allowed
from ent.school.lessons import actions, queries, readings
from ent.school.lessons.forms import EndorseForm, HabitForm
from ent.school.lessons.log_views import NOT_YET, endorsed_until, span_of
from ent.school.lessons.models import LogReading
from ent.school.lessons.plan_forms import ReadingForm
from ent.school.structure.models import SchoolYear

READS = "300/hour"
GONE = "Cette adresse n'existe plus : demandez-en une autre au chef d'établissement."


def _reading(request: HttpRequest, reading: UUID) -> LogReading:
    return get_object_or_404(LogReading, pk=reading)


@access("lessons.open_reading")
def opened(request: HttpRequest) -> HttpResponse:
    """The readings opened, and a form for a new one."""
    form = ReadingForm(request.POST or None, initial={"until": timezone.localdate() + timedelta(days=15)})
    secret = ""
    if request.method == "POST" and form.is_valid():
        found = form.cleaned_data
        year = found["division"].year if found["division"] else get_object_or_404(SchoolYear, is_current=True)
        _, secret = readings.open_for(
            found["reader"], teacher=found["teacher"], division=found["division"], year=year, until=found["until"],
            by=request.acting.person_id, account=me(request).pk,
        )  # fmt: skip
        form = ReadingForm(initial={"until": found["until"]})
    rows = LogReading.objects.select_related("teacher", "division", "year", "opened_by")
    if tables.asked(request):
        lines = ([one.reader, one.what, one.opened_at, one.expires_at, one.read_count, one.read_at] for one in rows)
        return tables.answer(request, "lectures", ["Pour", "De", "Ouverte le", "Jusqu'au", "Lectures", "Dernière"],
                             lines)  # fmt: skip
    address = request.build_absolute_uri(reverse("lessons:inspect", args=[secret])) if secret else ""
    return render(request, "lessons/readings.html", {"form": form, "readings": rows[:100], "address": address},
                  status=400 if form.errors else 200)  # fmt: skip


@access("lessons.open_reading", _reading)
@require_POST
def revoke(request: HttpRequest, reading: LogReading) -> HttpResponse:
    """The address answers no more."""
    readings.revoke(reading, me(request).pk)
    messages.success(request, "La lecture est fermée.")
    return redirect("lessons:readings")


@access("lessons.plan")
def own_log(request: HttpRequest) -> HttpResponse:
    """A teacher's own log over a month, and who was given to read it."""
    return _own_log(request)


@access("lessons.plan")
@require_POST
def settle_habit(request: HttpRequest) -> HttpResponse:
    """When what one writes is shown, most often."""
    form = HabitForm(request.POST)
    if not form.is_valid():
        return _own_log(request, form)
    actions.settle_habit(request.acting.person_id, form.cleaned_data["publish"])
    messages.success(request, "C'est noté : vous pouvez toujours choisir autrement pour une séance.")
    return redirect("lessons:own_log")


def _own_log(request: HttpRequest, form: HabitForm | None = None) -> HttpResponse:
    first, last = span_of(request)
    return render(request, "lessons/own_log.html", {
        "first": first, "last": last, "readings": readings.about(request.acting.person_id),
        "entries": queries.log_of_teacher(request.acting.person_id, first, last, drafts=True),
        "endorsements": queries.endorsements_of(teacher=request.acting.person_id),
        "habit": form or HabitForm(initial={"publish": queries.habit_of(request.acting.person_id)}),
    }, status=400 if form else 200)  # fmt: skip


def _open(token: str) -> LogReading:
    found = readings.found(token)
    if found is None:
        raise Http404(GONE)
    return found


@open_to_all("l'adresse elle-même est le secret ; le chef d'établissement la limite dans le temps et la retire")
@require_http_methods(["GET", "HEAD", "POST"])
def inspect(request: HttpRequest, token: str) -> HttpResponse:
    """The log, read and endorsed by whom the address was given to."""
    reading = _open(token)
    if not allowed(READS, "reading", reading.digest):
        return render(request, "429.html", status=429)
    if is_uuid(asked := request.GET.get("file", "")):
        return _file(reading, UUID(asked))
    if request.method == "POST":
        return _endorsed(request, reading, token)
    readings.note(reading)
    return _inspected(request, reading, token)


def _endorsed(request: HttpRequest, reading: LogReading, token: str) -> HttpResponse:
    """The inspector has read these days of the log."""
    form = EndorseForm(request.POST)
    if not form.is_valid():
        return _inspected(request, reading, token, form)
    first, last = span_of(request, reading.year.ends_on)
    if not (until := endorsed_until(first, last)):
        messages.error(request, NOT_YET)
        return redirect("lessons:inspect", token)
    readings.endorse(reading, first, until, form.cleaned_data["comment"])
    messages.success(request, "Votre visa est enregistré : le chef d'établissement et l'enseignant le lisent.")
    return redirect("lessons:inspect", token)


def _inspected(request: HttpRequest, reading: LogReading, token: str, form: EndorseForm | None = None) -> HttpResponse:
    first, last = span_of(request, reading.year.ends_on)
    answer = render(request, "lessons/inspected.html", {
        "reading": reading, "first": first, "last": last, "until": endorsed_until(first, last), "token": token,
        "entries": readings.entries_of(reading, first, last), "form": form or EndorseForm(),
        "endorsements": reading.endorsements.all(),
    }, status=400 if form else 200)  # fmt: skip
    # The address is told to no other site; to our own it is, or the visa would be taken for a forgery.
    answer["Referrer-Policy"], answer["X-Robots-Tag"] = "same-origin", "noindex"
    return answer


def _file(reading: LogReading, attachment: UUID) -> HttpResponse:
    found = readings.file_of(reading, attachment)
    if found is None:
        raise Http404("Ce document n'est plus là.")
    return redirect(found.link) if found.link else documents.served(found.file, found.name)
