"""« Besoin d'aide »: a call by a pupil or a parent that reaches the referents the head named, and nobody else."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from ent.accounts.queries import me
from ent.kernel.access import access
from ent.kernel.audit.models import record
from ent.kernel.limits import allowed
from ent.school.conduct.forms import AnswerForm, ConcernForm, ReferentForm
from ent.school.conduct.models import Concern, ConcernStep, ErasureRecord, Referent
from ent.school.conduct.retention import CONCERN_YEARS, after_years
from ent.school.notifications.actions import tell
from ent.school.notifications.models import Kind
from ent.school.people.models import Person, Profile

SHOWN = 200
# Each rings every referent, at any hour: whoever is in danger is told whom to phone.
CALLS, WORDS = "10/hour", "20/hour"
OFTEN = (
    "Vos messages sont bien arrivés. Attendez une heure pour en envoyer un autre ; en danger, appelez le 17 ou le 119."
)


# --- what is done ------------------------------------------------------------------------------------------------
@transaction.atomic
def ask(concern: Concern, author: UUID) -> Concern:
    """Call for help: the referents are told at once, without a word of what it says."""
    concern.author_id = author
    concern.save()
    _tell_referents(concern, "Un message confidentiel vous attend")
    return concern


@transaction.atomic
def answer(concern: Concern, text: str, by: UUID, *, is_answer: bool) -> ConcernStep:
    """Write to who called, or among referents; whoever is answered is told that they are, and no more."""
    step = ConcernStep.objects.create(concern=concern, text=text, by_id=by, is_answer=is_answer)
    if by == concern.author_id:
        _tell_referents(concern, "Un message confidentiel a une suite")
    elif is_answer:
        tell(
            [concern.author_id],
            Kind.ANSWER,
            "Une réponse vous attend",
            path=reverse("conduct:concern", args=[concern.pk]),
        )
    return step


@transaction.atomic
def name_referent(person: Person, by: UUID, account: UUID) -> None:
    """Someone receives the calls from now on; written in the journal."""
    Referent.objects.create(person=person, named_by_id=by)
    record("conduct.name_referents", account_id=account, object_id=person.pk)


@transaction.atomic
def unname_referent(referent: Referent, account: UUID) -> None:
    """Someone no longer receives them; written in the journal."""
    record("conduct.remove_referent", account_id=account, object_id=referent.person_id)
    referent.delete()


def _tell_referents(concern: Concern, title: str) -> None:
    """What others may read of it (urgent messages are counted, failed ones listed) does not say what it is."""
    people = Referent.objects.exclude(person=concern.author_id).values_list("person", flat=True)
    path = reverse("conduct:concern", args=[concern.pk])
    tell(people, Kind.WORK, title, path=path, is_urgent=True, because="Message à lire sans attendre")


@transaction.atomic
def set_closed(concern: Concern, by: UUID, *, closed: bool) -> None:
    """The situation is settled, or is not after all."""
    concern.closed_at, concern.closed_by_id = (timezone.now(), by) if closed else (None, None)
    concern.erase_on = after_years(timezone.localdate(), CONCERN_YEARS) if closed else None
    concern.save(update_fields=["closed_at", "closed_by", "erase_on"])


# --- pages -------------------------------------------------------------------------------------------------------
def _concern(request: HttpRequest, concern: UUID) -> Concern:
    return get_object_or_404(Concern.objects.select_related("author"), pk=concern)


def _referent(request: HttpRequest, referent: UUID) -> Referent:
    return get_object_or_404(Referent.objects.select_related("person"), pk=referent)


def _not_too_often(form: forms.BaseForm, rate: str, person: UUID) -> bool:
    """Count one message of a person; too many are refused, with what was typed."""
    if allowed(rate, f"help.{rate}", str(person)):
        return True
    form.add_error("text", OFTEN)
    return False


@access("conduct.ask_help")
def help_page(request: HttpRequest) -> HttpResponse:
    """Who can help, a form to write to the referents, and one's own calls."""
    acting = request.acting
    referents = list(Referent.objects.filter(person__closed_at=None).select_related("person"))
    form = ConcernForm(request.POST or None, is_pupil=acting.profile == Profile.PUPIL)
    if request.method == "POST" and referents and form.is_valid() and _not_too_often(form, CALLS, acting.person_id):
        made = ask(form.save(commit=False), acting.person_id)
        messages.success(request, "Votre message est envoyé aux référents, et à eux seuls.")
        return redirect("conduct:concern", made.pk)
    context = {"form": form, "referents": referents, "concerns": Concern.objects.filter(author=acting.person_id)}
    return render(request, "conduct/help.html", context, status=400 if form.errors else 200)


