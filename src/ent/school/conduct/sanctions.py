"""Sanctions: decided by the head alone, told to the family, gone from the file when the law says so."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from ent.kernel.access import access
from ent.kernel.letters import letters_pdf
from ent.kernel.text import dated
from ent.school.conduct.actions import tell_family
from ent.school.conduct.models import ErasureRecord, Sanction
from ent.school.conduct.retention import erase_on
from ent.school.conduct.views import find_pupil
from ent.school.people.models import Guardianship, Person

# Of a temporary exclusion (code de l'éducation, art. R511-13).
MOST_DAYS = 8
TEMPORARY = (Sanction.Kind.CLASS_EXCLUSION, Sanction.Kind.SCHOOL_EXCLUSION)
SHOWN = 200


class SanctionForm(forms.ModelForm):
    """What was decided; a temporary exclusion has its dates, unless it is suspended."""

    class Meta:
        model = Sanction
        fields = ["kind", "reason", "decided_on", "starts_on", "ends_on", "is_suspended"]
        widgets = {
            name: forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
            for name in ("decided_on", "starts_on", "ends_on")
        } | {"reason": forms.Textarea(attrs={"rows": 4})}

    def clean_decided_on(self):
        day = self.cleaned_data["decided_on"]
        if day > timezone.localdate():
            raise forms.ValidationError("Une sanction ne s’enregistre qu’une fois prononcée.")
        return day

    def clean(self):
        found = super().clean() or {}
        begins, ends = found.get("starts_on"), found.get("ends_on")
        if begins and ends and ends < begins:
            self.add_error("ends_on", "La fin doit venir après le début.")
        elif found.get("kind") in TEMPORARY:
            if begins and ends and (ends - begins).days >= MOST_DAYS:
                self.add_error("ends_on", f"Une exclusion temporaire ne peut pas dépasser {MOST_DAYS} jours.")
            elif not found.get("is_suspended") and not (begins and ends):
                self.add_error("starts_on", "Donnez le premier et le dernier jour de l’exclusion.")
        return found


@transaction.atomic
def decide(sanction: Sanction, pupil: Person, by) -> None:
    """Record a sanction with the day it leaves the file, and tell the guardians and the pupil."""
    sanction.pupil, sanction.decided_by_id = pupil, by
    sanction.erase_on = erase_on(sanction.kind, sanction.decided_on)
    sanction.save()
    tell_family(pupil, f"Sanction pour {pupil.display_name} : {sanction.get_kind_display().lower()}", sanction.reason)


def _sanction(request: HttpRequest, sanction: UUID) -> Sanction:
    return get_object_or_404(Sanction.objects.select_related("pupil", "decided_by"), pk=sanction)


@access("conduct.sanction", find_pupil)
def new_sanction(request: HttpRequest, pupil: Person) -> HttpResponse:
    """The head writes what was decided; what was typed stays where something is missing."""
    form = SanctionForm(request.POST or None, initial={"decided_on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        decide(form.save(commit=False), pupil, request.acting.person_id)
        messages.success(request, "La sanction est enregistrée ; la famille est prévenue.")
        return redirect("conduct:pupil", pupil.pk)
    context = {"pupil": pupil, "form": form}
    return render(request, "conduct/new_sanction.html", context, status=400 if form.errors else 200)


@access("conduct.view_sanctions")
def sanctions(request: HttpRequest) -> HttpResponse:
    """Every sanction still in a file, the day it leaves it, and the log of those that left."""
    found = Sanction.objects.select_related("pupil").order_by("-decided_on", "pk")
    context = {"sanctions": list(found[:SHOWN]), "erased": list(ErasureRecord.objects.all()[:SHOWN])}
    return render(request, "conduct/sanctions.html", context)


@access("conduct.view_sanctions", _sanction)
def sanction_letter(request: HttpRequest, sanction: Sanction) -> HttpResponse:
    """The letter to each guardian, to print and sign."""
    links = Guardianship.objects.filter(
        pupil=sanction.pupil_id, legal_rank__gt=0, is_restricted=False, closed_at=None
    ).select_related("relative")
    pages = [letter(sanction, link.relative) for link in links.order_by("legal_rank")]
    if not pages:
        messages.error(request, "Aucun responsable légal n'est connu : la lettre n'a pas de destinataire.")
        return redirect("conduct:sanctions")
    answer = HttpResponse(letters_pdf(request.school, pages), content_type="application/pdf")
    answer["Content-Disposition"] = 'inline; filename="sanction.pdf"'
    return answer


def letter(sanction: Sanction, guardian: Person) -> dict[str, object]:
    """A page of `letters_pdf`: what was decided, why, for how long it stays, and how to contest it."""
    pupil, decided = sanction.pupil, dated(sanction.decided_on, "j F Y")
    lines = [f"Sanction : {sanction.get_kind_display()}{', avec sursis' if sanction.is_suspended else ''}"]
    if sanction.starts_on and sanction.ends_on:
        lines.append(f"Du {dated(sanction.starts_on, 'j F')} au {dated(sanction.ends_on, 'j F Y')}")
    until = dated(sanction.erase_on, "j F Y") if sanction.erase_on else ""
    kept = f"jusqu'au {until}" if until else "jusqu'à la fin des études secondaires"
    return {
        "to": guardian.postal_lines,
        "title": f"Notification d'une sanction : {pupil}",
        "words": [
            f"J'ai prononcé le {decided} la sanction suivante à l'encontre de {pupil}, pour le motif suivant :",
            sanction.reason,
            f"Elle est inscrite au dossier administratif {kept} (code de l'éducation, article R511-13).",
            "Vous pouvez la contester devant le tribunal administratif dans les deux mois.",
        ],
        "lines": lines,
    }
