"""Sanctions: decided by the head or by a board, told to the family, gone from the file when the law says so."""

from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from ent.kernel import documents, tables
from ent.kernel.access import access
from ent.kernel.letters import letters_pdf
from ent.kernel.text import dated
from ent.school.conduct import law, queries
from ent.school.conduct.actions import tell_family
from ent.school.conduct.models import ErasureRecord, Sanction
from ent.school.conduct.retention import erase_on
from ent.school.conduct.sanction_forms import SanctionFilter, SanctionForm
from ent.school.people.access import find_pupil, parental_ties
from ent.school.people.models import Person

SHOWN = 200


@transaction.atomic
def decide(sanction: Sanction, pupil: Person, by) -> None:
    """Record a sanction with the day it leaves the file, and tell the guardians and the pupil."""
    sanction.pupil, sanction.decided_by_id = pupil, by
    sanction.erase_on = erase_on(sanction.kind, sanction.decided_on)
    sanction.save()
    tell_family(pupil, f"Sanction pour {pupil.display_name} : {sanction.get_kind_display().lower()}", sanction.reason)


def _sanction(request: HttpRequest, sanction: UUID) -> Sanction:
    return get_object_or_404(Sanction.objects.select_related("pupil", "decided_by", "board"), pk=sanction)


@access("conduct.sanction", find_pupil)
def new_sanction(request: HttpRequest, pupil: Person) -> HttpResponse:
    """The head writes what was decided; what was typed stays where something is missing."""
    today = timezone.localdate()
    initial = {"decided_on": today, "incident": request.GET.get("incident")}
    form = SanctionForm(request.POST or None, pupil=pupil, initial=initial)
    if request.method == "POST" and form.is_valid():
        decide(form.save(commit=False), pupil, request.acting.person_id)
        messages.success(request, "La sanction est enregistrée ; la famille est prévenue.")
        return redirect("conduct:pupil", pupil.pk)
    context = {
        "pupil": pupil, "form": form, "most_days": law.MOST_DAYS, "defence_days": law.DEFENCE_DAYS,
        "first_day": law.first_day_to_decide(today),
    }  # fmt: skip
    return render(request, "conduct/new_sanction.html", context, status=400 if form.errors else 200)


@access("conduct.view_sanctions")
def sanctions(request: HttpRequest) -> HttpResponse:
    """The sanctions still in a file, by period, class and kind; the day each leaves it, and what has left."""
    form = SanctionFilter(request.GET or None)
    found = queries.sanctions()
    if form.is_valid():
        found = form.cut(found)
    if tables.asked(request):
        rows = (
            [str(one.pupil), ", ".join(one.codes), one.get_kind_display(), one.reason, one.decided_on,
             "Conseil de discipline" if one.board_id else "Chef d'établissement", one.starts_on, one.ends_on,
             "oui" if one.is_suspended else "non", one.erase_on]
            for one in found
        )  # fmt: skip
        header = ["Élève", "Classe", "Sanction", "Motif", "Prononcée le", "Par", "Du", "Au", "Sursis", "Effacée le"]
        return tables.answer(request, "sanctions", header, rows)
    # That there were calls for help is the referents' business alone.
    erased = ErasureRecord.objects.exclude(what=ErasureRecord.What.CONCERN)
    context = {"form": form, "sanctions": list(found[:SHOWN]), "erased": list(erased[:SHOWN])}
    return render(request, "conduct/sanctions.html", context, status=400 if form.errors else 200)


@access("conduct.view_sanctions", _sanction)
def sanction_letter(request: HttpRequest, sanction: Sanction) -> HttpResponse:
    """The letter to each guardian, to print and sign."""
    links = parental_ties().filter(pupil=sanction.pupil_id).select_related("relative")
    pages = [letter(sanction, link.relative) for link in links.order_by("legal_rank")]
    if not pages:
        messages.error(request, "Aucun responsable légal n'est connu : la lettre n'a pas de destinataire.")
        return redirect("conduct:sanctions")
    return documents.pdf(letters_pdf(request.school, pages), "sanction.pdf", shown=True)


def letter(sanction: Sanction, guardian: Person) -> dict[str, object]:
    """A page of `letters_pdf`: what was decided, why, for how long it stays, and how to contest it."""
    pupil, decided = sanction.pupil, dated(sanction.decided_on, "j F Y")
    lines = [f"Sanction : {sanction.get_kind_display()}{', avec sursis' if sanction.is_suspended else ''}"]
    if sanction.starts_on and sanction.ends_on:
        lines.append(f"Du {dated(sanction.starts_on, 'j F')} au {dated(sanction.ends_on, 'j F Y')}")
    until = dated(sanction.erase_on, "j F Y") if sanction.erase_on else ""
    kept = f"jusqu'au {until}" if until else "jusqu'à la fin des études secondaires"
    board = sanction.board
    if board:
        who = f"Le conseil de discipline, réuni le {decided}, a prononcé la sanction suivante"
        appeal = "Vous pouvez la contester auprès du recteur de l'académie dans les huit jours (article R511-49)."
    else:
        who = f"J'ai prononcé le {decided} la sanction suivante"
        appeal = "Vous pouvez la contester devant le tribunal administratif dans les deux mois."
    return {
        "to": guardian.postal_lines,
        "title": f"Notification d'une sanction : {pupil}",
        "words": [
            f"{who} à l'encontre de {pupil}, pour le motif suivant :",
            sanction.reason,
            f"Elle est inscrite au dossier administratif {kept} (code de l'éducation, article R511-13).",
            appeal,
        ],
        "lines": lines,
    }
