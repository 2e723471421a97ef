"""The weekly lessons: their list, one to add, one to change or end."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ent.accounts.queries import me
from ent.kernel import tables
from ent.kernel.access import access
from ent.kernel.audit.models import record
from ent.kernel.ids import is_uuid
from ent.kernel.text import dated
from ent.school.structure.models import SchoolYear, Teaching
from ent.school.timetable import weekly
from ent.school.timetable.calendar import zone_of
from ent.school.timetable.generating import Generated
from ent.school.timetable.models import RecurringLesson
from ent.school.timetable.week import current_year
from ent.school.timetable.weekly_forms import EndForm, FilterForm, LessonForm

A_PAGE = 100
HEADER = ["Jour", "Début", "Fin", "Semaines", "Cours", "Enseignants", "Classes et groupes", "Salles", "Du", "Au"]
NARROWED = ("division", "group", "teacher", "room")
NO_DAY = "Ce cours n'aurait lieu aucun jour : vérifiez le jour, les semaines et les dates."
NO_YEAR = "Aucune année scolaire n'est en cours : importez d'abord l'annuaire."


def _weekly_lesson(request: HttpRequest, weekly_lesson: UUID) -> RecurringLesson:
    return get_object_or_404(weekly.tied(RecurringLesson.objects.all()), pk=weekly_lesson)


@access("timetable.set_up")
@require_GET
def lessons(request: HttpRequest) -> HttpResponse:
    """The weekly lessons of the school, of a class, a teacher, a room; for a spreadsheet too."""
    year = current_year()
    form = FilterForm(request.GET or None, year=year)
    found = weekly.listed(year)
    if form.is_bound and form.is_valid():
        chosen = form.cleaned_data
        found = weekly.narrowed(found, **{name: chosen[name].pk if chosen[name] else None for name in NARROWED})
    if not (form.is_bound and form.is_valid() and form.cleaned_data["ended"]):
        found = found.exclude(ends_on__lt=timezone.localdate())
    if tables.asked(request):
        return tables.answer(request, "cours", HEADER, (_line(one) for one in found))
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    return render(request, "timetable/lessons.html", {
        "form": form, "page": page, "year": year, "query": _add_query(form),
    }, status=400 if form.errors else 200)  # fmt: skip


def _line(one: Any) -> list[Any]:
    def names(rows: list[dict]) -> str:
        return ", ".join(row["name"] for row in rows)

    weeks = f"{len(one.weeks)} semaines" if one.weeks else one.get_pattern_display()
    return [one.get_weekday_display(), f"{one.starts_at:%H:%M}", f"{one.ends_at:%H:%M}", weeks,
            str(one), names(one.teacher_rows), names(one.audience_rows), names(one.room_rows), one.starts_on,
            one.ends_on]  # fmt: skip


def _add_query(form: FilterForm) -> str:
    """A lesson added from a filtered list begins with what was filtered on."""
    if not form.is_bound or not form.is_valid():
        return ""
    chosen = form.cleaned_data
    return "&".join(f"{name}={chosen[name].pk}" for name in NARROWED if chosen[name])


@access("timetable.set_up")
@require_http_methods(["GET", "HEAD", "POST"])
def add_lesson(request: HttpRequest) -> HttpResponse:
    """A weekly lesson to add; from a class's page, its services are proposed."""
    year = current_year()
    if year is None:
        messages.error(request, NO_YEAR)
        return redirect("timetable:lessons")
    asked = {f"{name}s": [request.GET[name]] for name in NARROWED if is_uuid(request.GET.get(name, ""))}
    plain = {name: request.GET[name] for name in ("weekday", "first_slot", "subject") if request.GET.get(name)}
    form = LessonForm(request.POST or None, year=year, initial=asked | plain, at_hour=request.GET.get("starts", ""))
    services = _services(asked) if request.method != "POST" and "subject" not in plain else []
    return _typed(request, form, year, {"services": services})


def _services(asked: dict[str, list[str]]) -> list[dict[str, str]]:
    """What is taught to the class or group, or by the teacher, to begin from. One query."""
    rows = Teaching.objects.filter(closed_at=None, subject__isnull=False, teacher__closed_at=None)
    if "divisions" in asked:
        rows = rows.filter(division=asked["divisions"][0])
    elif "groups" in asked:
        rows = rows.filter(group=asked["groups"][0])
    elif "teachers" in asked:
        rows = rows.filter(teacher=asked["teachers"][0])
    else:
        return []
    found = []
    for row in rows.select_related("subject", "teacher", "division", "group").order_by("subject__label")[:40]:
        heard = f"division={row.division_id}" if row.division_id else f"group={row.group_id}"
        found.append({"name": f"{row.subject} · {row.division or row.group} · {row.teacher.formal_name}",
                      "query": f"{heard}&teacher={row.teacher_id}&subject={row.subject_id}"})  # fmt: skip
    return found