@access("conduct.answer_concern")
def concerns(request: HttpRequest) -> HttpResponse:
    """The calls for help, for the referents; the others of their role learn that they are not."""
    is_referent = Referent.objects.filter(person=request.acting.person_id).exists()
    found = (
        Concern.objects.select_related("author").order_by("closed_at", "-at") if is_referent else Concern.objects.none()
    )
    erased = ErasureRecord.objects.filter(what=ErasureRecord.What.CONCERN)[:SHOWN] if is_referent else ()
    context = {
        "is_referent": is_referent, "concerns": list(found[:SHOWN]), "erased": list(erased),
        "names_referents": request.user.has_perm("conduct.name_referents"),
    }  # fmt: skip
    return render(request, "conduct/concerns.html", context)


@access("conduct.view_concern", _concern)
def concern(request: HttpRequest, concern: Concern) -> HttpResponse:
    """A call and what followed; who wrote it sees the answers, not the referents' notes. Reading leaves a trace."""
    return _page(request, concern, AnswerForm())


def _page(request: HttpRequest, concern: Concern, form: AnswerForm) -> HttpResponse:
    is_author = concern.author_id == request.acting.person_id
    steps = concern.steps.select_related("by")
    if is_author:
        del form.fields["is_answer"]
    else:
        record("conduct.view_concern", account_id=me(request).pk, object_id=concern.pk)
    context = {
        "concern": concern, "is_author": is_author, "form": form,
        "steps": steps.filter(is_answer=True) if is_author else steps,
    }  # fmt: skip
    return render(request, "conduct/concern.html", context, status=400 if form.errors else 200)


@access("conduct.view_concern", _concern)
@require_POST
def write(request: HttpRequest, concern: Concern) -> HttpResponse:
    """Write in a call: its author, or a referent."""
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _page(request, concern, form)
    by = request.acting.person_id
    if by == concern.author_id and not _not_too_often(form, WORDS, by):
        return _page(request, concern, form)
    answer(concern, form.cleaned_data["text"], by, is_answer=by == concern.author_id or form.cleaned_data["is_answer"])
    messages.success(request, "C'est enregistré.")
    return redirect("conduct:concern", concern.pk)


@access("conduct.answer_concern", _concern)
@require_POST
def close_concern(request: HttpRequest, concern: Concern) -> HttpResponse:
    """Close it, or open it again (`closed=0`)."""
    set_closed(concern, request.acting.person_id, closed=request.POST.get("closed") != "0")
    return redirect("conduct:concern", concern.pk)


@access("conduct.name_referents")
def referents(request: HttpRequest) -> HttpResponse:
    """Who receives the calls for help; the head names them."""
    form = ReferentForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        person = form.cleaned_data["person"]
        name_referent(person, request.acting.person_id, me(request).pk)
        messages.success(request, f"{person.formal_name} reçoit désormais les demandes d'aide.")
        return redirect("conduct:referents")
    context = {"form": form, "referents": Referent.objects.select_related("person")}
    return render(request, "conduct/referents.html", context, status=400 if form.errors else 200)


@access("conduct.name_referents", _referent)
@require_POST
def remove_referent(request: HttpRequest, referent: Referent) -> HttpResponse:
    """Someone no longer receives them."""
    unname_referent(referent, me(request).pk)
    messages.success(request, f"{referent.person.formal_name} ne reçoit plus les demandes d'aide.")
    return redirect("conduct:referents")
