"""Small pieces every template uses."""

from django import template
from django.forms import BoundField, ModelChoiceField, Select
from django.templatetags.static import static
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.html import format_html

from ent.kernel.navigation import is_closed
from ent.kernel.tables import FORMATS

register = template.Library()
DASHES = "-" * 9
CHOOSE = "Choisir"


@register.simple_tag
def icon(name: str) -> str:
    """An icon of the sprite; decoration only, the words stand beside it."""
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        static("ui/icons.svg"),
        name,
    )


@register.simple_block_tag(takes_context=True)
def link(context, content: str, url_name: str, *args, query: str = "") -> str:
    """`{% link "people:person" pk %}…{% endlink %}`: the words alone where the school closed that module."""
    if is_closed(context["request"], url_name):
        return content
    return format_html('<a href="{}{}">{}</a>', reverse(url_name, args=args), query, content)


@register.inclusion_tag("components/field.html")
def field(bound: BoundField) -> dict[str, object]:
    """A form's field: label above, help, and its error next to it."""
    described = [f"{bound.id_for_label}-{kind}" for kind in ("help", "error")
                 if (bound.help_text if kind == "help" else bound.errors)]  # fmt: skip
    attributes: dict[str, str | bool] = {"aria-describedby": " ".join(described)} if described else {}
    if bound.errors:
        attributes["aria-invalid"] = "true"
    _invite(bound)
    return {"field": bound, "widget": bound.as_widget(attrs=attributes)}


def _invite(bound: BoundField) -> None:
    """« Choisir » where Django's lists of choices begin with dashes."""
    field = bound.field
    if isinstance(field, ModelChoiceField):
        field.empty_label = CHOOSE if field.empty_label == DASHES else field.empty_label
    elif isinstance(field.widget, Select):
        field.widget.choices = [(value, CHOOSE if label == DASHES else label) for value, label in field.widget.choices]


@register.inclusion_tag("components/export_links.html", takes_context=True)
def export_links(context, table: str = "") -> dict[str, object]:
    """Links to a table of this page, with the page's filters, as files for a spreadsheet."""
    chosen = context["request"].GET.copy()
    for name in ("page", "export", "table"):
        chosen.pop(name, None)
    if table:
        chosen["table"] = table
    query = f"{chosen.urlencode()}&" if chosen else ""
    return {"links": [(label, f"?{query}export={kind}") for kind, label in FORMATS.items()]}


@register.filter
def may(request, permission: str) -> bool:
    """`{% if request|may:"attendance.plan" %}`: whether a link leads somewhere for who reads the page."""
    return bool(request) and request.user.has_perm(permission)


@register.filter
def number(value: int) -> str:
    """« 1 113 »: digits in threes, as French writes them."""
    return number_format(value, force_grouping=True)


@register.filter
def initials(name: str) -> str:
    """« Éloïse Durand » → « ÉD »."""
    words = str(name).split()
    return (words[0][:1] + (words[-1][:1] if len(words) > 1 else "")).upper() if words else ""
