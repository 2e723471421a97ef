"""What officers of the academy type."""

import re
from pathlib import Path

from django import forms
from django.utils import timezone

from ent.exchange.aaf.upload import UploadRefused, unpack
from platform_admin.tasks import imports_folder


class ExportChoiceForm(forms.Form):
    """A directory export: sent as a ZIP archive, or one of the folders laid on the server."""

    archive = forms.FileField(
        label="Archive ZIP de l’export",
        required=False,
        help_text="Le dossier entier, tel que l’académie le produit, compressé en ZIP.",
        widget=forms.FileInput(attrs={"accept": ".zip,application/zip"}),
    )
    laid = forms.ChoiceField(label="Ou un dossier déposé sur le serveur", required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        folders = sorted(path.name for path in imports_folder().glob("*") if path.is_dir())
        self.fields["laid"].choices = [("", "—"), *((name, name) for name in folders)]

    def clean(self):
        cleaned = super().clean() or {}
        archive, laid = cleaned.get("archive"), cleaned.get("laid")
        if not self.errors and bool(archive) == bool(laid):
            self.add_error(None, "Choisissez une archive à envoyer, ou un dossier du serveur.")
        elif archive:
            folder = imports_folder() / f"{timezone.localtime():%Y-%m-%d-%H%M%S}-{_plain(archive.name)}"
            try:
                unpack(archive, folder)
            except UploadRefused as error:
                self.add_error("archive", str(error))
            cleaned["folder"] = folder
        elif laid:
            cleaned["folder"] = imports_folder() / laid
        return cleaned


class ExportForm(ExportChoiceForm):
    """An export to import, and whether it may make new schools."""

    create_schools = forms.BooleanField(
        label="Créer l’espace des établissements qui n’en ont pas", required=False, initial=True
    )


def _plain(name: str) -> str:
    """A file's name as a folder's: letters and digits."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", Path(name).stem).strip("-")[:60] or "export"
