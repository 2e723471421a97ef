"""Disciplinary boards: planned within the law's delays, summoned by letter; what they decide is a sanction."""

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from ent.kernel import documents
from ent.kernel.access import access
from ent.kernel.letters import letters_pdf
from ent.kernel.refused import Refused
from ent.kernel.text import dated, hour, of
from ent.school.conduct import law
from ent.school.conduct.actions import tell_family
from ent.school.conduct.models import BoardMember, DisciplinaryBoard
from ent.school.conduct.retention import BOARD_YEARS, after_years
from ent.school.conduct.sanction_forms import BoardForm, SanctionForm
from ent.school.conduct.sanctions import decide
from ent.school.notifications.actions import tell
from ent.school.notifications.models import Kind
from ent.school.people.access import find_pupil, parental_ties
from ent.school.people.models import Person

SHOWN = 100


# --- what is done ------------------------------------------------------------------------------------------------
@transaction.atomic
def summon(board: DisciplinaryBoard, pupil: Person, members, by: UUID) -> DisciplinaryBoard:
    """Plan a board: the family is told, and its members, who learn the name from their letter."""
    board.pupil, board.called_by_id = pupil, by
    board.save()
    people = list(members)
    BoardMember.objects.bulk_create(BoardMember(board=board, person=one) for one in people)
    when = f"{dated(timezone.localdate(board.held_at))} à {hour(board.held_at)}"
    tell_family(pupil, f"Convocation devant le conseil de discipline : {when}", f"{board.place}. Un courrier suit.")
    tell([one for one in people if one.pk != by], Kind.WORK, f"Conseil de discipline : {when}", text=board.place)
    return board


@transaction.atomic
def close(board: DisciplinaryBoard, sanction, by: UUID) -> None:
    """It met, and decided a sanction, or none."""
    board.closed_at = timezone.now()
    board.erase_on = after_years(timezone.localdate(board.held_at), BOARD_YEARS)
    if sanction:
        sanction.incident = board.incident
        decide(sanction, board.pupil, by)
        board.erase_on = sanction.erase_on
    board.save(update_fields=["closed_at", "erase_on"])


@transaction.atomic
def call_off(board: DisciplinaryBoard) -> None:
    """It will not meet."""
    if board.closed_at or board.held_at <= timezone.now():
        raise Refused("La date de ce conseil est passée : enregistrez sa décision.")
    tell_family(board.pupil, "Le conseil de discipline est annulé", f"Il était prévu le {dated(board.held_at, 'j F')}.")
    board.delete()


# --- pages -------------------------------------------------------------------------------------------------------
def _board(request: HttpRequest, board: UUID) -> DisciplinaryBoard:
    return get_object_or_404(DisciplinaryBoard.objects.select_related("pupil", "incident", "called_by"), pk=board)


@access("conduct.view_sanctions")
def boards(request: HttpRequest) -> HttpResponse:
    """Those to come, then those that met."""
    found = DisciplinaryBoard.objects.select_related("pupil", "sanction")[:SHOWN]
    return render(request, "conduct/boards.html", {"boards": list(found), "notice_days": law.NOTICE_DAYS})


@access("conduct.sanction", find_pupil)
def new_board(request: HttpRequest, pupil: Person) -> HttpResponse:
    """Plan a board about a pupil."""
    today = timezone.localdate()
    initial = {"summoned_on": today, "incident": request.GET.get("incident")}
    form = BoardForm(request.POST or None, pupil=pupil, initial=initial)
    if request.method == "POST" and form.is_valid():
        made = summon(form.save(commit=False), pupil, form.cleaned_data["members"], request.acting.person_id)
        messages.success(request, "Le conseil est convoqué. Imprimez les convocations et remettez-les sans attendre.")
        return redirect("conduct:board", made.pk)
    if request.method == "GET":
        form.initial["members"] = [one.pk for one in form.usual_members()]
    context = {"pupil": pupil, "form": form, "first_day": law.first_day_of_board(today), "notice": law.NOTICE_DAYS}
    return render(request, "conduct/new_board.html", context, status=400 if form.errors else 200)


