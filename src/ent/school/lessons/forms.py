"""What is typed about a lesson."""

from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import MaxLengthValidator
from django.utils import timezone

from ent.kernel.documents import ALL
from ent.kernel.fields import DayField, MomentField
from ent.school.lessons.text import LONGEST, cleaned, plain
from ent.school.people.storage import accepted

MINUTES = [(0, "Pas de durée"), *((one, f"{one} minutes") for one in (5, 10, 15, 20, 30, 45, 60, 90))]
HABITS = [("end", "À la fin de la séance"), ("start", "Au début de la séance"), ("now", "Tout de suite"),
          ("draft", "Plus tard (brouillon)")]  # fmt: skip
PUBLISH = [*HABITS[:3], ("morning", "Demain matin à 7 h 30"), ("on", "À une date que je choisis"), HABITS[3]]


def at_most(limit: int) -> MaxLengthValidator:
    """Refused in words; a `maxlength` in the page would cut what is pasted in silence."""
    shown = f"{limit:,}".replace(",", "\N{NO-BREAK SPACE}")
    return MaxLengthValidator(limit, f"Ce texte dépasse {shown} signes : raccourcissez-le ou joignez un document.")


class FilesInput(forms.ClearableFileInput):
    """Several files at once."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files, each checked by its content against the school's storage."""

    def __init__(self, **kwargs):
        super().__init__(widget=FilesInput(attrs={"accept": ",".join(sorted(ALL))}), required=False, **kwargs)

    def clean(self, data, initial=None) -> list[UploadedFile]:
        several = data if isinstance(data, list | tuple) else [data] if data else []
        return accepted(super(FilesField, self).clean(one, initial) for one in several if one)


class ShownForm(forms.Form):
    """When what is typed is shown to pupils and families."""

    publish = forms.ChoiceField(label="Montrer", choices=PUBLISH, initial="end")
    publish_on = MomentField(label="Date choisie", required=False)

    def clean(self):
        found = super().clean() or {}
        if found.get("publish") == "on" and not found.get("publish_on") and "publish_on" not in self.errors:
            self.add_error("publish_on", "Choisissez la date et l'heure, ou un autre moment pour montrer.")
        return found


class ContentForm(ShownForm):
    """What was done."""

    content = forms.CharField(
        label="Contenu de la séance", required=False, validators=[at_most(LONGEST)],
        widget=forms.Textarea(attrs={"rows": 8, "data-rich": ""}),
        help_text="Pour du gras, **gras** ; en italique, _italique_ ; une liste, un tiret par ligne. "
        "Une formule s'écrit entre deux dollars : $\\frac{1}{2}$.",
    )  # fmt: skip
    private_note = forms.CharField(
        label="Note pour moi", required=False, validators=[at_most(4000)], widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Jamais montrée aux élèves ni aux familles.",
    )  # fmt: skip
    based_on = forms.IntegerField(widget=forms.HiddenInput, initial=0)
    field_order = ["content", "private_note", "publish", "publish_on", "based_on"]

    def __init__(self, *args, hides_note: bool = False, **kwargs):
        super().__init__(*args, **kwargs)
        if hides_note:
            del self.fields["private_note"]


def said(work: str) -> str:
    """The same text, if something is left of it once cleaned."""
    if not plain(cleaned(work)):
        raise ValidationError("Écrivez le travail à faire avec des mots.")
    return work


class HomeworkForm(ShownForm):
    """Work to do."""

    work = forms.CharField(label="Travail à faire", widget=forms.Textarea(attrs={"rows": 4, "data-rich": ""}),
                           validators=[at_most(20_000)])  # fmt: skip
    due = forms.ChoiceField(label="Pour", widget=forms.RadioSelect, required=False)
    due_on = DayField(label="Ou pour une autre date", required=False)
    minutes = forms.TypedChoiceField(label="Durée estimée", choices=MINUTES, coerce=int, initial=20)
    is_test = forms.BooleanField(label="C'est un contrôle", required=False)
    takes_files = forms.BooleanField(label="À rendre en ligne", required=False)
    files = FilesField(label="Documents")  # type: ignore[assignment]
    link = forms.URLField(label="Lien", required=False, assume_scheme="https")

    def __init__(self, *args, next_sessions=(), days=(), why_off=lambda day: "", **kwargs):
        super().__init__(*args, **kwargs)
        self.next_sessions, self.why_off = {str(one.pk): one for one in next_sessions}, why_off
        self.days = {str(day): day for day in days}
        self.fields["due"].choices = [
            *((key, str(one.day)) for key, one in self.next_sessions.items()), *((key, key) for key in self.days)
        ]  # fmt: skip
        if self.next_sessions:
            self.fields["due"].initial = next(iter(self.next_sessions))

    def clean_work(self) -> str:
        return said(self.cleaned_data["work"])

    def clean(self):
        cleaned = super().clean() or {}
        session = self.next_sessions.get(cleaned.get("due", ""))
        chosen = session.day if session else self.days.get(cleaned.get("due", ""))
        day: date | None = cleaned.get("due_on") or chosen
        if day is None:
            raise ValidationError("Dites pour quand : une des prochaines séances, ou une date.")
        if day < timezone.localdate():
            self.add_error("due_on", "Cette date est passée : choisissez un jour à venir.")
        elif cleaned.get("due_on") and (why := self.why_off(day)):
            self.add_error("due_on", f"{why} Choisissez un autre jour.")
        cleaned["day"], cleaned["session"] = day, None if cleaned.get("due_on") else session
        return cleaned


