"""Forms of conduct."""

import re
from collections.abc import Iterable

from django import forms
from django.utils import timezone

from ent.kernel.fields import DayField, HourField, MomentField
from ent.kernel.text import folded
from ent.school.attendance.models import Passage
from ent.school.attendance.planning_forms import PupilField
from ent.school.conduct.access import MAY_BE_REFERENT
from ent.school.conduct.actions import FOLLOWERS, at
from ent.school.conduct.models import Concern, Detention, Incident, IncidentMeasure, IncidentParty, Punishment, Remark
from ent.school.conduct.overdue import staff_of
from ent.school.people.models import Person, Profile
from ent.school.timetable.access import pupils_of_session
from ent.school.timetable.models import Room, Session, still_open

LONGEST_HOURS = 4
SHORTEST_NAME = 3


class RemarkForm(forms.ModelForm):
    """What the family will read."""

    class Meta:
        model = Remark
        fields = ["kind", "text", "needs_signature"]

    def clean(self):
        cleaned = super().clean() or {}
        if cleaned.get("kind") == Remark.Kind.OBSERVATION and not cleaned.get("text"):
            self.add_error("text", "Dites en une phrase ce que vous avez observé.")
        return cleaned


class PunishmentForm(forms.ModelForm):
    """A punishment: detention and extra work have work to do."""

    class Meta:
        model = Punishment
        fields = ["kind", "reason", "work", "due_on", "incident"]
        field_classes = {"due_on": DayField}
        widgets = {"reason": forms.Textarea(attrs={"rows": 2}), "incident": forms.HiddenInput}
        help_texts = {"due_on": "Pour une retenue, la vie scolaire fixera la date si vous ne la donnez pas."}

    def __init__(self, *args, pupil: Person, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["incident"].queryset = Incident.objects.filter(parties__person=pupil)  # type: ignore[attr-defined]

    def clean_due_on(self):
        day = self.cleaned_data["due_on"]
        if day and day < timezone.localdate():
            raise forms.ValidationError("Cette date est passée : choisissez-en une à venir.")
        return day

    def clean(self):
        found = super().clean() or {}
        if found.get("kind") == Punishment.Kind.EXTRA_WORK and not found.get("work"):
            self.add_error("work", "Dites quel travail est à faire.")
        return found


class RemovalForm(forms.ModelForm):
    """Why a pupil was sent out, with what to do, and who walked with them."""

    reason = forms.CharField(
        label="Motif", max_length=200, widget=forms.Textarea(attrs={"rows": 2}), help_text="La famille le lira."
    )

    class Meta:
        model = Passage
        fields = ["reason", "work", "companion"]

    def __init__(self, *args, session: Session, is_fixed: bool = False, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if is_fixed:
            self.fields["reason"].disabled = True
            self.fields["reason"].help_text = "La famille l'a lu : seule la personne qui a exclu l'élève le change."
        companion = self.fields["companion"]
        companion.queryset = pupils_of_session(session).exclude(pk=self.instance.pupil_id)  # type: ignore[attr-defined]
        companion.empty_label = "Personne"  # type: ignore[attr-defined]


class DetentionForm(forms.ModelForm):
    """When, where, by whom, for how many."""

    day = DayField(label="Jour")
    begins = HourField(label="De")
    ends = HourField(label="À")

    class Meta:
        model = Detention
        fields = ["day", "begins", "ends", "room", "supervisor", "places"]

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["room"].queryset = Room.objects.filter(still_open(), kind=Room.Kind.ROOM, is_bookable=True)
        self.fields["supervisor"].queryset = Person.objects.filter(profile=Profile.STAFF, closed_at=None)

    def clean(self):
        found = super().clean() or {}
        day, begins, ends = (found.get(name) for name in ("day", "begins", "ends"))
        if day and begins and ends:
            self.instance.starts_at, self.instance.ends_at = at(day, begins), at(day, ends)
            if ends <= begins:
                self.add_error("ends", "La fin doit venir après le début.")
            elif self.instance.starts_at <= timezone.now():
                self.add_error("day", "Cette heure est passée : choisissez-en une à venir.")
            elif (self.instance.ends_at - self.instance.starts_at).total_seconds() > LONGEST_HOURS * 3600:
                self.add_error("ends", f"Une retenue dure au plus {LONGEST_HOURS} heures.")
        return found


class IncidentForm(forms.ModelForm):
    """What happened, when and where; and whom it concerns first."""

    pupil = PupilField(label="Élève concerné", required=False)
    part = forms.ChoiceField(label="Son rôle", choices=IncidentParty.Part, initial=IncidentParty.Part.AUTHOR)

    class Meta:
        model = Incident
        fields = ["kind", "place", "severity", "happened_at", "account"]
        field_classes = {"happened_at": MomentField}
        widgets = {"account": forms.Textarea(attrs={"rows": 6})}
        help_texts = {"account": "Les faits, sans jugement. Les familles ne lisent pas ce récit."}

    def clean_happened_at(self):
        moment = self.cleaned_data["happened_at"]
        if moment > timezone.now():
            raise forms.ValidationError("Cette heure n'est pas encore venue.")
        return moment


class PartyForm(forms.ModelForm):
    """A pupil, someone of the staff, or someone from outside by name."""

    pupil = PupilField(label="Élève", required=False)
    staff = forms.ModelChoiceField(Person.objects.none(), label="Ou personnel", required=False)

    class Meta:
        model = IncidentParty
        fields = ["part", "pupil", "staff", "outsider"]
        labels = {"outsider": "Ou personne extérieure"}

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["staff"].queryset = Person.objects.filter(profile=Profile.STAFF, closed_at=None)  # type: ignore[attr-defined]

    def clean(self):
        found = super().clean() or {}
        named = [one for one in (found.get("pupil"), found.get("staff"), found.get("outsider")) if one]
        if len(named) != 1:
            raise forms.ValidationError("Donnez une seule personne : un élève, un personnel ou un nom.")
        self.instance.person = found.get("pupil") or found.get("staff")
        return found


class FamilyTextForm(forms.Form):
    """What one family reads of an incident."""

    text = forms.CharField(
        label="Ce que la famille lira", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Ne nommez aucun autre élève.",
    )  # fmt: skip

    def __init__(self, *args, child: Person | None = None, others: Iterable[IncidentParty] = (), **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.own = set(names_of(child)) if child else set()
        self.others = {name for one in others for name in names_of(one.person or one.outsider)} - self.own

    def clean_text(self):
        text = self.cleaned_data["text"]
        if self.others & set(names_of(text)):
            raise forms.ValidationError("Ce texte nomme quelqu'un d'autre de l'incident : retirez son nom.")
        return text


def names_of(said: Person | str) -> list[str]:
    """The words, folded, of a name or a text; those too short to name anybody are left out."""
    text = f"{said.first_name} {said.last_name}" if isinstance(said, Person) else said
    return [word for word in re.split(r"\W+", folded(text)) if len(word) >= SHORTEST_NAME]


class FollowForm(forms.ModelForm):
    """Who follows an incident, and what they do next."""

    class Meta:
        model = Incident
        fields = ["owner", "next_step", "next_on"]
        field_classes = {"next_on": DayField}

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        owner = self.fields["owner"]
        owner.queryset, owner.empty_label = staff_of(FOLLOWERS), "Personne"  # type: ignore[attr-defined]
        owner.label_from_instance = lambda one: one.formal_name  # type: ignore[attr-defined]

    def clean(self):
        found = super().clean() or {}
        day = found.get("next_on")
        if day and day < timezone.localdate() and "next_on" in self.changed_data:
            self.add_error("next_on", "Cette date est passée : choisissez-en une à venir.")
        if day and not found.get("next_step"):
            self.add_error("next_step", "Dites ce qui est à faire pour cette date.")
        return found


class MeasureForm(forms.ModelForm):
    """Something done for one party."""

    class Meta:
        model = IncidentMeasure
        fields = ["kind", "text", "planned_on"]
        field_classes = {"planned_on": DayField}


class StepForm(forms.Form):
    """What was done."""

    text = forms.CharField(label="Ce qui a été fait", max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))


class ConcernForm(forms.ModelForm):
    """A call for help."""

    class Meta:
        model = Concern
        fields = ["about", "text", "is_private"]
        widgets = {"about": forms.RadioSelect, "text": forms.Textarea(attrs={"rows": 6})}

    def __init__(self, *args, is_pupil: bool, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        unfit = Concern.About.CHILD if is_pupil else Concern.About.MYSELF
        self.fields["about"].choices = [one for one in Concern.About.choices if one[0] != unfit]  # type: ignore[attr-defined]
        if not is_pupil:
            del self.fields["is_private"]


class AnswerForm(forms.Form):
    """An answer, or a note among referents."""

    text = forms.CharField(label="Message", max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))
    is_answer = forms.BooleanField(label="L'envoyer à la personne qui a écrit", required=False, initial=True)


class ReferentForm(forms.Form):
    """Whom the head names."""

    person = forms.ModelChoiceField(Person.objects.none(), label="Personne")

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        able = Person.objects.filter(profile=Profile.STAFF, closed_at=None, account_id__isnull=False, referent=None)
        self.fields["person"].queryset = able.filter(  # type: ignore[attr-defined]
            functions__function__in=[role.value for role in MAY_BE_REFERENT], functions__closed_at=None
        ).distinct()
