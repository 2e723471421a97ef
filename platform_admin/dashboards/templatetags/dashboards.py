"""Figures as they are read."""

from django import template
from django.utils.formats import number_format
from django.utils.safestring import SafeString, mark_safe

register = template.Library()
NOT_TOLD = mark_safe('<abbr title="Non communiqué">n. c.</abbr>')


@register.filter
def told(count: int | None) -> str | SafeString:
    """« 12 345 »; « n. c. » where the number is hidden."""
    return NOT_TOLD if count is None else number_format(count, force_grouping=True, use_l10n=True)


@register.filter
def known(value: float | None, unit: str = "") -> str:
    """« 42 % », « 310 ms »; a dash where nothing is known."""
    if value is None:
        return "–"
    return f"{number_format(round(value, 1) if value % 1 else int(value), force_grouping=True)} {unit}".strip()
