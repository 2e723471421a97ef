"""Pages of families: what they received, and their answer in one click."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from ent.kernel.access import access
from ent.school.notes import actions, queries
from ent.school.notes.access import answerable
from ent.school.notes.models import Answer, Note
from ent.school.people.models import Profile

SAID = {
    Answer.READ: "Merci, c'est noté : vous avez lu ce mot.",
    Answer.SIGNED: "Votre signature est enregistrée.",
    Answer.YES: "Votre accord est enregistré.",
    Answer.NO: "Votre refus est enregistré.",
}


def _note(request: HttpRequest, note: UUID) -> Note:
    return get_object_or_404(Note.objects.select_related("author"), pk=note, sent_at__isnull=False)


@access("notes.view_own")
def own(request: HttpRequest) -> HttpResponse:
    """What one received: what waits first, then the rest, the latest first."""
    found = queries.received(request.acting)
    context = {
        "owed": [one for one in found if one.is_owed],
        "others": [one for one in found if not one.is_owed],
        "is_pupil": request.acting.profile == Profile.PUPIL,
        "several": len({one.pupil.pk for one in found}) > 1,
    }
    return render(request, "notes/own.html", context)


def page(request: HttpRequest, note: Note, problem: str = "", pupil: str = "") -> HttpResponse:
    """One note, with what to answer for each child it is about."""
    context = {
        "note": note,
        "files": note.files.all(),
        "rows": queries.received(request.acting, note),
        "is_pupil": request.acting.profile == Profile.PUPIL,
        "problem": problem,
        "of": pupil,
    }
    return render(request, "notes/family_note.html", context, status=400 if problem else 200)


@access("notes.answer", _note)
@require_POST
def answer(request: HttpRequest, note: Note) -> HttpResponse:
    """Read, sign, allow or refuse, for one child."""
    pupil, value = request.POST.get("pupil", ""), request.POST.get("answer", "")
    if value not in note.answers:
        return page(request, note, "Choisissez une des réponses proposées.", pupil)
    mine = [one.pupil_id for one in answerable(request.acting).filter(note=note)]
    child = next((one for one in mine if str(one) == pupil), None)
    try:
        if child is None:
            raise actions.NotAsked
        actions.answer(note, child, request.acting.person_id, value)
    except actions.NotAsked:
        return page(request, note, "On n'attend pas de réponse de vous pour cet élève.", pupil)
    except actions.TooLate:
        words = "La date de réponse est passée : pour changer votre réponse, appelez l'établissement."
        return page(request, note, words, pupil)
    messages.success(request, SAID[Answer(value)])
    return redirect("notes:note", note.pk)