@access("timetable.set_up", _weekly_lesson)
@require_http_methods(["GET", "HEAD", "POST"])
def lesson(request: HttpRequest, weekly_lesson: RecurringLesson) -> HttpResponse:
    """A weekly lesson to change from a day on."""
    if weekly_lesson.closed_at:
        messages.info(request, "Ce cours n'est plus dans l'emploi du temps : ses séances passées restent.")
        return redirect("timetable:lessons")
    form = LessonForm(request.POST or None, year=weekly_lesson.year, lesson=weekly_lesson)
    return _typed(request, form, weekly_lesson.year, {"lesson": weekly_lesson, "ending": _end_form(weekly_lesson)})


def _end_form(lesson: RecurringLesson, data: Any = None) -> EndForm:
    return EndForm(data, year=lesson.year, prefix="end", initial={"last": timezone.localdate()})


def _typed(request: HttpRequest, form: LessonForm, year: SchoolYear, context: dict[str, Any]) -> HttpResponse:
    """Saved where it meets nothing, or only what was shown and accepted; otherwise shown again as typed."""
    met: list[weekly.Meeting] = []
    if request.method == "POST" and form.is_valid():
        typed = form.typed
        days = weekly.days_typed(typed, year, zone_of(request), form.lesson)
        if not days:
            form.add_error("weekday", NO_DAY)
        else:
            met = weekly.meetings(typed, days, but=form.lesson.pk if form.lesson else None)
            if not met or form.cleaned_data["confirmed"] == weekly.fingerprint(met):
                saved, done = weekly.save(typed, year, zone_of(request), form.lesson, by=request.acting.person_id)
                action = "timetable.change_lesson" if form.lesson else "timetable.add_lesson"
                record(action, account_id=me(request).pk, object_id=saved.pk, since=str(typed.since),
                       accepted=len(met))  # fmt: skip
                said = "Le cours est changé" if form.lesson else "Le cours est ajouté"
                messages.success(request, f"{said} à partir du {dated(typed.since)} : {len(days)} "
                                          f"séance{'s' if len(days) > 1 else ''}.")  # fmt: skip
                tell_orphans(request, done)
                return redirect("timetable:weekly_lesson", saved.pk)
    status = 400 if form.errors else 200
    return render(request, "timetable/lesson.html", context | {
        "form": form, "met": met, "accepting": weekly.fingerprint(met) if met else "",
    }, status=status)  # fmt: skip


def tell_orphans(request: HttpRequest, done: Generated) -> None:
    """Work that was given in sessions which are no more is not lost: where to give it another."""
    if done.orphaned:
        said = f"{done.orphaned} séances à venir portaient" if done.orphaned > 1 else "Une séance à venir portait"
        messages.warning(request, format_html(
            "{} déjà du travail : rien n'est perdu, <a href=\"{}\">rattachez-le à une autre séance</a>.",
            said, reverse("timetable_files:orphans"),
        ))  # fmt: skip


@access("timetable.set_up", _weekly_lesson)
@require_POST
def end_lesson(request: HttpRequest, weekly_lesson: RecurringLesson) -> HttpResponse:
    """The last day of a weekly lesson."""
    ending = _end_form(weekly_lesson, request.POST)
    if not ending.is_valid():
        form = LessonForm(year=weekly_lesson.year, lesson=weekly_lesson)
        context = {"form": form, "lesson": weekly_lesson, "ending": ending, "met": [], "accepting": ""}
        return render(request, "timetable/lesson.html", context, status=400)
    last = ending.cleaned_data["last"]
    done = weekly.end(weekly_lesson, last, zone_of(request), by=request.acting.person_id)
    record("timetable.end_lesson", account_id=me(request).pk, object_id=weekly_lesson.pk, last=str(last))
    messages.success(request, f"Le cours s'arrête : dernier jour le {dated(last)}. Les séances passées restent.")
    tell_orphans(request, done)
    division = next((row["division"] for row in weekly_lesson.audience_rows if row["division"]), None)
    return redirect(f"{reverse('timetable:lessons')}{f'?division={division}' if division else ''}")