class DocumentsForm(forms.Form):
    """Documents and a link joined to a session's content."""

    files = FilesField(label="Documents", help_text="Plusieurs à la fois si vous voulez, 25 Mo au plus chacun.")  # type: ignore[assignment]
    link = forms.URLField(label="Lien", required=False, assume_scheme="https")

    def clean(self):
        cleaned = super().clean() or {}
        if not self.errors and not cleaned.get("files") and not cleaned.get("link"):
            raise ValidationError("Choisissez un document, ou écrivez l'adresse d'un lien.")
        return cleaned


class HabitForm(forms.Form):
    """When what one writes is shown, most often."""

    publish = forms.ChoiceField(label="Montrer d'ordinaire mes contenus et mes devoirs", choices=HABITS, initial="end")


class OwnTaskForm(forms.Form):
    """A to-do of one's own."""

    text = forms.CharField(label="À faire pour moi", max_length=200)
    due_on = DayField(label="Pour le")

    def clean_due_on(self):
        if self.cleaned_data["due_on"] < timezone.localdate():
            raise forms.ValidationError("Ce jour est passé. Choisissez aujourd’hui ou un jour à venir.")
        return self.cleaned_data["due_on"]


class HandInForm(forms.Form):
    """What a pupil hands in."""

    text = forms.CharField(label="Votre réponse", required=False, validators=[at_most(20_000)],
                           widget=forms.Textarea(attrs={"rows": 6}))  # fmt: skip
    files = FilesField(label="Fichiers ou photos")  # type: ignore[assignment]

    def clean(self):
        cleaned = super().clean() or {}
        if not self.errors and not cleaned.get("text", "").strip() and not cleaned.get("files"):
            raise ValidationError("Écrivez une réponse ou choisissez un fichier, puis rendez votre travail.")
        return cleaned


class ReturnForm(forms.Form):
    """What a teacher gives back."""

    comment = forms.CharField(label="Commentaire", validators=[at_most(8000)], widget=forms.Textarea(attrs={"rows": 3}))
    files = FilesField(label="Copie annotée")  # type: ignore[assignment]


class EndorseForm(forms.Form):
    """Having read a class's log."""

    comment = forms.CharField(label="Observation", required=False, max_length=400)


class EditForm(ShownForm):
    """Work already given, or a draft."""

    work = forms.CharField(label="Travail à faire", validators=[at_most(20_000)],
                           widget=forms.Textarea(attrs={"rows": 4, "data-rich": ""}))  # fmt: skip
    due_on = DayField(label="Pour le")
    minutes = forms.TypedChoiceField(label="Durée estimée", choices=MINUTES, coerce=int)
    is_test = forms.BooleanField(label="C'est un contrôle", required=False)
    takes_files = forms.BooleanField(label="À rendre en ligne", required=False)
    field_order = ["work", "due_on", "minutes", "is_test", "takes_files", "publish", "publish_on"]

    def __init__(self, *args, why_off=lambda day: "", **kwargs):
        super().__init__(*args, **kwargs)
        self.why_off = why_off

    def clean_work(self) -> str:
        return said(self.cleaned_data["work"])

    def clean_due_on(self) -> date:
        day = self.cleaned_data["due_on"]
        if day != self.initial.get("due_on"):
            if day < timezone.localdate():
                raise ValidationError("Cette date est passée : choisissez un jour à venir.")
            if why := self.why_off(day):
                raise ValidationError(f"{why} Choisissez un autre jour.")
        return day
