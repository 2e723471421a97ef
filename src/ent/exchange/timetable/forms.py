"""A timetable file, and what its names stand for."""

from django import forms

from ent.exchange.timetable.matching import Candidate, Kind, Matched
from ent.exchange.timetable.table import FIELDS
from ent.school.people.models import Function, Person, Profile
from ent.school.structure.models import Division

LARGEST = 20 * 1024 * 1024
FORMATS = "EDT (XML en clair), UnDeuxTemps (ZIP), STS-web (XML), iCalendar (.ics) ou tableau (CSV)"


class FileForm(forms.Form):
    """The file, and for a calendar whose it is."""

    file = forms.FileField(label="Fichier", help_text=f"{FORMATS}. 20 Mo au plus.")
    teacher = forms.ModelChoiceField(
        None, label="Calendrier de l'enseignant", required=False, empty_label="—",
        help_text="Seulement pour un fichier iCalendar : dites de qui il est.",
    )  # fmt: skip
    division = forms.ModelChoiceField(None, label="Ou de la classe", required=False, empty_label="—")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        teachers = Person.objects.filter(profile=Profile.STAFF, closed_at=None, functions__function=Function.TEACHER)
        self.fields["teacher"].queryset = teachers.distinct()
        self.fields["division"].queryset = Division.objects.filter(year__is_current=True, closed_at=None)

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise forms.ValidationError("Ce fichier dépasse 20 Mo : exportez l'emploi du temps seul, sans les photos.")
        return file


class ColumnsForm(forms.Form):
    """Which column of a table is what; kept for the next file with the same heading."""

    def __init__(self, header: list[str], guessed: dict[str, str], *args, **kwargs):
        super().__init__(*args, **kwargs)
        choices = [("", "— aucune —"), *((name, name) for name in header)]
        for name, label in FIELDS.items():
            self.fields[name] = forms.ChoiceField(
                label=label, choices=choices, required=False, initial=guessed.get(name, "")
            )


class NamesForm(forms.Form):
    """What each name that was not found stands for."""

    def __init__(self, unmatched: list[Matched], candidates: dict[Kind, list[Candidate]], *args, **kwargs):
        super().__init__(*args, **kwargs)
        for one in unmatched:
            first = [(str(there.pk), f"{there.label} ?") for there in candidates[one.kind] if there.pk in one.proposals]
            others = [(str(there.pk), there.label) for there in candidates[one.kind] if there.pk not in one.proposals]
            create = [("create", "Créer")] if one.is_creatable else []
            self.fields[one.field] = forms.ChoiceField(
                label=f"{one.kind.label} « {one.named.name} »", required=False,
                choices=[*first, *create, ("", "Laisser de côté"), *others],
            )  # fmt: skip
