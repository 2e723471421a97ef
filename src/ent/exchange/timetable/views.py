"""Bringing a timetable file into the school: read, settle names, apply, undo; and sessions left without a lesson."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from ent.accounts.queries import me
from ent.exchange.timetable import applying, matching
from ent.exchange.timetable import orphans as left
from ent.exchange.timetable.forms import LARGEST, ColumnsForm, FileForm, NamesForm
from ent.exchange.timetable.reading import columns_of, current_year, read_import, receive, save_columns
from ent.exchange.timetable.schedule import Unreadable
from ent.kernel.access import access
from ent.kernel.audit.models import record
from ent.kernel.documents import MB, takes
from ent.kernel.ids import is_uuid
from ent.kernel.refused import Refused
from ent.school.timetable.calendar import zone_of
from ent.school.timetable.models import Session, TimetableImport

LISTED = 30
READ = TimetableImport.State.READ


def _run(request: HttpRequest, timetable_import: UUID) -> TimetableImport:
    return get_object_or_404(TimetableImport.objects.select_related("uploaded_by"), pk=timetable_import)


def _orphan(request: HttpRequest, orphan: UUID) -> Session:
    return get_object_or_404(Session, pk=orphan, is_orphan=True)


@access("timetable.import_file")
@takes(LARGEST + MB)
def imports(request: HttpRequest) -> HttpResponse:
    """The files received, and a form for another."""
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        owner = {name: str(form.cleaned_data[name].pk) for name in ("teacher", "division") if form.cleaned_data[name]}
        try:
            run = receive(form.cleaned_data["file"], owner, request.acting.person_id)
        except Unreadable as error:
            form.add_error("file", str(error))
        else:
            record("timetable.import_file", account_id=me(request).pk, object_id=run.pk, file=run.file_name)
            return redirect("timetable_files:settle", run.pk)
    page = TimetableImport.objects.select_related("uploaded_by").defer("undo")[:LISTED]
    orphaned = Session.objects.filter(is_orphan=True).count()
    return render(request, "timetable_files/imports.html", {"form": form, "imports": page, "orphaned": orphaned},
                  status=422 if form.errors else 200)  # fmt: skip


@access("timetable.import_file", _run)
def settle(request: HttpRequest, run: TimetableImport) -> HttpResponse:
    """What the file says, what matched nobody, and what applying would change; once applied, what it changed."""
    return _Settling(request, run).page()


@access("timetable.import_file", _run)
@require_POST
def name_columns(request: HttpRequest, run: TimetableImport) -> HttpResponse:
    """Keep which column of a table is what."""
    try:
        header, guessed, _ = columns_of(run)
    except Unreadable as error:
        messages.error(request, str(error))
        return redirect("timetable_files:imports")
    form = ColumnsForm(header, guessed, request.POST)
    if run.state == READ and form.is_valid():
        save_columns(run, form.cleaned_data)
        return redirect("timetable_files:settle", run.pk)
    return _Settling(request, run).page(status=422)


@access("timetable.import_file", _run)
@require_POST
def keep_names(request: HttpRequest, run: TimetableImport) -> HttpResponse:
    """Keep the answers given so far, and count again what would change."""
    settling = _Settling(request, run, request.POST)
    if settling.problem or run.state != READ:
        return redirect("timetable_files:settle", run.pk)
    if not settling.names.is_valid():
        return settling.page(status=422)
    applying.keep_answers(run, settling.names.asked, settling.names.cleaned_data)
    messages.success(request, "Vos réponses sont gardées.")
    return redirect("timetable_files:settle", run.pk)


@access("timetable.import_file", _run)
@require_POST
def apply_file(request: HttpRequest, run: TimetableImport) -> HttpResponse:
    """Write the week, as settled: all of it or nothing."""
    settling = _Settling(request, run, request.POST)
    if settling.problem or run.state != READ:
        messages.error(
            request, settling.problem or "Ce fichier a déjà été mis en place : reprenez-le pour recommencer."
        )
        return redirect("timetable_files:settle", run.pk)
    names = settling.names
    if not names.is_valid() or ("leave" not in request.POST and names.ask_the_rest()):
        return settling.page(status=422)
    if names.later and "leave" not in request.POST:
        applying.keep_answers(run, names.asked, names.cleaned_data)
        messages.warning(request, "Vos réponses sont gardées. D'autres noms restent à reconnaître : les voici.")
        return redirect("timetable_files:settle", run.pk)
    try:
        done = applying.apply(
            run, settling.schedule, settling.kept | names.cleaned_data, zone_of(request),
            is_replacing="replace" in request.POST,
        )  # fmt: skip
    except Refused as error:
        messages.error(request, str(error))
        return redirect("timetable_files:settle", run.pk)
    record("timetable.apply", account_id=me(request).pk, object_id=run.pk, created=done.created, removed=done.removed)
    messages.success(request, "L'emploi du temps est en place." if run.report["lessons"] else "Le fichier est pris en "
                     "compte.")  # fmt: skip
    return redirect("timetable_files:settle", run.pk)


@access("timetable.import_file", _run)
@require_POST
def take_again(request: HttpRequest, run: TimetableImport) -> HttpResponse:
    """Settle the same file anew: to change what a name stands for, once applied."""
    try:
        again = applying.take_again(run, request.acting.person_id)
    except FileNotFoundError:
        messages.error(request, "Ce fichier n'est plus là : rechargez-le.")
        return redirect("timetable_files:imports")
    record("timetable.import_file", account_id=me(request).pk, object_id=again.pk, file=again.file_name)
    return redirect("timetable_files:settle", again.pk)


@access("timetable.import_file", _run)
@require_POST
def undo_file(request: HttpRequest, run: TimetableImport) -> HttpResponse:
    """Put back what stood before."""
    try:
        applying.undo(run, zone_of(request))
    except Refused as error:
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
def move_orphan(request: HttpRequest, orphan: Session) -> HttpResponse:
    """Move what hangs on an orphan to the session proposed or chosen."""
    chosen = request.POST.get("to", "")
    target = Session.objects.filter(pk=chosen, is_orphan=False).first() if is_uuid(chosen) else None
    if target is None:
        messages.error(request, "Choisissez la séance à laquelle rattacher le contenu.")
        return redirect("timetable_files:orphans")
    try:
        left.move(orphan, target)
    except Refused as error:
        messages.error(request, str(error))
    else:
        record("timetable.move_orphan", account_id=me(request).pk, object_id=target.pk)
        messages.success(request, "Le contenu est rattaché à sa nouvelle séance.")
    return redirect("timetable_files:orphans")


@access("timetable.import_file", _orphan)
@require_POST
def keep_orphan(request: HttpRequest, orphan: Session) -> HttpResponse:
    """Leave an orphan, and what hangs on it, where it is."""
    left.keep(orphan)
    record("timetable.keep_orphan", account_id=me(request).pk, object_id=orphan.pk)
    messages.success(request, "La séance reste à sa date, avec son contenu.")
    return redirect("timetable_files:orphans")


class _Settling:
    """The page that settles a file: its columns, its names, and what applying would change."""

    def __init__(self, request: HttpRequest, run: TimetableImport, posted=None) -> None:
        self.request, self.run, self.problem = request, run, ""
        self.header, self.guessed, self.samples = [], {}, []
        if run.state != READ:
            return
        try:
            self.year = current_year()
            self.header, self.guessed, self.samples = columns_of(run)
            self.schedule = read_import(run, self.year, self.guessed)
        except Unreadable as error:
            self.problem = str(error)
            return
        there = matching.candidates()
        self.matches = matching.match(self.schedule, there)
        self.changing = set(request.GET.getlist("change")) | set(posted.getlist("change") if posted else ())
        self.kept = dict.fromkeys(set(run.mapping.get("create", ())) - self.changing, matching.CREATE)
        answered = {one.field for one in self.matches if one.is_settled} | self.kept.keys()
        asked = [one for one in self.matches if one.field in self.changing or one.field not in answered]
        self.names = NamesForm(asked, there, posted)
        self.labels = {one.pk: one.label for those in there.values() for one in those}

    def _meaning(self, one: matching.Matched) -> str:
        if one.object_id:
            return self.labels.get(one.object_id, "")
        return "à créer" if one.field in self.kept else "laissé de côté" if one.is_settled else "à reconnaître"

    def page(self, status: int = 200) -> HttpResponse:
        context: dict[str, Any] = {"run": self.run, "problem": self.problem}
        if self.header:
            posted = self.request.POST if self.request.path.endswith("/columns/") else None
            context |= {"columns": ColumnsForm(self.header, self.guessed, posted), "samples": self.samples,
                        "header": self.header}  # fmt: skip
        if self.run.state == READ and not self.problem:
            asked = {one.field for one in self.names.asked}
            context |= {
                "schedule": self.schedule, "names": self.names, "oddities": self.schedule.oddities,
                "known": [(one, self._meaning(one)) for one in self.matches if one.field not in asked],
                "planned": applying.plan(self.schedule, self.matches, self.year,
                                         self.kept | self.names.answers(),
                                         zone_of(self.request), self.labels),
                "changing": [one.field for one in self.names.asked if one.field in self.changing],
            }  # fmt: skip
        return render(self.request, "timetable_files/settle.html", context, status=status)
