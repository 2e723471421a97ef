"""What is typed about thresholds: rules, steps, who follows, what is sent to the academy."""

from datetime import timedelta

from django import forms
from django.utils import timezone

from ent.kernel.fields import DayField
from ent.school.absences.models import AcademyReport, AlertRule, AlertStep
from ent.school.people.models import Function, Person

FOLLOWERS = (Function.CPE, Function.SCHOOL_HEAD, Function.DEPUTY_HEAD)
NOT_YET = "Cette date est dans l’avenir : donnez une date passée."


class RuleForm(forms.ModelForm):
    """A threshold, and who follows it."""

    class Meta:
        model = AlertRule
        fields = ["kind", "count", "window_days", "owner_function"]

    def clean_count(self):
        if not self.cleaned_data["count"]:
            raise forms.ValidationError("Donnez un nombre d'au moins 1.")
        return self.cleaned_data["count"]

    def clean_window_days(self):
        if not 1 <= self.cleaned_data["window_days"] <= 366:
            raise forms.ValidationError("Donnez un nombre de jours entre 1 et 366.")
        return self.cleaned_data["window_days"]

    def clean(self):
        cleaned = super().clean() or {}
        same = {name: cleaned.get(name) for name in ("kind", "count", "window_days")}
        if all(same.values()) and AlertRule.objects.filter(closed_at=None, **same).exists():
            self.add_error("count", "Ce seuil existe déjà.")
        return cleaned


def owners() -> list[Person]:
    """Who may follow absences: CPE and direction. One query."""
    held = Person.objects.filter(closed_at=None, functions__function__in=FOLLOWERS, functions__closed_at=None)
    return list(held.distinct().order_by("sort_key"))


class OwnedForm(forms.Form):
    """Someone is named."""

    owner = forms.TypedChoiceField(label="Confier à", error_messages={
        "required": "Choisissez quelqu’un.", "invalid_choice": "Cette personne ne suit pas les absences."})  # fmt: skip

    def __init__(self, *args, owners: list[Person], **kwargs):
        super().__init__(*args, **kwargs)
        known = {str(one.pk): one for one in owners}
        self.fields["owner"].choices = [(key, one.formal_name) for key, one in known.items()]
        self.fields["owner"].coerce = known.__getitem__


class PlanForm(OwnedForm):
    """A step to take, by whom, by when."""

    kind = forms.ChoiceField(label="Étape", choices=AlertStep.Kind.choices)
    due_on = DayField(label="À faire pour le", error_messages={"required": "Dites pour quand."})
    field_order = ["kind", "owner", "due_on"]

    def clean_due_on(self):
        if self.cleaned_data["due_on"] < timezone.localdate():
            raise forms.ValidationError("Cette date est passée : choisissez-en une à venir.")
        if self.cleaned_data["due_on"] > timezone.localdate() + timedelta(days=366):
            raise forms.ValidationError("Cette date est trop éloignée. Vérifiez l’année.")
        return self.cleaned_data["due_on"]


def _past(day, earliest=None):
    if day > timezone.localdate():
        raise forms.ValidationError(NOT_YET)
    if earliest and day < earliest:
        raise forms.ValidationError("Cette date vient avant l’envoi : vérifiez-la.")
    return day


class DoneForm(forms.Form):
    """A step that was taken."""

    kind = forms.ChoiceField(label="Étape", choices=AlertStep.Kind.choices)
    done_on = DayField(label="Fait le", error_messages={"required": "Dites quand."})
    note = forms.CharField(label="Ce qu’il en est sorti (facultatif)", required=False, max_length=300, error_messages={
        "max_length": "Écrivez 300 caractères au plus."})  # fmt: skip

    def clean_done_on(self):
        return _past(self.cleaned_data["done_on"])


class CloseForm(forms.Form):
    """How a procedure ended."""

    words = forms.CharField(label="Conclusion", max_length=300, error_messages={
        "required": "Dites comment la procédure se termine.",
        "max_length": "Écrivez 300 caractères au plus."})  # fmt: skip


class ObservationsForm(forms.Form):
    """The head's words of the report."""

    observations = forms.CharField(
        label="Avis du chef d’établissement", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Figure dans le dossier envoyé à l’académie.",
        error_messages={"max_length": "Écrivez 2 000 caractères au plus."},
    )  # fmt: skip


class SendForm(forms.Form):
    """The report left."""

    sent_on = DayField(label="Envoyé le", error_messages={"required": "Dites quand."})
    way = forms.ChoiceField(label="Comment", choices=AcademyReport.Way.choices)

    def clean_sent_on(self):
        return _past(self.cleaned_data["sent_on"])


class ReceivedForm(forms.Form):
    """The academy has it."""

    acknowledged_on = DayField(label="Accusé de réception du", error_messages={"required": "Dites quand."})
    answer = forms.CharField(label="Suite donnée par l’académie (facultatif)", required=False, max_length=500,
                             error_messages={"max_length": "Écrivez 500 caractères au plus."})  # fmt: skip

    def __init__(self, *args, sent_on, **kwargs):
        super().__init__(*args, **kwargs)
        self.sent_on = sent_on

    def clean_acknowledged_on(self):
        return _past(self.cleaned_data["acknowledged_on"], self.sent_on)
