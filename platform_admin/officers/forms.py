"""What is typed about agents, and the codes of the second factor."""

from django import forms

from ent.kernel.access import Acting
from ent.kernel.fields import DayField
from ent.kernel.text import folded
from platform_admin.officers.access import LEVELS
from platform_admin.officers.journal import TELLINGS
from platform_admin.officers.models import Officer
from platform_admin.officers.queries import Reach, authorities_to_staff, functions_to_give
from tenants.models import Authority


class OfficerForm(forms.Form):
    """An agent's function and collectivity, among those one may give."""

    function = forms.ChoiceField(label="Fonction")
    authority = forms.ModelChoiceField(
        Authority.objects.none(),
        label="Collectivité",
        required=False,
        empty_label="Aucune : l’académie",
        help_text="Un administrateur et un pilote sont de l’académie ; les autres, d’une collectivité.",
    )

    def __init__(self, acting: Acting, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["function"].choices = functions_to_give(acting)
        authorities = authorities_to_staff(acting)
        self.fields["authority"].queryset = authorities
        if acting.sees is not None:
            # A manager's agents are of the manager's own collectivity.
            self.fields["authority"].empty_label = None
            self.fields["authority"].help_text = ""
            self.fields["authority"].required = True


class NewOfficerForm(OfficerForm):
    """A new agent."""

    first = forms.CharField(label="Prénom", max_length=58)
    last = forms.CharField(label="Nom", max_length=58)
    acts = forms.BooleanField(
        label="Peut agir pour sa collectivité",
        required=False,
        help_text="Sinon, la personne voit les établissements sans rien pouvoir y faire.",
    )
    field_order = ["first", "last", "function", "authority", "acts"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["function"].initial = Officer.Function.OFFICER


class ChangeOfficerForm(OfficerForm):
    """An agent's name, function and collectivity."""

    name = forms.CharField(label="Nom", max_length=120)
    field_order = ["name", "function", "authority"]

    def __init__(self, acting: Acting, officer: Officer, *args, **kwargs):
        initial = {"name": officer.name, "function": officer.function, "authority": officer.authority}
        super().__init__(acting, *args, initial=initial, **kwargs)


class GrantsForm(forms.Form):
    """« Rien », « voir », « voir et agir », collectivity by collectivity."""

    def __init__(self, levels: list[tuple[Authority, list[str]]], held: Reach, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for authority, possible in levels:
            self.fields[f"on_{authority.pk}"] = forms.ChoiceField(
                label=authority.name,
                choices=[(level, LEVELS[level]) for level in possible],
                initial=held.level(authority),
                required=False,
            )

    def levels(self) -> dict[int, str]:
        """What was chosen, by the collectivity's key; what was not sent stays as it is."""
        return {int(name[3:]): level for name, level in self.cleaned_data.items() if self.add_prefix(name) in self.data}


class ProofForm(forms.Form):
    """A code, and whether to ask again in this browser."""

    code = forms.CharField(
        label="Code",
        max_length=20,
        help_text="Les six chiffres de votre application d’authentification, ou un code de secours.",
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false", "autofocus": True}
        ),
    )
    trust = forms.BooleanField(label="Faire confiance à cet appareil pendant 30 jours", required=False)


class FirstCodeForm(forms.Form):
    """The first code of a device being enrolled."""

    code = forms.CharField(
        label="Code affiché par l’application",
        max_length=20,
        help_text="Six chiffres, qui changent toutes les trente secondes.",
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}),
    )


class AgainForm(forms.Form):
    """A code asked once more before a change of the second factor."""

    code = forms.CharField(
        label="Code, pour confirmer",
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "spellcheck": "false"}),
    )


class JournalForm(forms.Form):
    """What of the journal to show."""

    action = forms.ChoiceField(label="Action", required=False)
    since = DayField(label="Du", required=False)
    until = DayField(label="Au", required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        tellings = sorted(TELLINGS.items(), key=lambda item: folded(item[1].label))
        self.fields["action"].choices = [("", "Toutes"), *((action, told.label) for action, told in tellings)]

    def clean(self):
        cleaned = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", "La fin vient avant le début : corrigez l’une des deux dates.")
        return cleaned
