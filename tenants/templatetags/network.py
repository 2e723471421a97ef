"""How a connection is shown, at school and in the console."""

from django import template
from django.utils.html import format_html

from tenants.liaison.network import Expected, Level, french

register = template.Library()
_TONES = {Level.COMFORTABLE: "done", Level.FAIR: "", Level.SLOW: "warn", Level.VERY_SLOW: "urgent"}


@register.simple_tag
def level(expected: Expected) -> str:
    """The expected level, in words first."""
    if expected.level is None:
        return format_html('<span class="badge">{}</span>', "Inconnu")
    return format_html('<span class="badge {}">{}</span>', _TONES[expected.level], expected.level.label)


@register.simple_tag
def mbps(value: float | None) -> str:
    """« 12 Mbit/s », « – » where it is not known."""
    return "–" if value is None else f"{french(value)} Mbit/s"


@register.simple_tag
def milliseconds(value: float) -> str:
    """« 42 ms »."""
    return f"{french(value)} ms"
