"""What planners and staff type about sessions, rooms and the calendar."""

from collections.abc import Collection
from datetime import datetime, time
from uuid import UUID

from django import forms
from django.utils import timezone

from ent.kernel.fields import DayField, HourField
from ent.school.people.queries import teachers
from ent.school.structure.models import Division, Group, Subject
from ent.school.timetable.generating import at
from ent.school.timetable.models import CalendarDay, Room, TimeSlot, still_open


def rooms():
    """Rooms in use."""
    return Room.objects.filter(still_open())


class WhenForm(forms.Form):
    """A day and two hours."""

    day = DayField(label="Jour")
    starts = HourField(label="Début")
    ends = HourField(label="Fin")

    def clean(self):
        cleaned = super().clean() or {}
        if cleaned.get("starts") and cleaned.get("ends") and cleaned["starts"] >= cleaned["ends"]:
            self.add_error("ends", "La fin doit suivre le début.")
        elif all(cleaned.get(name) for name in ("day", "starts", "ends")) and self.span[0] >= self.span[1]:
            self.add_error("starts", "L'heure change cette nuit-là : ces heures n'existent pas.")
        return cleaned

    @property
    def span(self) -> tuple[datetime, datetime]:
        """The two moments."""
        found = self.cleaned_data
        return at(found["day"], found["starts"]), at(found["day"], found["ends"])


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label="Motif, lu par les familles", max_length=200, required=False)


class MoveForm(WhenForm, ReasonForm):
    """Another time."""

    field_order = ["day", "starts", "ends", "reason"]


class RoomForm(ReasonForm):
    """Another room."""

    room = forms.ModelChoiceField(None, label="Salle", required=False, empty_label="Sans salle")
    field_order = ["room", "reason"]

    def __init__(self, *args, own: Collection[UUID] = (), taken: Collection[UUID] = (), **kwargs):
        super().__init__(*args, **kwargs)
        self.own = set(own)
        self.fields["room"].queryset = rooms()
        self.fields["room"].label_from_instance = lambda room: f"{room} (prise)" if room.pk in taken else str(room)

    def clean_room(self) -> Room | None:
        room = self.cleaned_data["room"]
        if self.own == ({room.pk} if room else set()):
            raise forms.ValidationError("Rien ne change : choisissez une autre salle que celle de la séance.")
        return room


