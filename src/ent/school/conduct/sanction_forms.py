"""What the direction types of sanctions and of disciplinary boards, held to what the law allows."""

from django import forms
from django.utils import timezone

from ent.kernel.access import HEADS, Role
from ent.kernel.fields import DayField, MomentField
from ent.kernel.text import dated
from ent.school.conduct import law
from ent.school.conduct.models import DisciplinaryBoard, Incident, Sanction
from ent.school.conduct.overdue import staff_of
from ent.school.people.models import Person, Profile
from ent.school.structure.models import Division, Enrolment

Kind = Sanction.Kind
TEMPORARY = (Kind.CLASS_EXCLUSION, Kind.SCHOOL_EXCLUSION, Kind.SERVICE_EXCLUSION)


class SanctionForm(forms.ModelForm):
    """What was decided; a temporary exclusion has its dates, unless it is suspended.

    The head alone excludes nobody for good (art. R511-14) and leaves time for a defence (art. R421-10-1).
    """

    class Meta:
        model = Sanction
        fields = ["kind", "reason", "told_facts_on", "decided_on", "starts_on", "ends_on", "is_suspended", "incident"]
        field_classes = dict.fromkeys(("told_facts_on", "decided_on", "starts_on", "ends_on"), DayField)
        labels = {"starts_on": "Premier jour", "ends_on": "Dernier jour"}
        help_texts = {"starts_on": "D'une exclusion ou d'une mesure de responsabilisation.", "ends_on": "Inclus."}
        widgets = {"reason": forms.Textarea(attrs={"rows": 4}), "incident": forms.HiddenInput}

    def __init__(self, *args, pupil: Person, board: DisciplinaryBoard | None = None, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.board = board
        self.fields["incident"].queryset = Incident.objects.filter(parties__person=pupil)  # type: ignore[attr-defined]
        if board:
            self.instance.board, self.instance.decided_on = board, timezone.localdate(board.held_at)
            for name in ("told_facts_on", "decided_on", "incident"):
                del self.fields[name]
        else:
            choices = [one for one in Kind.choices if one[0] != Kind.PERMANENT]
            self.fields["kind"].choices = [("", "Choisir"), *choices]  # type: ignore[attr-defined]
            self.fields["told_facts_on"].required = True

    def clean_decided_on(self):
        day = self.cleaned_data["decided_on"]
        if day > timezone.localdate():
            raise forms.ValidationError("Une sanction ne s’enregistre qu’une fois prononcée.")
        return day

    def clean(self):
        found = super().clean() or {}
        told, decided = found.get("told_facts_on"), found.get("decided_on")
        if told and decided and decided < law.first_day_to_decide(told):
            first = dated(law.first_day_to_decide(told))
            self.add_error("decided_on", f"L'élève a au moins deux jours ouvrables pour se défendre : vous pouvez "
                                         f"prononcer la sanction à partir du {first}.")  # fmt: skip
        begins, ends = found.get("starts_on"), found.get("ends_on")
        if begins and ends and ends < begins:
            self.add_error("ends_on", "La fin doit venir après le début.")
        elif found.get("kind") in TEMPORARY:
            if begins and ends and (ends - begins).days >= law.MOST_DAYS:
                self.add_error("ends_on", f"Une exclusion temporaire ne peut pas dépasser {law.MOST_DAYS} jours.")
            elif not found.get("is_suspended") and not (begins and ends):
                self.add_error("starts_on", "Donnez le premier et le dernier jour de l’exclusion.")
        return found


class SanctionFilter(forms.Form):
    """Which sanctions a list shows."""

    since = DayField(label="Du", required=False)
    until = DayField(label="Au", required=False)
    division = forms.ModelChoiceField(
        Division.objects.filter(closed_at=None, year__is_current=True), label="Classe", required=False,
        empty_label="Toutes",
    )  # fmt: skip
    kind = forms.ChoiceField(label="Sanction", required=False, choices=[("", "Toutes"), *Kind.choices])

    def clean(self):
        found = super().clean() or {}
        if found.get("since") and found.get("until") and found["until"] < found["since"]:
            self.add_error("until", "La fin est avant le début : vérifiez les deux dates.")
        return found

    def cut(self, found):
        """The sanctions asked for."""
        asked = self.cleaned_data
        if asked["since"]:
            found = found.filter(decided_on__gte=asked["since"])
        if asked["until"]:
            found = found.filter(decided_on__lte=asked["until"])
        if asked["kind"]:
            found = found.filter(kind=asked["kind"])
        if asked["division"]:
            held = Enrolment.objects.filter(division=asked["division"], closed_at=None)
            found = found.filter(pupil__in=held.values("pupil"))
        return found


class BoardForm(forms.ModelForm):
    """When and where a disciplinary board meets, about what, with whom."""

    members = forms.ModelMultipleChoiceField(
        Person.objects.none(), label="Personnels membres", required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = DisciplinaryBoard
        fields = ["reason", "summoned_on", "held_at", "place", "members", "other_members", "incident"]
        field_classes = {"summoned_on": DayField, "held_at": MomentField}
        widgets = {
            "reason": forms.Textarea(attrs={"rows": 4}),
            "other_members": forms.Textarea(attrs={"rows": 4}),
            "incident": forms.HiddenInput,
        }
        help_texts = {
            "reason": "La convocation les cite : la famille les lit.",
            "other_members": "Représentants élus des parents et des élèves.",
        }

    def __init__(self, *args, pupil: Person, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        members = self.fields["members"]
        staff = Person.objects.filter(profile=Profile.STAFF, closed_at=None).order_by("sort_key")
        members.queryset = staff  # type: ignore[attr-defined]
        members.label_from_instance = lambda one: one.formal_name  # type: ignore[attr-defined]
        self.fields["incident"].queryset = Incident.objects.filter(parties__person=pupil)  # type: ignore[attr-defined]

    @staticmethod
    def usual_members() -> list[Person]:
        """Those who sit on every board: the direction and a CPE."""
        return [*staff_of(HEADS), *staff_of((Role.CPE,))[:1]]

    def clean(self):
        found = super().clean() or {}
        summoned, held = found.get("summoned_on"), found.get("held_at")
        if held and held < timezone.now():
            self.add_error("held_at", "Cette date est passée : choisissez-en une à venir.")
        elif summoned and held and timezone.localdate(held) < law.first_day_of_board(summoned):
            first = dated(law.first_day_of_board(summoned))
            self.add_error("held_at", f"Les convocations partent au moins {law.NOTICE_DAYS} jours avant : le conseil "
                                      f"peut se réunir à partir du {first}.")  # fmt: skip
        return found
