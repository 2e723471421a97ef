"""Pages of staff: notes sent, who answered, papers, reminders. A family's page of a note opens at the same address."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from ent.accounts.queries import me
from ent.kernel import documents, tables
from ent.kernel.access import access
from ent.kernel.live import follow
from ent.school.notes import actions, family_views, queries
from ent.school.notes.forms import PaperForm
from ent.school.notes.models import Note, NoteFile
from ent.school.people.access import find_pupil
from ent.school.people.models import Person, Profile

A_PAGE = 50
LIST_HEADER = ["Titre", "Demande", "Pour", "Écrit par", "Envoyé le", "Réponse avant le", "Élèves", "En attente",
               "Retiré"]  # fmt: skip
HEADER = ["Classe", "Élève", "Situation", "Responsable", "Réponse", "Répondu le", "En retard", "Sur papier",
          "Saisi par"]  # fmt: skip


def _note(request: HttpRequest, note: UUID) -> Note:
    return get_object_or_404(Note.objects.select_related("author"), pk=note, sent_at__isnull=False)


def _file(request: HttpRequest, note_file: UUID) -> NoteFile:
    """Of a draft: for its author alone."""
    found = get_object_or_404(NoteFile.objects.select_related("note"), pk=note_file)
    if not found.note.sent_at and found.note.author_id != request.acting.person_id:
        raise Http404("Ce document n'est pas encore envoyé.")
    return found


@access("notes.write")
def sent(request: HttpRequest) -> HttpResponse:
    """The notes sent, the latest first, with how many still to answer; one's drafts."""
    notes = queries.sent_notes(request.user).select_related("author")
    mine = request.GET.get("mine") == "1"
    if mine:
        notes = notes.filter(author=request.acting.person_id)
    if tables.asked(request):
        rows = (
            [one.title, one.get_kind_display(), ", ".join(one.to), one.author.formal_name if one.author else "",
             one.sent_at, one.due_on, one.pupils, one.waiting, "Oui" if one.withdrawn_at else ""]
            for one in queries.counted(notes, request.user)
        )  # fmt: skip
        return tables.answer(request, "mots", LIST_HEADER, rows)
    shown = Paginator(notes, A_PAGE).get_page(request.GET.get("page"))
    context = {"page": shown, "notes": queries.counted(shown, request.user), "mine": mine,
               "drafts": queries.drafts_of(request.acting.person_id)}  # fmt: skip
    return render(request, "notes/sent.html", context)


@access("notes.view", _note)
def note(request: HttpRequest, note: Note) -> HttpResponse:
    """Staff: who answered and who did not, class by class. Families: the note and their answer."""
    if request.acting.profile != Profile.STAFF:
        return family_views.page(request, note)
    lines = queries.lines(note, request.user)
    if tables.asked(request):
        return tables.answer(request, "reponses", HEADER, _rows(lines))
    counts = {key: sum(1 for one in lines if one.state == key) for key in queries.STATES}
    state, division = request.GET.get("state", ""), request.GET.get("division", "")
    chosen = [one for one in lines if (not state or one.state == state) and (not division or one.division == division)]
    context = {
        "note": note,
        "lines": chosen,
        "total": len(lines),
        "counts": [(key, label, counts[key]) for key, label in queries.STATES.items() if counts[key]],
        "waiting": counts["waiting"],
        "divisions": sorted({one.division for one in lines}),
        "state": state,
        "division": division,
        "stream": follow(request, f"note.{note.pk}"),
    }
    if request.htmx:
        return render(request, "notes/_answers.html", context)
    user = request.user
    context |= {
        "files": note.files.all(),
        "manages": user.has_perm("notes.manage", note),
        "enters": user.has_perm("notes.enter_paper", note),
    }
    return render(request, "notes/note.html", context)


def _rows(lines: list[queries.Line]):
    for line in lines:
        for one in line.recipients:
            yield [
                line.division, line.pupil.display_name, line.state_label, one.who, one.get_answer_display(),
                one.answered_on, "Oui" if one.is_late else "", "Oui" if one.on_paper else "",
                one.entered_by.display_name if one.entered_by else "",
            ]  # fmt: skip


@access("notes.enter_paper", _note)
def paper(request: HttpRequest, note: Note) -> HttpResponse:
    """Write down papers brought back, of all or of one class."""
    if note.withdrawn_at:
        messages.error(request, "Ce mot est retiré : il n'y a plus de réponse à saisir.")
        return redirect("notes:note", note.pk)
    lines = queries.lines(note, request.user, "notes.enter_paper")
    division = request.GET.get("division", "")
    shown = [one for one in lines if not division or one.division == division]
    form = PaperForm(request.POST or None, note, [one for line in shown for one in line.signers])
    if request.method == "POST" and form.is_valid():
        entered = actions.enter_papers(note, form.rows, form.cleaned_data["received_on"], request.acting.person_id)
        messages.success(request, f"{entered} réponse{'s' if entered > 1 else ''} sur papier enregistrée"
                                  f"{'s' if entered > 1 else ''}.")  # fmt: skip
        return redirect("notes:note", note.pk)
    rows = [(line, one, *form.fields_of(one)) for line in shown for one in line.signers]
    context = {"note": note, "form": form, "rows": rows, "division": division,
               "divisions": sorted({one.division for one in lines})}  # fmt: skip
    return render(request, "notes/paper.html", context, status=400 if form.errors else 200)


@access("notes.manage", _note)
@require_POST
def remind(request: HttpRequest, note: Note) -> HttpResponse:
    """Tell again those who have not answered."""
    if note.withdrawn_at:
        messages.error(request, "Ce mot est retiré : il n'y a plus personne à relancer.")
        return redirect("notes:note", note.pk)
    told = actions.remind(note)
    if told is None:
        messages.warning(request, "Les familles ont déjà été relancées aujourd'hui : revenez demain.")
    elif told:
        messages.success(request, f"{told} personne{'s' if told > 1 else ''} relancée{'s' if told > 1 else ''}.")
    else:
        messages.success(request, "Il ne reste personne à relancer.")
    return redirect("notes:note", note.pk)


@access("notes.manage", _note)
@require_POST
def withdraw(request: HttpRequest, note: Note) -> HttpResponse:
    """Nobody has to answer any more."""
    actions.withdraw(note, account_id=me(request).pk)
    messages.success(request, "Le mot est retiré ; les familles sont prévenues.")
    return redirect("notes:note", note.pk)


@access("notes.view_pupil", find_pupil)
def pupil(request: HttpRequest, pupil: Person) -> HttpResponse:
    """What was sent to a pupil's family, and what came back."""
    lines = queries.of_pupil(pupil, request.user)
    if tables.asked(request):
        return tables.answer(request, "mots", ["Mot", "Réponse avant le", "Situation"],
                             [[one.note.title, one.note.due_on, one.state_label] for one in lines])  # fmt: skip
    context = {"pupil": pupil, "lines": lines, "writes": not pupil.closed_at}
    return render(request, "notes/pupil.html", context)


@access("notes.open_file", _file)
@require_GET
def file(request: HttpRequest, file: NoteFile) -> HttpResponse:
    """A document, to its readers only; what a browser could run is downloaded, never shown."""
    return documents.served(file.file, file.name)
