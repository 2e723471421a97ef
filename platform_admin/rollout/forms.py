"""What officers type about waves, steps, agreements and training."""

import re
from datetime import date

from django import forms
from django.utils import timezone

from ent.kernel.fields import DayField, HourField
from platform_admin.rollout import documents
from platform_admin.rollout.models import Agreement, Step, Wave
from platform_admin.rollout.moves import spoken
from tenants.liaison.models import Seats, Training
from tenants.models import Authority, School, uai_is_valid

# A paste of the whole country's list fits.
MOST_PASTED = 20_000


def not_past(day: date | None) -> date | None:
    """Refuse a day that is over."""
    if day and day < timezone.localdate():
        raise forms.ValidationError(f"Le {spoken(day)} est passé : choisissez un jour à venir.")
    return day


def not_future(day: date | None) -> date | None:
    """Refuse a day that has not come."""
    if day and day > timezone.localdate():
        raise forms.ValidationError(f"Le {spoken(day)} n’est pas encore venu.")
    return day


class DocumentField(forms.FileField):
    """A signed document, checked by its content."""

    widget = forms.FileInput(attrs={"accept": documents.ACCEPT})

    def clean(self, data, initial=None):
        return documents.checked(super().clean(data, initial))


class WaveForm(forms.ModelForm):
    """A wave; its dates, where they change, are to come."""

    starts_on = DayField(label="Début", required=False, help_text="Quand ses établissements se mettent au travail.")
    opens_on = DayField(
        label="Ouverture", required=False, help_text="Ce jour-là, ses établissements prêts ouvrent d’eux-mêmes."
    )

    class Meta:
        model = Wave
        fields = ["name", "number", "starts_on", "opens_on", "note"]
        widgets = {"note": forms.Textarea(attrs={"rows": 3})}
        error_messages = {"number": {"unique": "Une autre vague a déjà cet ordre : choisissez-en un autre."}}

    def _kept_or_to_come(self, name: str):
        day = self.cleaned_data[name]
        return day if day == getattr(self.instance, name) else not_past(day)

    def clean_starts_on(self):
        return self._kept_or_to_come("starts_on")

    def clean_opens_on(self):
        return self._kept_or_to_come("opens_on")

    def clean(self):
        cleaned = super().clean() or self.cleaned_data
        starts, opens = cleaned.get("starts_on"), cleaned.get("opens_on")
        if starts and opens and starts > opens:
            self.add_error("opens_on", "Une vague ouvre après son début.")
        return cleaned

    def validate_constraints(self):
        """Already said in clean()."""


class PasteForm(forms.Form):
    """UAIs pasted from a list or a spreadsheet."""

    uais = forms.CharField(
        label="Numéros d’établissement (UAI)",
        max_length=MOST_PASTED * 10,
        widget=forms.Textarea(attrs={"rows": 6, "autocapitalize": "characters", "spellcheck": "false"}),
        help_text="Un par ligne, ou séparés par des espaces, des virgules ou des points-virgules.",
        error_messages={"required": "Collez au moins un UAI."},
    )

    def clean_uais(self) -> list[str]:
        """In the order typed, each once, in capitals."""
        return list(dict.fromkeys(re.findall(r"[^\s,;]+", self.cleaned_data["uais"].upper())))


def sort_uais(typed: list[str]) -> tuple[dict[str, School], list[str], list[str]]:
    """Pasted UAIs: the schools found, what is no UAI, and UAIs that no school here has."""
    known = {school.uai: school for school in School.objects.filter(uai__in=typed)}
    invalid = [uai for uai in typed if uai not in known and not uai_is_valid(uai)]
    unknown = [uai for uai in typed if uai not in known and uai_is_valid(uai)]
    return known, invalid, unknown


class FilterForm(forms.Form):
    """Which schools a list shows."""

    q = forms.CharField(label="Nom, commune ou UAI", required=False, max_length=80)
    authority = forms.ChoiceField(label="Collectivité", required=False)
    kind = forms.ChoiceField(label="Type", required=False, choices=[("", "Tous"), *School.kind.field.choices])
    departement = forms.ChoiceField(label="Département", required=False)
    state = forms.ChoiceField(label="État", required=False, choices=[("", "Tous"), *School.State.choices])
    placed = forms.ChoiceField(
        label="Aujourd’hui", required=False, choices=[("", "Dans aucune vague"), ("1", "Dans une autre vague")]
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        authorities = Authority.objects.filter(schools__isnull=False).distinct()
        self.fields["authority"].choices = [("", "Toutes"), *((one.code, one.name) for one in authorities)]
        known = School.objects.exclude(departement="").order_by("departement")
        departements = known.values_list("departement", flat=True).distinct()
        self.fields["departement"].choices = [("", "Tous"), *((code, code) for code in departements)]


class StepForm(forms.Form):
    """A step done, by hand."""

    step = forms.ChoiceField(choices=Step.choices, widget=forms.HiddenInput)
    done_on = DayField(label="Fait le", initial=timezone.localdate)
    note = forms.CharField(label="Remarque", required=False, max_length=500, help_text="Sans nom de personne.")
    attachment = DocumentField(
        label="Document signé", required=False, help_text="PDF ou image (PNG, JPEG), 10 Mo au plus."
    )

    def __init__(self, *args, **kwargs):
        # Several of these forms stand on one page.
        step = (kwargs.get("initial") or (args[0] if args else {})).get("step", "")
        super().__init__(*args, auto_id=f"id_{step}_%s", **kwargs)

    def clean_done_on(self):
        return not_future(self.cleaned_data["done_on"])


class PostponeForm(forms.Form):
    """A later day for one school."""

    day = DayField(label="Nouvelle date d’ouverture")
    reason = forms.CharField(label="Raison du report", max_length=500)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, auto_id="id_postpone_%s", **kwargs)

    def clean_day(self):
        return not_past(self.cleaned_data["day"])


