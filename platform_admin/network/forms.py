"""What officers declare of connections."""

from django import forms

from ent.exchange.connectivity.reader import FASTEST_MBPS, LARGEST_BYTES
from tenants.liaison.models import Connectivity


class ConnectivityForm(forms.ModelForm):
    """A school's connection, by hand."""

    down_mbps = forms.FloatField(
        label="Débit descendant (Mbit/s)", required=False, min_value=0, max_value=FASTEST_MBPS, localize=True
    )
    up_mbps = forms.FloatField(
        label="Débit montant (Mbit/s)", required=False, min_value=0, max_value=FASTEST_MBPS, localize=True
    )

    class Meta:
        model = Connectivity
        fields = ["technology", "down_mbps", "up_mbps", "is_white_zone"]
        labels = {"technology": "Technologie", "is_white_zone": "Commune en zone blanche"}


class ListForm(forms.Form):
    """A CSV list."""

    file = forms.FileField(
        label="Liste au format CSV",
        help_text="Colonnes : UAI, technologie, débit descendant, débit montant (Mbit/s), zone blanche (oui ou non). "
        "Une case vide garde ce qui était déclaré.",
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
        error_messages={"required": "Choisissez un fichier.", "empty": "Ce fichier est vide : choisissez-en un autre."},
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > LARGEST_BYTES:
            raise forms.ValidationError("Le fichier dépasse 5 Mo : ce n’est pas une liste de connexions.")
        return file