@access("conduct.view_sanctions", _board)
def board(request: HttpRequest, board: DisciplinaryBoard) -> HttpResponse:
    """Its date, members, letters and delays, and what it decided."""
    return _page(request, board, SanctionForm(pupil=board.pupil, board=board, initial={"reason": board.reason}))


def _page(request: HttpRequest, board: DisciplinaryBoard, form: SanctionForm) -> HttpResponse:
    has_met = board.held_at <= timezone.now()
    context = {
        "board": board, "members": list(board.members.order_by("sort_key")), "form": form, "has_met": has_met,
        "others": [line for line in board.other_members.splitlines() if line.strip()],
        "sanction": getattr(board, "sanction", None), "decides": request.user.has_perm("conduct.sanction"),
        "last_day": board.held_at - timedelta(days=law.NOTICE_DAYS), "notice": law.NOTICE_DAYS,
    }  # fmt: skip
    return render(request, "conduct/board.html", context, status=400 if form.errors else 200)


@access("conduct.sanction", _board)
@require_POST
def close_board(request: HttpRequest, board: DisciplinaryBoard) -> HttpResponse:
    """What it decided: a sanction, or none (`none=1`)."""
    if board.closed_at or board.held_at > timezone.now():
        messages.error(request, "La décision s'enregistre une seule fois, quand le conseil s'est réuni.")
        return redirect("conduct:board", board.pk)
    if request.POST.get("none") == "1":
        close(board, None, request.acting.person_id)
        messages.success(request, "Le conseil n'a prononcé aucune sanction : c'est enregistré.")
        return redirect("conduct:board", board.pk)
    form = SanctionForm(request.POST, pupil=board.pupil, board=board)
    if not form.is_valid():
        return _page(request, board, form)
    close(board, form.save(commit=False), request.acting.person_id)
    messages.success(request, "La sanction est enregistrée ; la famille est prévenue.")
    return redirect("conduct:board", board.pk)


@access("conduct.sanction", _board)
@require_POST
def cancel_board(request: HttpRequest, board: DisciplinaryBoard) -> HttpResponse:
    """It will not meet after all."""
    try:
        call_off(board)
        messages.success(request, "Le conseil de discipline est annulé ; la famille est prévenue.")
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("conduct:boards")


@access("conduct.view_sanctions", _board)
def board_letters(request: HttpRequest, board: DisciplinaryBoard) -> HttpResponse:
    """The letters that summon the pupil, the guardians and the members, to hand over or send."""
    return documents.pdf(letters_pdf(request.school, list(letters(board))), "convocations.pdf", shown=True)


def letters(board: DisciplinaryBoard):
    """Pages of `letters_pdf`: one a person summoned."""
    links = parental_ties().filter(pupil=board.pupil_id).select_related("relative")
    when = f"{dated(timezone.localdate(board.held_at), 'l j F Y')} à {hour(board.held_at)}, {board.place}"
    whose = of(str(board.pupil))
    for person in (*(link.relative for link in links.order_by("legal_rank")), board.pupil):
        yield {
            "to": person.postal_lines or [person.formal_name],
            "title": f"Convocation devant le conseil de discipline : {board.pupil}",
            "words": [
                f"Le conseil de discipline se réunira le {when}, au sujet {whose}, pour les faits suivants :",
                board.reason,
                "Vos droits (code de l'éducation, articles D511-31 et D511-32) :",
            ],
            "lines": [
                "présenter vos observations, par écrit ou oralement, et être entendu à votre demande par le chef "
                "d'établissement et par le conseil ;",
                "vous faire assister par la personne de votre choix ;",
                "consulter le dossier auprès du chef d'établissement dès maintenant ;",
                "demander que soient entendues des personnes qui peuvent éclairer le conseil.",
            ],
        }
    members = [one.formal_name for one in board.members.order_by("sort_key")]
    for name in (*members, *(line.strip() for line in board.other_members.splitlines() if line.strip())):
        yield {
            "to": [name],
            "title": "Convocation au conseil de discipline",
            "words": [
                f"Vous êtes membre du conseil de discipline, qui se réunira le {when}, au sujet {whose}.",
                "Vous êtes tenu au secret sur tous les faits dont vous aurez connaissance à cette occasion.",
            ],
            "lines": [],
        }