class MoveForm(forms.Form):
    """Another wave."""

    wave = forms.ModelChoiceField(None, label="Vague", empty_label="Choisissez")
    reason = forms.CharField(label="Raison", required=False, max_length=500)

    def __init__(self, *args, current: Wave | None = None, **kwargs):
        super().__init__(*args, auto_id="id_move_%s", **kwargs)
        self.fields["wave"].queryset = Wave.objects.exclude(pk=current.pk if current else None)


class ReasonForm(forms.Form):
    """Why: kept in the history."""

    reason = forms.CharField(
        label="Raison", max_length=500, error_messages={"required": "Dites pourquoi : l’historique le garde."}
    )


class AgreementForm(forms.ModelForm):
    """A collectivity's framework agreement, or a school's own below it."""

    signed_on = DayField(label="Signée le")
    expires_on = DayField(label="Expire le")
    document = DocumentField(
        label="Document signé", required=False, help_text="PDF ou image (PNG, JPEG), 10 Mo au plus."
    )
    uai = forms.CharField(
        label="Établissement (UAI)", required=False, max_length=8,
        help_text="Laissez vide pour la convention cadre de la collectivité.",
    )  # fmt: skip

    class Meta:
        model = Agreement
        fields = ["authority", "signed_on", "expires_on", "note", "document"]
        labels = {"authority": "Collectivité"}
        error_messages = {"authority": {"required": "Choisissez la collectivité."}}

    field_order = ["authority", "uai", "signed_on", "expires_on", "document", "note"]

    def __init__(self, *args, authorities, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["authority"].queryset = authorities
        self.fields["authority"].empty_label = "Choisissez"

    def clean_signed_on(self):
        return not_future(self.cleaned_data["signed_on"])

    def clean_expires_on(self):
        return not_past(self.cleaned_data["expires_on"])

    def clean(self):
        cleaned = super().clean() or self.cleaned_data
        signed, expires = cleaned.get("signed_on"), cleaned.get("expires_on")
        if signed and expires and signed >= expires:
            self.add_error("expires_on", "Une convention expire après sa signature.")
        authority, uai = cleaned.get("authority"), (cleaned.get("uai") or "").strip().upper()
        if authority and uai:
            school = School.objects.filter(uai=uai, authority=authority).first()
            if school is None:
                self.add_error("uai", f"Aucun établissement de {authority} n’a l’UAI {uai} : vérifiez-le.")
            cleaned["school"] = school
        return cleaned

    def validate_constraints(self):
        """Already said in clean()."""


class TrainingForm(forms.ModelForm):
    """A training session to come."""

    day = DayField(label="Jour")
    begins = HourField(label="De")
    ends = HourField(label="À")

    class Meta:
        model = Training
        fields = ["title", "place", "authority", "seats"]
        labels = {"authority": "Pour les établissements de"}

    field_order = ["title", "place", "authority", "day", "begins", "ends", "seats"]

    def __init__(self, *args, authorities, of_academy: bool, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["authority"].queryset = authorities
        self.fields["authority"].required = not of_academy
        self.fields["authority"].empty_label = "Toute l’académie" if of_academy else "Choisissez"

    def clean_day(self):
        return not_past(self.cleaned_data["day"])

    def clean(self):
        cleaned = super().clean() or self.cleaned_data
        day, begins, ends = cleaned.get("day"), cleaned.get("begins"), cleaned.get("ends")
        if day and begins and ends:
            if begins >= ends:
                self.add_error("ends", "Une formation finit après son début.")
            zone = timezone.get_current_timezone()
            self.instance.starts_at = timezone.datetime.combine(day, begins, zone)
            self.instance.ends_at = timezone.datetime.combine(day, ends, zone)
            if self.instance.starts_at <= timezone.now():
                self.add_error("begins", "Cette heure est passée : choisissez un moment à venir.")
        return cleaned

    def validate_constraints(self):
        """Already said in clean()."""


class SeatsForm(forms.Form):
    """Places for a school."""

    uai = forms.CharField(label="Établissement (UAI)", max_length=8)
    taken = forms.IntegerField(label="Places", min_value=0, max_value=200, initial=2, help_text="0 rend les places.")


class AttendanceForm(forms.Form):
    """How many people came, school by school."""

    def __init__(self, *args, seats: list[Seats], **kwargs):
        super().__init__(*args, **kwargs)
        for one in seats:
            self.fields[f"came-{one.pk}"] = forms.IntegerField(
                label=f"Présents de {one.school.name}", min_value=0, max_value=500, required=False, initial=one.came
            )
