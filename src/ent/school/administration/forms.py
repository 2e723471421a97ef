"""What the school's administrator chooses."""

from django import forms

from ent.school.administration.photos import LARGEST_ZIP
from ent.school.administration.queries import AUDIENCES, STAFF, STATES, current_divisions
from ent.school.people.models import Function, Person, Profile


class FilterForm(forms.Form):
    """Whose accounts, in which state."""

    audience = forms.ChoiceField(
        label="Qui", required=False, choices=[("", "Tout le monde"), *AUDIENCES.items(), (STAFF, "Personnel")]
    )
    division = forms.ModelChoiceField(None, label="Classe", required=False, empty_label="Toutes")
    state = forms.ChoiceField(label="État", required=False, choices=[("", "Tous"), *STATES.items()])

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["division"].queryset = current_divisions()


class PrintForm(forms.Form):
    """Whose letters: a class's pupils or families, or the staff."""

    audience = forms.ChoiceField(label="Pour", choices=[*AUDIENCES.items(), (STAFF, "Le personnel")])
    division = forms.ModelChoiceField(
        None, label="Classe", required=False, empty_label="Choisir une classe", help_text="Inutile pour le personnel."
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["division"].queryset = current_divisions()

    def clean(self):
        cleaned = super().clean() or {}
        if str(cleaned.get("audience")) in AUDIENCES and not cleaned.get("division") and "division" not in self.errors:
            self.add_error("division", "Choisissez une classe.")
        return cleaned


class PhotosForm(forms.Form):
    """An archive of photos, for a class or for the school."""

    division = forms.ModelChoiceField(
        None,
        label="Pour",
        required=False,
        empty_label="Tout l'établissement",
        help_text="Choisissez une classe si deux élèves de l'établissement portent le même nom.",
    )
    archive = forms.FileField(
        label="Archive ZIP",
        help_text="Une photo par élève (JPEG, PNG ou WebP), 10 Mo au plus chacune.",
        error_messages={
            "required": "Choisissez une archive ZIP, puis recommencez.",
            "empty": "Cette archive est vide. Choisissez-en une autre.",
        },
        widget=forms.FileInput(attrs={"accept": ".zip,application/zip"}),
    )  # fmt: skip

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["division"].queryset = current_divisions()

    def clean_archive(self):
        archive = self.cleaned_data["archive"]
        if archive.size > LARGEST_ZIP:
            raise forms.ValidationError("Cette archive dépasse 300 Mo. Envoyez-la classe par classe.")
        return archive


class FunctionForm(forms.Form):
    """A function for a member of staff."""

    person = forms.ModelChoiceField(None, label="Personne", empty_label="Choisir une personne")
    function = forms.ChoiceField(label="Fonction", choices=Function.choices)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = Person.objects.filter(profile=Profile.STAFF, closed_at=None)
        self.fields["person"].label_from_instance = lambda person: f"{person.last_name} {person.first_name}"
