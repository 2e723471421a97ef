"""Pages of whoever writes a note: the draft, what will be sent to whom, sending."""

from datetime import date, timedelta
from uuid import UUID

from django.contrib import messages
from django.db import IntegrityError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from ent.accounts.queries import me
from ent.kernel.access import Scope, access, reach
from ent.kernel.ids import is_uuid, new_id
from ent.school.lessons.text import typed
from ent.school.notes import actions, queries
from ent.school.notes.addressing import addressed
from ent.school.notes.due import next_taught
from ent.school.notes.forms import NoteForm
from ent.school.notes.models import Note, NoteFile
from ent.school.people.models import Person, Profile
from ent.school.timetable.calendar import zone_of
from ent.school.timetable.changing import why_not_on

A_WEEK = timedelta(days=7)


def _draft(request: HttpRequest, draft: UUID) -> Note:
    """A note not sent yet, of whoever wrote it."""
    return get_object_or_404(Note, pk=draft, sent_at=None)


@access("notes.write")
def write(request: HttpRequest) -> HttpResponse:
    """A new note: for the classes, groups or pupils asked for in the address, if any."""
    asked = request.GET
    initial = {
        "due_on": next_taught(timezone.localdate() + A_WEEK, zone_of(request)), "divisions": asked.getlist("division"),
        "groups": asked.getlist("group"), "pupils": asked.getlist("pupil"),
        "client_id": new_id(),
    }  # fmt: skip
    if (kept := _kept(request)) and kept.sent_at:
        messages.info(request, "Ce mot est déjà parti : il n'est pas envoyé deux fois.")
        return redirect("notes:note", kept.pk)
    return _form(request, kept or Note(author_id=request.acting.person_id), initial, asked.getlist("pupil"))


def _kept(request: HttpRequest) -> Note | None:
    """The note this page has already made: its button was pressed twice, or one came back to it."""
    key = request.POST.get("client_id", "")
    return Note.objects.filter(pk=key, author=request.acting.person_id).first() if is_uuid(key) else None


def _free_key(request: HttpRequest) -> UUID | None:
    """The key of the page, where no note has it."""
    key = request.POST.get("client_id", "")
    return UUID(key) if is_uuid(key) and not Note.objects.filter(pk=key).exists() else None


@access("notes.edit_draft", _draft)
def edit(request: HttpRequest, draft: Note) -> HttpResponse:
    """The draft again, as it was typed."""
    audiences = list(draft.audiences.all())
    pupils = [one.pupil_id for one in audiences if one.pupil_id]
    initial = {
        "title": draft.title, "content": typed(draft.content), "kind": draft.kind, "due_on": draft.due_on,
        "asks": draft.asks, "asks_adults": draft.asks_adults, "pupils": pupils,
        "divisions": [one.division_id for one in audiences if one.division_id],
        "groups": [one.group_id for one in audiences if one.group_id],
    }  # fmt: skip
    return _form(request, draft, initial, pupils)


