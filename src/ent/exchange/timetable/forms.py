"""A timetable file, and what its names stand for."""

from collections.abc import Iterator
from itertools import groupby

from django import forms
from django.forms import BoundField

from ent.exchange.timetable.matching import CREATE, LEAVE, Candidate, Kind, Matched
from ent.exchange.timetable.table import FIELDS
from ent.school.people.queries import teachers
from ent.school.structure.models import Division

LARGEST = 20 * 1024 * 1024
FORMATS = "EDT (XML non chiffré), UnDeuxTemps (ZIP), STS-web (XML), iCalendar (.ics) ou tableau (CSV, GP-Untis)"
# On one page; the answers being kept, the others come next.
SHOWN = 150
KINDS = {Kind.TEACHER: "Enseignants", Kind.DIVISION: "Classes", Kind.GROUP: "Groupes", Kind.SUBJECT: "Matières",
         Kind.ROOM: "Salles"}  # fmt: skip


class FileForm(forms.Form):
    """The file, and for a calendar whose it is."""

    file = forms.FileField(label="Fichier", help_text=f"{FORMATS}. 20 Mo au plus.")
    teacher = forms.ModelChoiceField(None, label="Enseignant", required=False, empty_label="—")
    division = forms.ModelChoiceField(None, label="Ou classe", required=False, empty_label="—")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["teacher"].queryset = teachers()
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
        self.fields["ends"].help_text = "Aucune, si les heures sont celles de votre grille (« M1 », « 3 »)."
        self.fields["lesson"].help_text = "Les lignes de même numéro et de mêmes heures forment un seul cours."


class NamesForm(forms.Form):
    """What each name stands for that was not found, or whose meaning is to be changed."""

    def __init__(self, asked: list[Matched], candidates: dict[Kind, list[Candidate]], *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.asked = asked[:SHOWN]
        self.later = len(asked) - len(self.asked)
        for one in self.asked:
            near = [(str(there.pk), f"{there.label} ?") for there in candidates[one.kind] if there.pk in one.proposals]
            others = [(str(there.pk), there.label) for there in candidates[one.kind] if there.pk not in one.proposals]
            create = [(CREATE, f"Créer « {one.named.name[:60]} »")] if one.is_creatable else []
            self.fields[one.field] = forms.ChoiceField(
                label=f"{one.named.name} ({one.lessons} cours)" if one.lessons else one.named.name,
                required=False, initial=_initial(one),
                choices=[("", "À choisir"), *near, *create, (LEAVE, "Laisser de côté"), *others],
            )  # fmt: skip

    def by_kind(self) -> Iterator[tuple[str, list[BoundField], list[BoundField]]]:
        """The fields that want an answer, and those of what will be created, under the plural of what they name."""
        for kind, those in groupby(self.asked, lambda one: one.kind):
            fields = [self[one.field] for one in those]
            created = [field for field in fields if field.value() == CREATE]
            yield KINDS[kind], [field for field in fields if field not in created], created

    def answers(self) -> dict[str, str]:
        """What is answered, or would be if the form were sent as it stands."""
        return {one.field: str(self[one.field].value() or "") for one in self.asked}

    def ask_the_rest(self) -> bool:
        """Say beside each name without an answer that one is needed; tells whether there were any."""
        missing = [one.field for one in self.asked if not self.cleaned_data.get(one.field)]
        for name in missing:
            self.add_error(name, "Choisissez, ou « Laisser de côté ».")
        return bool(missing)


def _initial(one: Matched) -> str:
    if one.is_settled:
        return str(one.object_id) if one.object_id else LEAVE
    return CREATE if one.is_creatable and not one.proposals else ""