class ReplaceForm(ReasonForm):
    """Someone who stands in."""

    substitute = forms.ModelChoiceField(None, label="Remplaçant", empty_label="Choisir")
    field_order = ["substitute", "reason"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["substitute"].queryset = teachers()


class SubstituteForm(forms.Form):
    """Who stands in for all that is left."""

    substitute = forms.ModelChoiceField(None, label="Remplaçant", empty_label="Choisir")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["substitute"].queryset = teachers()


class AbsenceForm(forms.Form):
    """A teacher is away, whole days unless hours are given."""

    teacher = forms.ModelChoiceField(None, label="Enseignant", empty_label="Choisir")
    first = DayField(label="Du")
    begins = HourField(label="À partir de", required=False, help_text="Sans heure : toute la journée.")
    last = DayField(label="Au", help_text="Inclus.")
    ends = HourField(label="Jusqu'à", required=False)
    why = forms.CharField(label="Motif", max_length=120, required=False,
                          help_text="Jamais montré aux élèves ni aux familles.")  # fmt: skip

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["teacher"].queryset = teachers()

    def clean(self):
        cleaned = super().clean() or {}
        if cleaned.get("first") and cleaned.get("last"):
            begins, ends = self.span
            if begins >= ends:
                self.add_error("last", "La fin doit suivre le début.")
            elif (ends - begins).days > 366:
                self.add_error("last", "Une absence dure un an au plus : vérifiez les dates.")
        return cleaned

    @property
    def span(self) -> tuple[datetime, datetime]:
        """The two moments, in France."""
        found = self.cleaned_data
        begins, ends = found.get("begins") or time(0), found.get("ends") or time(23, 59)
        return (timezone.make_aware(datetime.combine(found["first"], begins)),
                timezone.make_aware(datetime.combine(found["last"], ends)))  # fmt: skip


class AddForm(WhenForm):
    """A session besides the timetable."""

    subject = forms.ModelChoiceField(
        Subject.objects.order_by("label"), label="Matière", required=False, empty_label="—"
    )
    label = forms.CharField(label="Ou un intitulé", max_length=120, required=False)
    teacher = forms.ModelChoiceField(None, label="Enseignant", required=False, empty_label="—")
    division = forms.ModelChoiceField(None, label="Classe", required=False, empty_label="—")
    group = forms.ModelChoiceField(None, label="Ou groupe", required=False, empty_label="—")
    room = forms.ModelChoiceField(None, label="Salle", required=False, empty_label="—")
    confirmed = forms.BooleanField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["teacher"].queryset = teachers()
        self.fields["division"].queryset = Division.objects.filter(closed_at=None, year__is_current=True)
        self.fields["group"].queryset = Group.objects.filter(closed_at=None, year__is_current=True)
        self.fields["room"].queryset = rooms()

    def clean(self):
        cleaned = super().clean()
        if not cleaned.get("division") and not cleaned.get("group"):
            self.add_error("division", "Choisissez une classe ou un groupe.")
        if not cleaned.get("subject") and not cleaned.get("label"):
            self.add_error("subject", "Choisissez une matière, ou tapez un intitulé.")
        return cleaned


class BookingForm(WhenForm):
    """A room or a piece of equipment."""

    room = forms.ModelChoiceField(None, label="Salle ou matériel", empty_label="Choisir")
    purpose = forms.CharField(label="Pour", max_length=120)
    weeks = forms.IntegerField(label="Semaines de suite", min_value=1, max_value=40, initial=1)
    field_order = ["room", "day", "starts", "ends", "purpose", "weeks"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["room"].queryset = rooms().filter(is_bookable=True)


class DayOffForm(forms.ModelForm):
    """A day of the school's own."""

    day = DayField(label="Jour")

    class Meta:
        model = CalendarDay
        fields = ["day", "label", "is_taught"]
        labels = {"label": "Nom", "is_taught": "L'établissement travaille ce jour-là"}
        help_texts = {
            "label": "Par exemple « Journée pédagogique » ou « Rattrapage du pont ».",
            "is_taught": "À cocher pour un jour de vacances ou férié où vos classes ont cours. Sinon, ce jour est sans "
            "cours.",
        }
        error_messages = {"day": {"unique": "Ce jour est déjà dans la liste."}}


class SlotForm(forms.ModelForm):
    """A line of the grid. Lines of an older grid, closed, do not count."""

    starts_at = HourField(label="Début")
    ends_at = HourField(label="Fin")

    class Meta:
        model = TimeSlot
        fields = ["label", "starts_at", "ends_at"]

    def clean(self):
        cleaned = super().clean() or {}
        begins, ends = cleaned.get("starts_at"), cleaned.get("ends_at")
        if begins and ends:
            if begins >= ends:
                self.add_error("ends_at", "La fin doit suivre le début.")
            elif meets := self._others().filter(starts_at__lt=ends, ends_at__gt=begins).first():
                self.add_error("starts_at", f"Ce créneau chevauche « {meets.label} » : décalez l'un des deux.")
        return cleaned

    def clean_label(self):
        label = self.cleaned_data["label"]
        if self._others().filter(label__iexact=label).exists():
            raise forms.ValidationError("Un créneau porte déjà ce nom.")
        return label

    def _others(self):
        return TimeSlot.objects.filter(still_open()).exclude(pk=self.instance.pk)


class ClosingForm(forms.Form):
    """From when something is offered no more."""

    day = DayField(label="À partir du", help_text="Ce jour-là compris.")

    def clean_day(self):
        day = self.cleaned_data["day"]
        if day < timezone.localdate():
            raise forms.ValidationError("Le passé reste comme il a été : choisissez aujourd'hui ou un jour à venir.")
        return day


class NewRoomForm(forms.ModelForm):
    """A room or a piece of equipment of the school."""

    class Meta:
        model = Room
        fields = ["name", "kind", "capacity", "is_bookable"]

    def clean_name(self):
        name = self.cleaned_data["name"]
        there = Room.objects.filter(name__iexact=name).exclude(pk=self.instance.pk).first()
        if there:
            hint = "" if there.is_open else " Elle est fermée : rouvrez-la plutôt, dans la liste des salles fermées."
            raise forms.ValidationError(f"Une salle porte déjà ce nom.{hint}")
        return name
