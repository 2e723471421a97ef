"""What one gives about people."""

from django import forms
from django.core.exceptions import ValidationError

from ent.school.people.photos import FORMATS, PhotoError, portrait


class PhotoForm(forms.Form):
    """One person's photo; its clean value is the `portrait`."""

    photo = forms.FileField(
        label="Nouvelle photo",
        help_text="Une photo JPEG, PNG ou WebP de 10 Mo au plus, le visage au milieu.",
        error_messages={
            "required": "Choisissez une photo, puis recommencez.",
            "empty": "Ce fichier est vide. Choisissez-en un autre.",
        },
        widget=forms.FileInput(attrs={"accept": ",".join(f"image/{name.lower()}" for name in FORMATS)}),
    )

    def clean_photo(self) -> bytes:
        try:
            return portrait(self.cleaned_data["photo"])
        except PhotoError as error:
            raise ValidationError(str(error)) from None
