"""What families and staff fill in about absences."""

from datetime import date, datetime, time, timedelta

from django import forms
from django.utils import timezone

from ent.kernel import documents
from ent.kernel.fields import DayField, HourField
from ent.school.absences import queries, reasons
from ent.school.absences.models import AbsenceNotice, AbsenceReason, FamilyLetter, FollowUp
from ent.school.people.models import Person, Profile
from ent.school.people.storage import accepted
from ent.school.structure.models import Division

# A family speaks of the year at hand.
FARTHEST = timedelta(days=200)
LAST_MINUTE = time(23, 59)


class ReasonForm(forms.Form):
    """A reason, a word, a document: what both announcing and justifying ask."""

    reason = forms.ModelChoiceField(
        AbsenceReason.objects.none(), label="Pourquoi ?", empty_label=None, widget=forms.RadioSelect,
        error_messages={"required": "Choisissez une raison dans la liste.",
                        "invalid_choice": "Cette raison n’est plus proposée. Choisissez-en une autre."},
    )  # fmt: skip
    text = forms.CharField(
        label="Précisions (facultatif)", required=False, max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"max_length": "Écrivez 500 caractères au plus."},
    )  # fmt: skip
    document = forms.FileField(
        label="Document (facultatif)", required=False, help_text="Photo ou PDF, 25 Mo au plus.", max_length=200,
        widget=forms.FileInput(attrs={"accept": ",".join(sorted(documents.PAPERS))}),
        error_messages={"empty": "Ce fichier est vide. Choisissez-en un autre.",
                        "max_length": "Le nom de ce fichier est trop long : renommez-le."},
    )  # fmt: skip
    client_id = forms.UUIDField(required=False, widget=forms.HiddenInput)

    for_staff = False

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        known = reasons.current() if self.for_staff else reasons.for_parents()
        field = self.fields["reason"]
        field.queryset = AbsenceReason.objects.filter(pk__in=[one.pk for one in known])
        # Already read: not asked again to draw the list.
        field.choices = [(one.pk, one.label) for one in known]

    def clean_document(self):
        file = self.cleaned_data["document"]
        return accepted([file], documents.PAPERS)[0] if file else file


class JustifyForm(ReasonForm):
    """Why, for all of an absence or for some of it."""

    first = forms.TypedChoiceField(label="De", required=False, coerce=int, empty_value=None)
    last = forms.TypedChoiceField(label="À", required=False, coerce=int, empty_value=None)
    field_order = ["reason", "first", "last", "text", "document"]

    def __init__(self, *args, parts: list[queries.Part], **kwargs):
        super().__init__(*args, **kwargs)
        self.parts = parts
        for name, words, chosen in (("first", "begins", 0), ("last", "ends", len(parts) - 1)):
            field = self.fields[name]
            field.choices = [(number, getattr(part, words)) for number, part in enumerate(parts)]
            field.initial = chosen
            field.error_messages["invalid_choice"] = "L’appel vient de changer : choisissez de nouveau."

    def clean(self):
        cleaned = super().clean() or {}
        first, last = cleaned.get("first"), cleaned.get("last")
        if first is not None and last is not None and last < first:
            self.add_error("last", "La fin vient avant le début : changez l’une des deux.")
        return cleaned

    @property
    def chosen(self) -> tuple[datetime, datetime] | None:
        """From when to when, where only a part is spoken of."""
        first, last = self.cleaned_data["first"], self.cleaned_data["last"]
        first, last = 0 if first is None else first, len(self.parts) - 1 if last is None else last
        if not self.parts or (first, last) == (0, len(self.parts) - 1):
            return None
        return self.parts[first].starts_at, self.parts[last].ends_at


class AnnounceForm(ReasonForm):
    """When, why."""

    TODAY, TOMORROW, HOURS, DATES = "today", "tomorrow", "hours", "dates"
    when = forms.ChoiceField(
        label="Quand ?", widget=forms.RadioSelect, initial=TODAY,
        choices=[(TODAY, "Aujourd’hui"), (TOMORROW, "Demain"), (HOURS, "Quelques heures"), (DATES, "Plusieurs jours")],
        error_messages={"required": "Dites quand."},
    )  # fmt: skip
    day = DayField(label="Le", required=False)
    from_hour = HourField(label="De", required=False)
    to_hour = HourField(label="À", required=False)
    from_day = DayField(label="Du", required=False)
    to_day = DayField(label="Au (ce jour compris)", required=False)
    field_order = ["when", "day", "from_hour", "to_hour", "from_day", "to_day", "reason", "text", "document"]

    def clean(self):
        cleaned = super().clean() or {}
        today, when = timezone.localdate(), cleaned.get("when")
        if when == self.TODAY:
            self._span(today, time.min, today, LAST_MINUTE)
        elif when == self.TOMORROW:
            tomorrow = today + timedelta(days=1)
            self._span(tomorrow, time.min, tomorrow, LAST_MINUTE)
        elif when == self.HOURS:
            self._hours(cleaned, today)
        elif when == self.DATES:
            self._dates(cleaned, today)
        return cleaned

    def _hours(self, cleaned: dict, today: date) -> None:
        day, starts, ends = cleaned.get("day") or today, cleaned.get("from_hour"), cleaned.get("to_hour")
        self._needs(("from_hour", starts, "Donnez l’heure du début."), ("to_hour", ends, "Donnez l’heure de la fin."))
        if starts and ends and starts >= ends:
            self.add_error("to_hour", "La fin vient avant le début : changez l’une des deux heures.")
        elif starts and ends and "day" not in self.errors and self._near("day", day, today):
            self._span(day, starts, day, ends)

    def _dates(self, cleaned: dict, today: date) -> None:
        first, last = cleaned.get("from_day"), cleaned.get("to_day")
        self._needs(("from_day", first, "Donnez le premier jour."), ("to_day", last, "Donnez le dernier jour."))
        if first and last and last < first:
            self.add_error("to_day", "Le dernier jour vient avant le premier : changez l’une des deux dates.")
        elif first and last and self._near("from_day", first, today) and self._near("to_day", last, today):
            self._span(first, time.min, last, LAST_MINUTE)

    def _needs(self, *wanted) -> None:
        for name, value, words in wanted:
            if not value and name not in self.errors:
                self.add_error(name, words)

    def _near(self, name: str, day: date, today: date) -> bool:
        if abs(day - today) > FARTHEST:
            self.add_error(name, "Cette date est trop éloignée. Vérifiez l’année.")
            return False
        return True

    @property
    def is_exact(self) -> bool:
        """These hours, and no other of the day."""
        return self.cleaned_data.get("when") == self.HOURS

    def _span(self, first: date, starts: time, last: date, ends: time) -> None:
        self.cleaned_data["starts_at"] = timezone.make_aware(datetime.combine(first, starts))
        self.cleaned_data["ends_at"] = timezone.make_aware(datetime.combine(last, ends))


