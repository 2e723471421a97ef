"""What is asked before a launch, and for a school whose export was bad."""

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

from platform_admin.forms import ExportChoiceForm


class LaunchForm(ExportChoiceForm):
    """An export, and how many schools at once."""

    at_most = forms.IntegerField(
        label="Établissements à la fois",
        initial=2,
        validators=[MinValueValidator(1), MaxValueValidator(8)],
        help_text="De 1 à 8. Davantage va plus vite, et ralentit un peu ceux qui se connectent.",
    )
