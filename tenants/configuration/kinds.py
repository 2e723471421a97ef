"""Kinds of values: each cleans what is typed or stored, and says it in French. Nothing else validates."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import time
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

# Ten digits in France, or an international number: digits, spaces, dots, a leading plus.
PHONE = re.compile(r"\+?\d(?:[ .]?\d){5,14}")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
HOUR = re.compile(r"([01]?\d|2[0-3])[:hH]([0-5]\d)")
DIGEST = re.compile(r"[0-9a-f]{64}")
NOTHING = "—"


@dataclass(frozen=True)
class Kind(ABC):
    """What a setting's value is."""

    name: ClassVar[str] = ""

    @abstractmethod
    def clean(self, raw: Any) -> Any:
        """The value as it is stored; `ValidationError`, in French, where it cannot be one."""

    def shown(self, value: Any) -> str:
        """The value in words."""
        return str(value) if value not in (None, "") else NOTHING


@dataclass(frozen=True)
class Text(Kind):
    """A line of text."""

    name: ClassVar[str] = "text"
    longest: int = 80
    may_be_empty: bool = True

    def clean(self, raw: Any) -> str:
        if not isinstance(raw, str):
            raise ValidationError("Tapez un texte.")
        value = self._tidy(CONTROL.sub("", raw.replace("\r\n", "\n")))
        if not value and not self.may_be_empty:
            raise ValidationError("Tapez un texte, ou revenez à la valeur héritée.")
        if len(value) > self.longest:
            raise ValidationError(f"Ce texte a {len(value)} caractères : ramenez-le à {self.longest} au plus.")
        return value

    def _tidy(self, text: str) -> str:
        return " ".join(text.split())


@dataclass(frozen=True)
class LongText(Text):
    """A few lines of text, without any formatting."""

    name: ClassVar[str] = "long_text"
    longest: int = 500

    def _tidy(self, text: str) -> str:
        return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in text.split("\n"))).strip()


@dataclass(frozen=True)
class Email(Text):
    """An e-mail address."""

    name: ClassVar[str] = "email"
    longest: int = 254

    def clean(self, raw: Any) -> str:
        value = super().clean(raw)
        if value:
            try:
                validate_email(value)
            except ValidationError:
                raise ValidationError(
                    f"« {value} » n'est pas une adresse électronique : écrivez-la comme aide@exemple.fr."
                ) from None
        return value


@dataclass(frozen=True)
class Phone(Text):
    """A telephone number."""

    name: ClassVar[str] = "phone"
    longest: int = 20

    def clean(self, raw: Any) -> str:
        value = super().clean(raw)
        if value and not PHONE.fullmatch(value):
            raise ValidationError(f"« {value} » n'est pas un numéro de téléphone : écrivez-le comme 04 70 00 00 00.")
        return value


@dataclass(frozen=True)
class Choice(Kind):
    """One of a list."""

    name: ClassVar[str] = "choice"
    choices: tuple[tuple[str, str], ...] = ()

    def clean(self, raw: Any) -> str:
        if not isinstance(raw, str) or raw not in dict(self.choices):
            raise ValidationError("Choisissez une des valeurs proposées.")
        return raw

    def shown(self, value: Any) -> str:
        return dict(self.choices).get(value, NOTHING)


@dataclass(frozen=True)
class Colour(Choice):
    """One of the accent colours of the style sheet."""

    name: ClassVar[str] = "colour"


@dataclass(frozen=True)
class Integer(Kind):
    """A whole number within bounds, with its unit."""

    name: ClassVar[str] = "integer"
    least: int = 1
    most: int = 100
    unit: str = ""

    def clean(self, raw: Any) -> int:
        told = str(raw).strip()
        if isinstance(raw, bool) or not re.fullmatch(r"-?\d{1,9}", told):
            raise ValidationError("Tapez un nombre entier, en chiffres.")
        if not self.least <= int(told) <= self.most:
            raise ValidationError(f"Choisissez un nombre de {self.least} à {self.most} {self.unit}.")
        return int(told)

    def shown(self, value: Any) -> str:
        return f"{value} {self.unit}"


@dataclass(frozen=True)
class Hour(Text):
    """A time of the day."""

    def clean(self, raw: Any) -> str:
        found = HOUR.fullmatch(str(raw).strip())
        if not found:
            raise ValidationError("Tapez une heure, comme 12:30.")
        return f"{int(found[1]):02}:{found[2]}"

    def shown(self, value: Any) -> str:
        moment = time.fromisoformat(value)
        return f"{moment.hour} h {moment:%M}"


@dataclass(frozen=True)
class TimeRange(Kind):
    """From one time of the day to another, over midnight if it comes first."""

    name: ClassVar[str] = "time_range"

    def clean(self, raw: Any) -> dict[str, str]:
        if not isinstance(raw, dict):
            raise ValidationError("Tapez l'heure de début et l'heure de fin.")
        hours = {name: HOUR.fullmatch(str(raw.get(name, "")).strip()) for name in ("from", "to")}
        if not all(hours.values()):
            raise ValidationError("Tapez deux heures, comme 20:00 et 07:00.")
        value = {name: f"{int(found[1]):02}:{found[2]}" for name, found in hours.items() if found}
        if value["from"] == value["to"]:
            raise ValidationError("L'heure de fin est celle du début : choisissez deux heures différentes.")
        return value

    def shown(self, value: Any) -> str:
        begins, ends = (time.fromisoformat(value[name]) for name in ("from", "to"))
        return f"de {begins.hour} h {begins:%M} à {ends.hour} h {ends:%M}"


@dataclass(frozen=True)
class Openings(Kind):
    """Which of a list are open. Kept as those that are closed: what is added to the list later is open."""

    name: ClassVar[str] = "openings"
    choices: Callable[[], list[tuple[str, str]]] = list

    def others(self, keys: list[str]) -> list[str]:
        """From those that are closed to those that are open, and back."""
        return [key for key, _ in self.choices() if key not in keys]

    def clean(self, raw: Any) -> list[str]:
        known = [key for key, _ in self.choices()]
        if not isinstance(raw, list) or not set(map(str, raw)) <= set(known):
            raise ValidationError("Choisissez parmi les valeurs proposées.")
        return [key for key in known if key in raw]

    def shown(self, value: Any) -> str:
        return ", ".join(label for key, label in self.choices() if key not in value) or "aucun"


@dataclass(frozen=True)
class Picture(Kind):
    """An image kept here: its digest and its size; none where it is null."""

    name: ClassVar[str] = "picture"

    def clean(self, raw: Any) -> dict[str, Any]:
        whole = isinstance(raw, dict) and set(raw) == {"digest", "width", "height"}
        if not whole or not DIGEST.fullmatch(str(raw["digest"])):
            raise ValidationError("Choisissez une image, puis recommencez.")
        if not all(isinstance(raw[side], int) and 0 < raw[side] <= 1000 for side in ("width", "height")):
            raise ValidationError("Choisissez une image, puis recommencez.")
        return raw

    def shown(self, value: Any) -> str:
        return "une image" if value else NOTHING
