"""What French asks of dates, plurals and names: these stand in for Django's own in every template, none loads them."""

import re
from datetime import date as Date
from typing import Any

from django import template
from django.template import defaultfilters
from django.utils import timezone

from ent.kernel import text

register = template.Library()
ABROAD = re.compile(r"^\+33 ?(?=\d)")


@register.filter(expects_localtime=True, is_safe=False)
def date(value: Date | None, form: str | None = None) -> str:
    """« 1er mars », « 9 h 50 » on one line."""
    return text.unbroken(text.with_first(str(defaultfilters.date(value, form))))


@register.simple_tag
def now(form: str) -> str:
    """Today's date, or the hour."""
    return text.unbroken(text.dated(timezone.localtime(), form))


@register.filter(is_safe=False)
def pluralize(value: Any, endings: str = "s") -> str:
    """The plural begins at two: « 0 place », « 1 place », « 2 places »."""
    try:
        count = float(value)
    except (TypeError, ValueError):
        count = len(value) if hasattr(value, "__len__") else 1
    return defaultfilters.pluralize(2 if abs(count) >= 2 else 1, endings)


@register.filter
def of(name: Any) -> str:
    """« d'Élie », « de Camille »."""
    return text.of(str(name))


@register.filter(is_safe=True)
def unbroken(words: Any) -> str:
    """Words in which an hour stays on one line."""
    return text.unbroken(str(words))


@register.filter(is_safe=True)
def phone(number: Any) -> str:
    """« +33 6 39 98 25 05 » as it is dialled here, « 06 39 98 25 05 », on one line."""
    return ABROAD.sub("0", str(number)).replace(" ", "\N{NO-BREAK SPACE}")
