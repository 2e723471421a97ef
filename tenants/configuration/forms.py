"""How each kind of value is typed. What is valid, the registry says."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from tenants.configuration import images
from tenants.configuration.kinds import Choice, Colour, Integer, Kind, LongText, Openings, Picture, Text, TimeRange
from tenants.configuration.registry import Setting


class SettingForm(forms.Form):
    """One setting; its clean value is the one to keep."""

    def __init__(self, setting: Setting, initial: Any, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.setting = setting
        self.fields.update(_fields(setting, initial))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        name = next(iter(self.fields))
        if not self.errors:
            try:
                cleaned["value"] = self.setting.clean(_raw(self.setting.kind, cleaned))
            except ValidationError as error:
                self.add_error(name, error)
        return cleaned


def _fields(setting: Setting, initial: Any) -> dict[str, forms.Field]:
    kind = setting.kind
    told: dict[str, Any] = {"label": setting.label, "help_text": setting.help, "required": False, "initial": initial}
    if isinstance(kind, TimeRange):
        # Typed: the browser's own clock field follows the machine's language, twelve hours long for some.
        hour = forms.TextInput(attrs={"inputmode": "numeric", "size": 6})
        return {
            "from": forms.CharField(**told | {"label": "De", "initial": initial["from"]}, widget=hour),
            "to": forms.CharField(label="À", required=False, initial=initial["to"], widget=hour),
        }
    if isinstance(kind, Colour):
        return {"value": forms.ChoiceField(**told, choices=kind.choices, widget=SwatchSelect)}
    if isinstance(kind, Choice):
        return {"value": forms.ChoiceField(**told, choices=kind.choices, widget=forms.RadioSelect)}
    if isinstance(kind, Openings):
        told["initial"] = kind.others(initial)
        choices = kind.choices()
        return {"value": forms.MultipleChoiceField(**told, choices=choices, widget=forms.CheckboxSelectMultiple)}
    if isinstance(kind, Picture):
        return {"value": forms.FileField(**told, widget=forms.FileInput(attrs={"accept": ".png,.jpg,.jpeg,.webp"}))}
    if isinstance(kind, Integer):
        told["help_text"] = f"{setting.help} De {kind.least} à {kind.most} {kind.unit}."
        return {"value": forms.CharField(**told, widget=forms.TextInput(attrs={"inputmode": "numeric"}))}
    if isinstance(kind, LongText):
        told["help_text"] = f"{setting.help} {kind.longest} caractères au plus."
        return {"value": forms.CharField(**told, strip=False, widget=forms.Textarea(attrs={"rows": 5}))}
    assert isinstance(kind, Text)  # noqa: S101
    return {"value": forms.CharField(**told, strip=False)}


class SwatchSelect(forms.RadioSelect):
    """Colours to choose from, each shown beside its name."""

    option_template_name = "configuration/swatch_option.html"


def _raw(kind: Kind, cleaned: dict[str, Any]) -> Any:
    if isinstance(kind, TimeRange):
        return {name: cleaned.get(name, "") for name in ("from", "to")}
    value = cleaned.get("value")
    if isinstance(kind, Picture):
        if not value:
            raise ValidationError("Choisissez une image, puis recommencez.")
        return images.take(value)
    return kind.others(value or []) if isinstance(kind, Openings) else value
