"""Days and hours in forms, in the browser's own calendar and clock."""

from datetime import UTC, date, datetime

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

TOO_FAR = "Cette date est trop éloignée : vérifiez l'année."


class DayField(forms.DateField):
    """A day of this century."""

    widget = forms.DateInput({"type": "date"}, "%Y-%m-%d")
    default_error_messages = {"invalid": "Tapez une date, comme 15/01/2027."}
    default_validators = [MinValueValidator(date(2000, 1, 1), TOO_FAR), MaxValueValidator(date(2099, 12, 31), TOO_FAR)]


class HourField(forms.TimeField):
    """An hour of the day."""

    widget = forms.TimeInput({"type": "time"}, "%H:%M")
    default_error_messages = {"invalid": "Tapez une heure, comme 20:30."}


class MomentField(forms.DateTimeField):
    """A day of this century and an hour."""

    widget = forms.DateTimeInput({"type": "datetime-local"}, "%Y-%m-%dT%H:%M")
    default_error_messages = {"invalid": "Tapez une date et une heure, comme 15/01/2027 08:00."}
    default_validators = [
        MinValueValidator(datetime(2000, 1, 1, tzinfo=UTC), TOO_FAR),
        MaxValueValidator(datetime(2099, 12, 31, tzinfo=UTC), TOO_FAR),
    ]
