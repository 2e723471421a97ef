"""A pupil's remarks: written in one tap, read and signed by the family."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from ent.kernel.access import Role, Scope, access, reasons
from ent.school.conduct import actions
from ent.school.conduct.models import Acknowledgement, Remark
from ent.school.people.models import Person, Profile

SHOWN = 100


class RemarkForm(forms.ModelForm):
    """What the family will read."""

    class Meta:
        model = Remark
        fields = ["kind", "text", "needs_signature"]

    def clean(self):
        cleaned = super().clean() or {}
        if cleaned.get("kind") == Remark.Kind.OBSERVATION and not cleaned.get("text"):
            self.add_error("text", "Dites en une phrase ce que vous avez observé.")
        return cleaned


def _pupil(request: HttpRequest, pupil: UUID) -> Person:
    return get_object_or_404(Person, pk=pupil, profile=Profile.PUPIL)


def _remark(request: HttpRequest, remark: UUID) -> Remark:
    return get_object_or_404(Remark, pk=remark)


@access("conduct.view", _pupil)
def pupil(request: HttpRequest, pupil: Person) -> HttpResponse:
    """The remarks of a pupil; a teacher who only teaches them sees their own."""
    return _page(request, pupil, RemarkForm())


def _page(request: HttpRequest, pupil: Person, form: RemarkForm) -> HttpResponse:
    remarks = pupil.remarks.select_related("by").prefetch_related("acknowledgements__guardian")
    seen = {scope for role, scope in reasons(request.user, "conduct.view", pupil) if role != Role.AED}
    if seen == {Scope.TAUGHT}:
        remarks = remarks.filter(by=request.acting.person_id)
    signed = Acknowledgement.objects.filter(guardian=request.acting.person_id, remark__pupil=pupil)
    context = {
        "signed": set(signed.values_list("remark", flat=True)),
        "pupil": pupil,
        "remarks": list(remarks[:SHOWN]),
        "form": form if request.user.has_perm("conduct.record", pupil) else None,
        "sanctions": pupil.sanctions.all() if seen & {Scope.OWN, Scope.SCHOOL} else None,
        "sanctions_here": request.user.has_perm("conduct.sanction", pupil),
        "lists_sanctions": request.user.has_perm("conduct.view_sanctions"),
        "signs": request.user.has_perm("conduct.sign"),
    }
    return render(request, "conduct/pupil.html", context, status=400 if form.errors else 200)


@access("conduct.record", _pupil)
@require_POST
def record(request: HttpRequest, pupil: Person) -> HttpResponse:
    """Write a remark; what was typed stays where something is missing."""
    form = RemarkForm(request.POST)
    if not form.is_valid():
        return _page(request, pupil, form)
    actions.record_remark(pupil, by=request.acting.person_id, **form.cleaned_data)
    messages.success(request, "C’est enregistré ; la famille est prévenue.")
    return redirect("conduct:pupil", pupil.pk)


@access("conduct.sign", _remark)
@require_POST
def sign(request: HttpRequest, remark: Remark) -> HttpResponse:
    """A guardian signs."""
    actions.sign(remark, request.acting.person_id)
    messages.success(request, "Votre signature est enregistrée.")
    return redirect("conduct:pupil", remark.pupil_id)
