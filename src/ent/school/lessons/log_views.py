"""Pages of the log of a class: read, endorsed, kept as a PDF year after year."""

from datetime import date, timedelta
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from ent.accounts.queries import me
from ent.kernel import documents
from ent.kernel.access import Scope, access, reach
from ent.kernel.text import typed_day
from ent.school.lessons import actions, forms, queries
from ent.school.lessons.access import ClassLog
from ent.school.lessons.documents import log_pdf
from ent.school.people.models import Profile
from ent.school.structure.models import Division

NOT_YET = "Ces semaines sont à venir : elles se visent une fois passées."


def _log(request: HttpRequest, division: UUID) -> ClassLog:
    return ClassLog(get_object_or_404(Division.objects.select_related("year"), pk=division))


@access("lessons.view_log", _log)
def log(request: HttpRequest, found: ClassLog) -> HttpResponse:
    """A class's log over a month; the head endorses it."""
    division = found.division
    first, last = span_of(request, division.year.ends_on)
    is_staff = request.acting.profile == Profile.STAFF
    endorses = request.user.has_perm("lessons.endorse")
    form = forms.EndorseForm(request.POST or None)
    # What is not taught yet has been read by nobody.
    until = endorsed_until(first, last)
    if request.method == "POST" and endorses and not until:
        messages.error(request, NOT_YET)
        return redirect(f"{request.path}?first={first}&last={last}")
    if request.method == "POST" and endorses and until and form.is_valid():
        words = form.cleaned_data["comment"]
        actions.endorse(division, first, until, words, request.acting.person_id, me(request).pk)
        messages.success(request, "Votre visa est enregistré.")
        return redirect(f"{request.path}?first={first}&last={last}")
    if request.method == "POST" and not endorses:
        raise PermissionDenied
    mine = request.acting.person_id if is_staff else None
    ahead = _sees_whole_school(request)
    entries = queries.log_of(division, first, last, ahead=ahead, mine=mine, gaps=is_staff)
    return render(request, "lessons/log.html", {
        "division": division, "entries": entries, "missing": sum(one.is_missing for one in entries), "first": first,
        "last": last, "until": until, "is_older": last < timezone.localdate(), "endorses": endorses, "form": form,
        "endorsements": queries.endorsements_of(division) if is_staff else [],
    })  # fmt: skip


def _sees_whole_school(request: HttpRequest) -> bool:
    return Scope.SCHOOL in reach(request.user, "lessons.view_log")


@access("lessons.view_log")
@require_GET
def archives(request: HttpRequest) -> HttpResponse:
    """The logs of every year one may read, also of classes that are no more."""
    found = queries.logs_of(request.acting, whole_school=_sees_whole_school(request))
    return render(request, "lessons/archives.html", {"logs": found})


@access("lessons.view_log", _log)
@require_GET
def log_document(request: HttpRequest, found: ClassLog) -> HttpResponse:
    """The class's log of its whole year, as a PDF."""
    division = found.division
    year = division.year
    entries = queries.log_of(division, year.starts_on, year.ends_on)
    is_staff = request.acting.profile == Profile.STAFF
    body = log_pdf(division, entries, request.school.name, queries.endorsements_of(division) if is_staff else [])
    return documents.pdf(body, f"cahier-de-textes-{division.pk}.pdf")


def endorsed_until(first: date, last: date) -> date | None:
    """The last of these days that a visa covers: none after today."""
    until = min(last, timezone.localdate())
    return until if first <= until else None


def span_of(request: HttpRequest, at_most: date | None = None) -> tuple[date, date]:
    """The days of a log that are asked for: the last five weeks, of its year."""
    coming = timezone.localdate() + timedelta(days=7)
    last = typed_day(request.GET.get("last", "")) or (min(coming, at_most) if at_most else coming)
    first = typed_day(request.GET.get("first", "")) or last - timedelta(days=35)
    return (first, last) if first <= last else (last, first)
