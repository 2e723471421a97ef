"""What is typed of a note."""

from collections.abc import Iterable
from datetime import date, timedelta
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from ent.kernel.fields import DayField
from ent.kernel.text import of
from ent.school.lessons.forms import FilesField, at_most
from ent.school.lessons.text import cleaned, plain
from ent.school.notes.models import Note, NoteFile, NoteRecipient
from ent.school.people.models import Person
from ent.school.structure.models import Division, Group

LONGEST_TEXT = 20_000
LONGEST_NAME = 120
LATEST = timedelta(days=366)


class NoteForm(forms.Form):
    """A note as it is written. `client_id`: of the page it is written on, so that it is made once."""

    client_id = forms.Field(required=False, widget=forms.HiddenInput)
    title = forms.CharField(
        label="Titre", max_length=120, help_text="Par exemple : Sortie au musée, vendredi 4 décembre."
    )
    content = forms.CharField(
        label="Texte", validators=[at_most(LONGEST_TEXT)], widget=forms.Textarea(attrs={"rows": 8, "data-rich": ""}),
        help_text="Pour du gras, **gras** ; en italique, _italique_ ; une liste, un tiret par ligne.",
    )  # fmt: skip
    kind = forms.ChoiceField(
        label="Ce que vous demandez", choices=Note.Kind, widget=forms.RadioSelect, initial=Note.Kind.SIGN
    )
    due_on = DayField(label="Réponse au plus tard le")
    asks = forms.ChoiceField(
        label="Qui répond pour chaque élève", choices=Note.Asks, widget=forms.RadioSelect, initial=Note.Asks.ONE
    )
    asks_adults = forms.BooleanField(
        label="Les élèves majeurs répondent eux-mêmes, à la place de leurs responsables", required=False
    )
    everyone = forms.BooleanField(label="Toutes les classes", required=False)
    divisions = forms.ModelMultipleChoiceField(
        Division.objects.none(), label="Classes", required=False, widget=forms.CheckboxSelectMultiple
    )
    groups = forms.ModelMultipleChoiceField(
        Group.objects.none(), label="Groupes", required=False, widget=forms.CheckboxSelectMultiple
    )
    pupils = forms.ModelMultipleChoiceField(
        Person.objects.none(), label="Élèves", required=False, widget=forms.CheckboxSelectMultiple
    )
    files = FilesField(label="Documents à joindre")  # type: ignore[assignment]
    removed = forms.ModelMultipleChoiceField(
        NoteFile.objects.none(), label="Retirer un document joint", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args, divisions, groups, pupils, whole_school: bool, joined=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["divisions"].queryset, self.fields["groups"].queryset = divisions, groups
        self.fields["pupils"].queryset = pupils
        self.fields["removed"].queryset = joined if joined is not None else NoteFile.objects.none()
        self.fields["removed"].label_from_instance = lambda file: file.name
        if not whole_school:
            del self.fields["everyone"]

    def clean_content(self) -> str:
        if not plain(cleaned(self.cleaned_data["content"])):
            raise ValidationError("Écrivez le texte avec des mots.")
        return self.cleaned_data["content"]

    def clean_due_on(self) -> date:
        day, today = self.cleaned_data["due_on"], timezone.localdate()
        if day < today:
            raise ValidationError("Cette date est passée : choisissez un jour à venir.")
        if day > today + LATEST:
            raise ValidationError("Cette date est trop lointaine : choisissez un jour de l'année qui vient.")
        return day

    def clean(self):
        found = super().clean() or {}
        if found.get("everyone"):
            found["divisions"] = list(self.fields["divisions"].queryset)
        chosen = [found.get(name) for name in ("divisions", "groups", "pupils")]
        if not any(chosen) and not {"divisions", "groups", "pupils"} & set(self.errors):
            self.add_error("divisions", "Choisissez au moins une classe, un groupe ou un élève.")
        return found

    @property
    def audiences(self) -> list[dict]:
        """Each class, group and pupil chosen."""
        found = self.cleaned_data
        return [
            *({"division": one} for one in found["divisions"]),
            *({"group": one} for one in found["groups"]),
            *({"pupil": one} for one in found["pupils"]),
        ]

    @property
    def values(self) -> dict:
        """What the note itself holds."""
        return {name: self.cleaned_data[name] for name in
                ("title", "content", "kind", "due_on", "asks", "asks_adults")}  # fmt: skip


class PaperForm(forms.Form):
    """Papers brought back: of each person asked, an answer or nothing, and the name that stands on the paper."""

    received_on = DayField(label="Rendus le")

    def __init__(self, data, note: Note, recipients: Iterable[NoteRecipient]):
        super().__init__(data, initial={"received_on": timezone.localdate()})
        self.recipients = list(recipients)
        choices = [("", "Rien de nouveau"), *((one.value, one.label) for one in note.answers)]
        for one in self.recipients:
            shown = f"{one.pupil.display_name} · {one.who}"
            self.fields[f"answer-{one.pk}"] = forms.ChoiceField(
                label=f"Réponse pour {shown}", choices=choices, required=False
            )
            self.fields[f"name-{one.pk}"] = forms.CharField(
                label=f"Nom lu sur le papier {of(one.pupil.display_name)}", max_length=LONGEST_NAME, required=False,
                initial=one.person.formal_name if one.person else "",
            )  # fmt: skip

    def clean_received_on(self) -> date:
        day = self.cleaned_data["received_on"]
        if day > timezone.localdate():
            raise ValidationError("Ce jour n'est pas encore venu : choisissez le jour où le papier a été rendu.")
        return day

    def clean(self):
        found = super().clean() or {}
        for one in self.recipients:
            if found.get(f"answer-{one.pk}") and not found.get(f"name-{one.pk}", "").strip():
                self.add_error(f"name-{one.pk}", "Écrivez le nom de la personne qui a signé.")
        if not self.errors and not self.rows:
            raise ValidationError("Choisissez une réponse pour au moins un papier.")
        return found

    @property
    def rows(self) -> list[tuple[UUID, str, str]]:
        """(line, answer, name) of what was brought back."""
        found = self.cleaned_data
        return [(one.pk, found[f"answer-{one.pk}"], found[f"name-{one.pk}"].strip())
                for one in self.recipients if found.get(f"answer-{one.pk}")]  # fmt: skip

    def fields_of(self, one: NoteRecipient):
        """The two fields of a line."""
        return self[f"answer-{one.pk}"], self[f"name-{one.pk}"]
