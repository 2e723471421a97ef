"""How a person wants to be told: ways and rhythm per kind, and hours in which to be left alone."""

from dataclasses import dataclass
from datetime import time
from uuid import UUID

from django import forms

from ent.kernel.fields import HourField
from ent.school.notifications import sms
from ent.school.notifications.choices import DEFAULTS, Ways
from ent.school.notifications.models import Choice, Kind, OwnHours, Rhythm


@dataclass(frozen=True)
class Line:
    """One kind's fields."""

    label: str
    email: forms.BoundField
    sms: forms.BoundField | None
    rhythm: forms.BoundField | None


class ChoicesForm(forms.Form):
    """One line per kind that concerns the person."""

    quiet_from = HourField(label="Ne rien m'envoyer de", required=False)
    quiet_to = HourField(label="jusqu'à", required=False)

    def __init__(self, person: UUID, profile: str, *args, **kwargs):
        self.before: dict[str, Choice | Ways] = dict(DEFAULTS[profile])
        chosen = Choice.objects.filter(person=person, kind__in=list(self.before))
        self.before |= {one.kind: one for one in chosen}
        hours = OwnHours.objects.filter(person=person).first()
        initial = {"quiet_from": hours and hours.begins_at, "quiet_to": hours and hours.ends_at}
        super().__init__(*args, initial=initial, **kwargs)
        for kind, ways in self.before.items():
            label = Kind(kind).label
            self.fields[f"email-{kind}"] = forms.BooleanField(
                label=f"Courriel : {label}", required=False, initial=ways.by_email
            )
            if sms.is_on():
                self.fields[f"sms-{kind}"] = forms.BooleanField(
                    label=f"SMS : {label}", required=False, initial=ways.by_sms
                )
            if kind != Kind.SUMMARY:  # each week, as its name says
                self.fields[f"rhythm-{kind}"] = forms.ChoiceField(
                    label=f"Rythme des courriels : {label}", choices=Rhythm.choices, initial=ways.rhythm
                )

    def lines(self) -> list[Line]:
        """The kinds, for the table."""
        fields = self.fields
        return [
            Line(
                Kind(kind).label,
                self[f"email-{kind}"],
                self[f"sms-{kind}"] if f"sms-{kind}" in fields else None,
                self[f"rhythm-{kind}"] if f"rhythm-{kind}" in fields else None,
            )
            for kind in self.before
        ]

    def clean(self) -> dict:
        """Both hours or none, and not the same."""
        cleaned = super().clean() or {}
        begins, ends = cleaned.get("quiet_from"), cleaned.get("quiet_to")
        if not self.errors and (begins is None) != (ends is None):
            self.add_error("quiet_from" if begins is None else "quiet_to", "Tapez les deux heures, ou aucune.")
        elif begins is not None and begins == ends:
            self.add_error("quiet_to", "L'heure de fin est celle du début : choisissez deux heures différentes.")
        return cleaned

    def ways(self) -> dict[str, Ways]:
        """What was chosen, per kind; where text messages are off, what was chosen for them stays."""
        done = self.cleaned_data
        return {
            kind: Ways(
                done[f"email-{kind}"], done.get(f"sms-{kind}", before.by_sms), done.get(f"rhythm-{kind}", before.rhythm)
            )
            for kind, before in self.before.items()
        }

    def hours(self) -> tuple[time, time] | None:
        """One's own quiet hours."""
        begins, ends = self.cleaned_data["quiet_from"], self.cleaned_data["quiet_to"]
        return (begins, ends) if begins is not None else None
