"""Training sessions: the school's places, in numbers."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from ent.accounts.queries import me
from ent.kernel.access import access
from ent.kernel.audit.models import record
from tenants.liaison import training
from tenants.liaison.models import Seats, Training


class SeatsForm(forms.Form):
    """How many people come."""

    training = forms.UUIDField()
    wanted = forms.IntegerField(
        min_value=0, max_value=50,
        error_messages={"required": "Dites combien de personnes viendront.", "invalid": "Écrivez un nombre."},
    )  # fmt: skip


@access("administration.sign_up_training")
@require_GET
def sessions(request: HttpRequest) -> HttpResponse:
    """Sessions to come, with this school's places; then those it took part in."""
    return _page(request)


def _page(request: HttpRequest, wrong: UUID | None = None, typed: str = "", error: str = "") -> HttpResponse:
    mine = {seats.training_id: seats for seats in Seats.objects.filter(school=request.school)}
    coming = list(training.offered_to(request.school))
    rows = [
        (one, mine.get(one.pk), (typed if one.pk == wrong else ""), (error if one.pk == wrong else ""))
        for one in coming
    ]
    taken = Training.objects.filter(pk__in=mine).order_by("-starts_at")
    context = {
        "rows": rows,
        "past": [(one, mine[one.pk]) for one in taken.filter(starts_at__lte=timezone.now(), cancelled_at=None)],
        "cancelled": taken.filter(starts_at__gt=timezone.now()).exclude(cancelled_at=None),
    }
    return render(request, "administration/training.html", context, status=400 if error else 200)


@access("administration.sign_up_training")
@require_POST
def sign_up(request: HttpRequest) -> HttpResponse:
    """Take places, change how many, or give them back (zero)."""
    form = SeatsForm(request.POST)
    form.full_clean()
    chosen = Training.objects.filter(pk=form.cleaned_data.get("training")).first()
    if chosen is None:
        messages.error(request, "Cette formation n’existe plus : choisissez-en une autre.")
        return redirect("administration:training")
    if form.errors:
        return _page(request, chosen.pk, request.POST.get("wanted", "")[:5], str(form.errors["wanted"][0]))
    wanted = form.cleaned_data["wanted"]
    try:
        if wanted:
            training.take(chosen, request.school, wanted)
        else:
            training.give_back(chosen, request.school)
    except training.SeatsRefused as refused:
        return _page(request, chosen.pk, str(wanted), str(refused))
    record("administration.sign_up_training", account_id=me(request).pk, object_id=chosen.pk, seats=wanted)
    places = f"{wanted} place{'s' if wanted > 1 else ''} : c’est enregistré." if wanted else "Vos places sont rendues."
    messages.success(request, f"{chosen.title}. {places}")
    return redirect("administration:training")