def _form(request: HttpRequest, draft: Note, initial: dict, pupils: list) -> HttpResponse:
    user = request.user
    wanted = {str(one) for one in (request.POST.getlist("pupils") or pupils)}
    is_new = draft._state.adding
    form = NoteForm(
        request.POST or None, request.FILES or None, initial=initial, divisions=queries.writable_divisions(user),
        groups=queries.writable_groups(user), pupils=_pupils(user, wanted),
        whole_school=Scope.SCHOOL in reach(user, "notes.write"),
        joined=None if is_new else NoteFile.objects.filter(note=draft),
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        if is_new and (key := _free_key(request)):
            draft.pk = key
        try:
            actions.save_draft(draft, audiences=form.audiences, files=form.cleaned_data["files"],
                               removed=form.cleaned_data["removed"], **form.values)  # fmt: skip
        except IntegrityError:  # The same page, sent twice in the same moment.
            messages.info(request, "Ce mot est déjà enregistré.")
            return redirect("notes:sent")
        if "send" not in request.POST:
            return redirect("notes:draft", draft.pk)
        if why := _why_read_again(request, draft, form):
            messages.warning(request, f"Le mot n'est pas encore parti : {why}")
            return redirect("notes:draft", draft.pk)
        return _sent(request, draft)
    context = {"form": form, "draft": None if is_new else draft, "chooses_pupils": bool(wanted),
               "joined": [] if is_new else list(draft.files.all()),
               "why_off": "" if is_new else _why_off(request, draft.due_on)}  # fmt: skip
    return render(request, "notes/write.html", context, status=400 if form.errors else 200)


def _why_read_again(request: HttpRequest, draft: Note, form: NoteForm) -> str:
    """Why a note is not sent before it was read again ("" for most): a mistake would reach too many, or a wrong day."""
    if form.cleaned_data.get("everyone"):
        return "il est pour toutes les classes. Relisez-le, puis envoyez."
    return "voyez la date de réponse, puis envoyez." if _why_off(request, draft.due_on) else ""


def _why_off(request: HttpRequest, day: date) -> str:
    """Why nobody will bring a paper that day ("" where there are lessons): said before sending, not refused."""
    return why_not_on(day, zone_of(request))


def _pupils(user, wanted: set[str]):
    """Of the pupils named in the address or the form, those whose family one may write to."""
    keys = [one for one in wanted if is_uuid(one)]
    near = queries.near_pupils(user, "notes.write")
    found = Person.objects.filter(Q(pk__in=keys), profile=Profile.PUPIL, closed_at=None)
    return (found if near is None else found.filter(pk__in=near)).order_by("sort_key")


@access("notes.edit_draft", _draft)
def draft(request: HttpRequest, draft: Note) -> HttpResponse:
    """What families will see, how many, and for whom nobody can sign."""
    found = addressed(draft)
    context = {
        "note": queries.counted([draft])[0],
        "files": draft.files.all(),
        "pupils": len(found.pupils),
        "people": len(found.people),
        "without_anyone": found.without_anyone,
        "is_over": draft.is_over,
        "why_off": _why_off(request, draft.due_on),
    }
    return render(request, "notes/draft.html", context)


@access("notes.edit_draft", _draft)
@require_POST
def send(request: HttpRequest, draft: Note) -> HttpResponse:
    """Send it; a draft whose day has passed, for nobody, or for a class one no longer has, stays a draft."""
    return _sent(request, draft)


def _sent(request: HttpRequest, draft: Note) -> HttpResponse:
    if draft.is_over:
        messages.error(request, "La date de réponse est passée : changez-la, puis envoyez.")
        return redirect("notes:edit", draft.pk)
    if lost := queries.out_of_reach(draft, request.user):
        messages.error(request, f"Vous n'écrivez plus aux familles de : {', '.join(lost)}. Enregistrez de nouveau.")
        return redirect("notes:edit", draft.pk)
    pupils = actions.send(draft, account_id=me(request).pk)
    if not pupils:
        messages.error(request, "Aucun élève n'est inscrit dans ces classes ou ces groupes : choisissez-en d'autres.")
        return redirect("notes:edit", draft.pk)
    messages.success(request, f"Envoyé, pour {pupils} élève{'s' if pupils > 1 else ''}.")
    if alone := draft.recipients.filter(person=None).count():
        messages.warning(request, f"Pour {alone} élève{'s' if alone > 1 else ''}, personne ne peut répondre en ligne : "
                                  "remettez le mot sur papier, puis saisissez la réponse.")  # fmt: skip
    return redirect("notes:note", draft.pk)


@access("notes.edit_draft", _draft)
@require_POST
def delete(request: HttpRequest, draft: Note) -> HttpResponse:
    """Drop a draft."""
    actions.delete_draft(draft)
    messages.success(request, "Le brouillon est supprimé.")
    return redirect("notes:sent")
