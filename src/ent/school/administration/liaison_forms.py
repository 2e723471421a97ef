"""What a school tells the academy: a measure of its network, a request for help."""

from django import forms

from tenants.liaison.models import SpeedTest, SupportRequest

# A measure outside these bounds is none: a mistake, or made up.
FASTEST_MBPS, SLOWEST_MBPS, LONGEST_MS = 10_000, 0.001, 60_000


class MeasureForm(forms.ModelForm):
    """What the page's script measured."""

    down_mbps = forms.FloatField(min_value=SLOWEST_MBPS, max_value=FASTEST_MBPS)
    up_mbps = forms.FloatField(min_value=SLOWEST_MBPS, max_value=FASTEST_MBPS)
    latency_ms = forms.FloatField(min_value=0.01, max_value=LONGEST_MS)

    class Meta:
        model = SpeedTest
        fields = ["down_mbps", "up_mbps", "latency_ms"]


class RequestForm(forms.Form):
    """A request for help; no name is needed."""

    subject = forms.ChoiceField(label="Sujet", choices=[("", "Choisissez"), *SupportRequest.Subject.choices])
    title = forms.CharField(label="Titre", max_length=120, help_text="En quelques mots, ce qui ne va pas.")
    text = forms.CharField(
        label="Texte",
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="Ce que vous faisiez, ce que vous avez vu, depuis quand, combien de personnes sont touchées.",
    )


class AnswerForm(forms.Form):
    """One more message."""

    text = forms.CharField(label="Votre message", max_length=4_000, widget=forms.Textarea(attrs={"rows": 5}))
