"""What student life and the office record beforehand."""

from django import forms

from ent.kernel import documents
from ent.kernel.fields import DayField, MomentField
from ent.school.attendance.models import Exemption, Outing, Passage
from ent.school.people.models import Person, Profile
from ent.school.people.storage import accepted
from ent.school.structure.models import Division, Subject
from ent.school.timetable.models import Weekday


class PupilField(forms.ModelChoiceField):
    """A pupil of the school, chosen by name in a list that filters as one types."""

    def __init__(self, **kwargs):
        kwargs.setdefault("label", "Élève")
        super().__init__(Person.objects.filter(profile=Profile.PUPIL, closed_at=None), empty_label="Choisir", **kwargs)

    def label_from_instance(self, obj: Person) -> str:
        return f"{obj.last_name} {obj.first_name}"


class PassageForm(forms.Form):
    """A pupil arrives somewhere."""

    pupil = PupilField()
    place = forms.ChoiceField(label="Lieu", choices=Passage.Place.choices)
    reason = forms.CharField(label="Motif", max_length=200, required=False)


class ExemptionForm(forms.ModelForm):
    """An exemption: whose, from what, until when."""

    pupil = PupilField()
    subject = forms.ModelChoiceField(
        Subject.objects.order_by("label"), label="Matière", required=False, empty_label="Toutes"
    )

    weekday = forms.TypedChoiceField(
        label="Jour", required=False, coerce=int, empty_value=None, choices=[("", "Tous"), *Weekday.choices]
    )
    document = forms.FileField(
        label="Certificat (facultatif)", required=False, help_text="Photo ou PDF, 25 Mo au plus.", max_length=200,
        widget=forms.FileInput(attrs={"accept": ",".join(sorted(documents.PAPERS))}),
        error_messages={"empty": "Ce fichier est vide. Choisissez-en un autre.",
                        "max_length": "Le nom de ce fichier est trop long : renommez-le."},
    )  # fmt: skip

    class Meta:
        model = Exemption
        fields = ["pupil", "subject", "weekday", "starts_on", "ends_on", "must_attend", "reason"]
        field_classes = {"starts_on": DayField, "ends_on": DayField}

    def clean_document(self):
        file = self.cleaned_data["document"]
        return accepted([file], documents.PAPERS)[0] if file else file

    def clean(self):
        cleaned = super().clean() or {}
        if cleaned.get("starts_on") and cleaned.get("ends_on") and cleaned["starts_on"] > cleaned["ends_on"]:
            self.add_error("ends_on", "La fin est avant le début : vérifiez les deux dates.")
        return cleaned


class OutingForm(forms.ModelForm):
    """An outing: what, when, which classes."""

    divisions = forms.ModelMultipleChoiceField(
        Division.objects.filter(closed_at=None, year__is_current=True), label="Classes",
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip

    class Meta:
        model = Outing
        fields = ["kind", "title", "starts_at", "ends_at"]
        field_classes = {"starts_at": MomentField, "ends_at": MomentField}

    def clean(self):
        cleaned = super().clean() or {}
        if cleaned.get("starts_at") and cleaned.get("ends_at") and cleaned["starts_at"] >= cleaned["ends_at"]:
            self.add_error("ends_at", "La fin est avant le début : vérifiez les deux heures.")
        return cleaned
