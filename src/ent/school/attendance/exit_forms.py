"""What student life types of exit schemes."""

from uuid import UUID

from django import forms
from django.utils import timezone

from ent.kernel.fields import DayField
from ent.kernel.ids import is_uuid
from ent.school.attendance.exits import FLAGS, FOR
from ent.school.attendance.models import ExitScheme, ExitTerms


class SchemeForm(forms.ModelForm):
    """A scheme's name, and what it allows from a day on."""

    name = forms.CharField(label="Nom du régime", max_length=60, help_text="Par exemple : Vert, ou Autorisation large.")

    class Meta:
        model = ExitTerms
        fields = ["starts_on", *FLAGS]
        field_classes = {"starts_on": DayField}

    def __init__(self, *args, scheme: ExitScheme, **kwargs) -> None:
        self.scheme = scheme
        super().__init__(*args, **kwargs)
        self.order_fields(["name", *FLAGS, "starts_on"])
        self.fields["name"].initial = scheme.name

    def clean_name(self):
        name = self.cleaned_data["name"].strip()
        if ExitScheme.objects.filter(name=name, closed_at=None).exclude(pk=self.scheme.pk).exists():
            raise forms.ValidationError("Un autre régime porte déjà ce nom : choisissez-en un autre.")
        return name

    def clean_starts_on(self):
        day = self.cleaned_data["starts_on"]
        if day < timezone.localdate() and self.scheme.terms.exists():
            raise forms.ValidationError("Ce qui valait avant aujourd'hui reste : choisissez aujourd'hui ou plus tard.")
        return day

    def clean(self):
        found = super().clean() or {}
        if not any(found.get(flag) for flag in FOR.values()):
            self.add_error("for_day_pupils", "Dites pour qui : externes, demi-pensionnaires ou internes.")
        return found


def schemes_typed(data, pupils, allowed: set[UUID]) -> dict[UUID, UUID | None]:
    """{pupil: scheme} of the fields `scheme-<id>`; who is left out, or has an unknown one, is not in it."""
    found: dict[UUID, UUID | None] = {}
    for pupil in pupils:
        text = data.get(f"scheme-{pupil.pk}")
        if text == "":
            found[pupil.pk] = None
        elif text and is_uuid(text) and UUID(text) in allowed:
            found[pupil.pk] = UUID(text)
    return found
