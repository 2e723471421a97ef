"""What is typed about teaching plans and readings."""

from datetime import timedelta

from django import forms
from django.utils import timezone

from ent.kernel.fields import DayField
from ent.school.lessons.forms import MINUTES, FilesField, at_most
from ent.school.lessons.models import TeachingPlan
from ent.school.people.models import Person, Profile
from ent.school.structure.models import Division, Subject, Teaching

LONGEST_READING = 92


class PlanForm(forms.Form):
    """A plan: what it is of, and who sees it."""

    title = forms.CharField(label="Titre", max_length=120)
    subject = forms.ModelChoiceField(Subject.objects.none(), label="Matière", empty_label="Choisissez une matière",
                                     error_messages={"required": "Choisissez une matière."})  # fmt: skip
    grade = forms.CharField(label="Niveau", max_length=20, required=False, help_text="Par exemple : 5e.")
    sharing = forms.ChoiceField(label="Partage", choices=TeachingPlan.Sharing.choices, initial="private")

    def __init__(self, *args, teacher, plan: TeachingPlan | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        mine = Teaching.objects.filter(teacher=teacher).exclude(subject=None)
        subjects = Subject.objects.filter(pk__in=mine.values("subject"))
        if plan and plan.subject_id:
            subjects = Subject.objects.filter(pk__in=mine.values("subject")) | Subject.objects.filter(
                pk=plan.subject_id
            )
        self.fields["subject"].queryset = subjects.order_by("label")


class StepForm(forms.Form):
    """A planned session."""

    title = forms.CharField(label="Titre de la séance", max_length=120)
    content = forms.CharField(label="Contenu", required=False, validators=[at_most(60_000)],
                              widget=forms.Textarea(attrs={"rows": 8, "data-rich": ""}))  # fmt: skip
    homework = forms.CharField(label="Travail à faire pour la fois suivante", required=False,
                               validators=[at_most(20_000)],
                               widget=forms.Textarea(attrs={"rows": 3, "data-rich": ""}))  # fmt: skip
    minutes = forms.TypedChoiceField(label="Durée estimée du travail", choices=MINUTES, coerce=int, initial=0)
    files = FilesField(label="Documents")  # type: ignore[assignment]
    link = forms.URLField(label="Lien", required=False, assume_scheme="https")


class ReadingForm(forms.Form):
    """Whose log is opened to whom, until when."""

    reader = forms.CharField(label="Nom et qualité de l'inspecteur", max_length=120,
                             help_text="Par exemple : M. Roy, IA-IPR de mathématiques.")  # fmt: skip
    teacher = forms.ModelChoiceField(Person.objects.none(), label="Enseignant", required=False, empty_label="—")
    division = forms.ModelChoiceField(Division.objects.none(), label="Ou classe", required=False, empty_label="—")
    until = DayField(label="Jusqu'au")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        teachers = Teaching.objects.filter(closed_at=None).values("teacher")
        self.fields["teacher"].queryset = Person.objects.filter(
            pk__in=teachers, profile=Profile.STAFF, closed_at=None
        ).order_by("sort_key")
        self.fields["division"].queryset = Division.objects.filter(year__is_current=True, closed_at=None)

    def clean_until(self):
        until, today = self.cleaned_data["until"], timezone.localdate()
        if not today <= until <= today + timedelta(days=LONGEST_READING):
            raise forms.ValidationError("Choisissez un jour à venir, dans les trois mois.")
        return until

    def clean(self):
        cleaned = super().clean() or {}
        if not self.errors and bool(cleaned.get("teacher")) == bool(cleaned.get("division")):
            raise forms.ValidationError("Choisissez un enseignant, ou une classe.")
        return cleaned