class DeskForm(AnnounceForm):
    """The same, said at the desk, by phone or by letter, and typed by the staff."""

    for_staff = True
    way = forms.ChoiceField(
        label="Comment la famille l’a-t-elle dit ?", widget=forms.RadioSelect, initial=AbsenceNotice.Way.PHONE,
        choices=[one for one in AbsenceNotice.Way.choices if one[0] != AbsenceNotice.Way.ENT],
    )  # fmt: skip
    field_order = ["way", *AnnounceForm.field_order]


class DecideForm(forms.Form):
    """What the school decides of a case."""

    SETTLE, VALID, REFUSE, REOPEN, REASON = "settle", "valid", "refuse", "reopen", "reason"
    verb = forms.ChoiceField(choices=[(one, one) for one in (SETTLE, VALID, REFUSE, REOPEN, REASON)])
    reason = forms.ModelChoiceField(
        AbsenceReason.objects.filter(closed_at=None), label="Motif", required=False, empty_label="Sans changement"
    )
    words = forms.CharField(label="Pourquoi ce refus", required=False, max_length=300)

    def clean(self):
        cleaned = super().clean() or {}
        if cleaned.get("verb") == self.REFUSE and not cleaned.get("words"):
            self.add_error("words", "Dites à la famille pourquoi le motif est refusé.")
        if cleaned.get("verb") == self.REASON and not cleaned.get("reason"):
            self.add_error("reason", "Choisissez un motif.")
        return cleaned


class AnswerForm(forms.Form):
    """What the school answers to a family."""

    verb = forms.ChoiceField(choices=[(one, one) for one in ("accepted", "refused", "certificate")])
    words = forms.CharField(label="Réponse à la famille", required=False, max_length=300)

    def clean(self):
        cleaned = super().clean() or {}
        if cleaned.get("verb") == "refused" and not cleaned.get("words"):
            self.add_error("words", "Dites à la famille pourquoi le motif est refusé.")
        return cleaned


class FollowUpForm(forms.ModelForm):
    """What was done to reach a family, and what comes next."""

    class Meta:
        model = FollowUp
        fields = ["act", "note", "next_step", "next_on"]
        field_classes = {"next_on": DayField}
        labels = {"next_on": "Prévu le"}

    def clean(self):
        cleaned = super().clean() or {}
        if cleaned.get("next_step") and not cleaned.get("next_on"):
            self.add_error("next_on", "Dites pour quand.")
        return cleaned


class OfTimeForm(forms.Form):
    """From one day to another, in a class."""

    division = forms.ModelChoiceField(Division.objects.none(), label="Classe", required=False, empty_label="Toutes")
    since = DayField(label="Du", required=False)
    until = DayField(label="Au", required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["division"].queryset = Division.objects.filter(closed_at=None, year__is_current=True).order_by(
            "code"
        )

    def clean(self):
        cleaned = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", "La seconde date vient avant la première.")
        return cleaned


class FilterForm(OfTimeForm):
    """Which cases."""

    KINDS = [("", "Absences et retards"), ("absence", "Absences"), ("lateness", "Retards")]
    SETTLED = [("no", "À régler"), ("yes", "Réglées"), ("", "Toutes")]
    VALID = [("", "Tous les motifs"), ("none", "Pas encore décidé"), ("yes", "Accepté"), ("no", "Refusé")]
    settled = forms.ChoiceField(label="Régularisation", required=False, choices=SETTLED)
    valid = forms.ChoiceField(label="Motif", required=False, choices=VALID)
    kind = forms.ChoiceField(label="Sorte", required=False, choices=KINDS)
    field_order = ["settled", "valid", "kind", "division", "since", "until"]


class PeriodForm(OfTimeForm):
    """From one day to another; the year so far where nothing is said."""

    field_order = ["since", "until", "division"]


class LetterForm(OfTimeForm):
    """Which cases are written about."""

    kind = forms.ChoiceField(label="Objet", choices=FamilyLetter.Kind.choices)
    way = forms.ChoiceField(label="Envoi", choices=FamilyLetter.Way.choices)
    pupil = forms.ModelChoiceField(
        Person.objects.filter(profile=Profile.PUPIL), required=False, widget=forms.HiddenInput
    )
    field_order = ["kind", "way", "division", "since", "until"]


class ReasonPropertiesForm(forms.ModelForm):
    """A reason and what follows from it."""

    class Meta:
        model = AbsenceReason
        fields = list(reasons.PROPERTIES)
