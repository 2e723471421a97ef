"""Bringing a timetable file into the school: read, settle names, apply, undo; and sessions left without a lesson."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from ent.accounts.queries import me
from ent.exchange.timetable import applying, matching
from ent.exchange.timetable import orphans as left
from ent.exchange.timetable.forms import ColumnsForm, FileForm, NamesForm
from ent.exchange.timetable.reading import header_of, kind_of, read_import, save_columns
from ent.exchange.timetable.schedule import Unreadable
from ent.kernel.access import access
from ent.kernel.audit.models import record
from ent.kernel.ids import is_uuid
from ent.school.structure.models import SchoolYear
from ent.school.timetable.models import Session, TimetableImport

LISTED = 30


def _run(request: HttpRequest, timetable_import: UUID) -> TimetableImport:
    return get_object_or_404(TimetableImport, pk=timetable_import)


def _orphan(request: HttpRequest, orphan: UUID) -> Session:
    return get_object_or_404(Session, pk=orphan, is_orphan=True)


@access("timetable.import_file")
def imports(request: HttpRequest) -> HttpResponse:
    """The files received, and a form for another."""
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        mapping = {name: str(form.cleaned_data[name].pk) for name in ("teacher", "division") if form.cleaned_data[name]}
        run = TimetableImport(file_name=file.name[:200], mapping=mapping, uploaded_by_id=request.acting.person_id)
        run.file.save("timetable", file, save=False)
        try:
            with file.open("rb") as sent:
                run.format = kind_of(sent.read())
            if run.format != "csv":  # a table's columns are named on the next page
                read_import(run)
            header_of(run)
        except Unreadable as error:
            run.file.delete(save=False)
            form.add_error("file", str(error))
        else:
            run.save()
            record("timetable.import_file", account_id=me(request).pk, object_id=run.pk, file=run.file_name)
            return redirect("timetable_files:settle", run.pk)
    page = TimetableImport.objects.select_related("uploaded_by").defer("undo")[:LISTED]
    status = 400 if form.errors else 200
    orphaned = Session.objects.filter(is_orphan=True).count()
    return render(request, "timetable_files/imports.html", {"form": form, "imports": page, "orphaned": orphaned},
                  status=status)  # fmt: skip


@access("timetable.import_file", _run)
def settle(request: HttpRequest, run: TimetableImport) -> HttpResponse:
    """What the file says, what matched nobody, and what applying would change."""
    header, guessed = header_of(run)
    columns = ColumnsForm(header, guessed, request.POST if "columns" in request.POST else None) if header else None
    if columns and columns.is_bound and columns.is_valid():
        save_columns(run, columns.cleaned_data)
        return redirect("timetable_files:settle", run.pk)
    context: dict[str, Any] = {"run": run, "columns": columns}
    try:
        schedule = read_import(run, guessed)
    except Unreadable as error:
        return render(request, "timetable_files/settle.html", context | {"problem": str(error)})
    there = matching.candidates()
    matches = matching.match(schedule, there)
    unmatched = [one for one in matches if not one.is_settled]
    answers = {name: value for name, value in request.GET.items() if name.count("-")}
    form = NamesForm(unmatched, there, answers or None)
    asked = {one.field: str(form[one.field].value() or "") for one in unmatched}
    creating = frozenset(field for field, answer in asked.items() if answer == applying.CREATE)
    year = SchoolYear.objects.get(is_current=True)
    planned = applying.plan(schedule, applying.settled(matches, asked), year, creating)
    context |= {
        "schedule": schedule, "matches": matches, "unmatched": unmatched, "form": form, "planned": planned,
        "oddities": schedule.oddities, "services": len(schedule.services),
    }  # fmt: skip
    return render(request, "timetable_files/settle.html", context)


@access("timetable.import_file", _run)
@require_POST
def apply_file(request: HttpRequest, run: TimetableImport) -> HttpResponse:
    """Write the week, as settled: all of it or nothing."""
    if run.state != TimetableImport.State.READ:
        messages.error(request, "Ce fichier a déjà été appliqué : chargez-le de nouveau pour le reprendre.")
        return redirect("timetable_files:imports")
    try:
        schedule = read_import(run)
    except Unreadable as error:
        messages.error(request, str(error))
        return redirect("timetable_files:imports")
    there = matching.candidates()
    unmatched = [one for one in matching.match(schedule, there) if not one.is_settled]
    form = NamesForm(unmatched, there, request.POST)
    if not form.is_valid():
        messages.error(request, "Un choix n'existe plus : vérifiez les noms, puis recommencez.")
        return redirect("timetable_files:settle", run.pk)
    done = applying.apply(run, schedule, form.cleaned_data, request.in_force["holiday_zone"].value)
    record("timetable.apply", account_id=me(request).pk, object_id=run.pk, created=done.created, removed=done.removed)
    messages.success(request, f"L'emploi du temps est en place : {done.created} séances nouvelles.")
    return redirect("timetable_files:orphans" if done.orphaned else "timetable_files:imports")


@access("timetable.import_file", _run)
@require_POST
def undo_file(request: HttpRequest, run: TimetableImport) -> HttpResponse:
    """Put back what stood before."""
    try:
        applying.undo(run, request.in_force["holiday_zone"].value)
    except applying.NotUndoable as error:
        messages.error(request, str(error))
    else:
        record("timetable.undo_import", account_id=me(request).pk, object_id=run.pk)
        messages.success(request, "L'import est annulé : l'emploi du temps d'avant est de retour.")
    return redirect("timetable_files:imports")


@access("timetable.import_file")
def orphans(request: HttpRequest) -> HttpResponse:
    """Sessions with a log or homework whose lesson is gone, each with the session it could move to."""
    return render(request, "timetable_files/orphans.html", {"orphans": left.proposals()})


@access("timetable.import_file", _orphan)
@require_POST
@transaction.atomic
def move_orphan(request: HttpRequest, orphan: Session) -> HttpResponse:
    """Move what hangs on an orphan to the session proposed or chosen."""
    chosen = request.POST.get("to", "")
    target = Session.objects.filter(pk=chosen, is_orphan=False).first() if is_uuid(chosen) else None
    if target is None:
        messages.error(request, "Choisissez la séance à laquelle rattacher le contenu.")
        return redirect("timetable_files:orphans")
    try:
        left.move(orphan, target)
    except left.Occupied as error:
        messages.error(request, str(error))
    else:
        record("timetable.move_orphan", account_id=me(request).pk, object_id=target.pk)
        messages.success(request, "Le contenu est rattaché à sa nouvelle séance.")
    return redirect("timetable_files:orphans")
