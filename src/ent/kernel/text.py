"""Accents folded: the one form used for search, sorting and sign-in names. What French does to words that meet; days
said in words, and read as browsers send them.
"""

import re
import unicodedata
from datetime import date, datetime

from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.formats import date_format

FIRST = re.compile(
    r"\b1 (?=(?:janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre)\b)", re.IGNORECASE
)
HOUR = re.compile(r"(?<=\d) h(?: (?=\d\d)|(?!\w))")
LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l", "đ": "d", "’": "'"})


def folded(text: str) -> str:
    """Lower case without accents ("Éloïse" → "eloise"); what has no Latin base letter stays as it is."""
    decomposed = unicodedata.normalize("NFKD", text).lower().translate(LIGATURES)
    decomposed = unicodedata.normalize("NFKD", decomposed)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def of(name: str) -> str:
    """« d'Élie », « de Camille », « de Yasmine » but « d'Yves »; before h, which may be aspirated, « de »."""
    start = folded(name.strip()[:3])
    elided = start[:1] in set("aeiou") or (start[:1] == "y" and start[1:2] not in set("aeiou "))
    return f"d'{name}" if start and elided else f"de {name}"


def with_first(text: str) -> str:
    """« 1 mars » → « 1er mars », as French says the first of a month."""
    return FIRST.sub("1er ", text)


def unbroken(text: str) -> str:
    """« 9 h 50 » with spaces at which no line ends."""
    return HOUR.sub(lambda hour: hour[0].replace(" ", "\N{NO-BREAK SPACE}"), text)


def typed_day(text: str) -> date | None:
    """The day that « 2026-11-25 » says, of this century; none for anything else, whoever wrote it."""
    try:
        day = parse_date(text)
    except ValueError:
        return None
    return day if day and 2000 <= day.year < 2100 else None


def hour(moment: datetime) -> str:
    """« 8 h 05 », « 9 h », here."""
    local = timezone.localtime(moment)
    return f"{local.hour} h {local.minute:02}" if local.minute else f"{local.hour} h"


def dated(day: date, form: str = "l j F") -> str:
    """« lundi 1er mars »: a day in words (Django's letters)."""
    return with_first(date_format(day, form))
