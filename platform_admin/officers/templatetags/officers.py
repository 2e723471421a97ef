"""Pieces of the pages about agents."""

from django import template
from django.utils.html import format_html

from platform_admin.officers.models import Officer
from platform_admin.officers.queries import CLOSED, OPEN, Reach, names_acted, names_seen, state_of

register = template.Library()


@register.inclusion_tag("officers/_tabs.html", takes_context=True)
def officer_tabs(context) -> dict[str, object]:
    """Agents and journal, for who may read both."""
    request = context["request"]
    return {"request": request, "perms_journal": request.user.has_perm("console.read_journal")}


@register.simple_tag
def seen(officer: Officer, reach: Reach) -> str:
    """« Cantal, Allier », or all of the academy."""
    return names_seen(officer, reach)


@register.simple_tag
def acted(officer: Officer, reach: Reach) -> str:
    """The same of what an agent acts for."""
    return names_acted(officer, reach)


@register.simple_tag
def access_state(officer: Officer, device=None) -> str:
    """How far an agent's access is: in words, with a badge."""
    state = state_of(officer, is_enrolled=getattr(officer, "is_enrolled", device is not None))
    kind = {CLOSED: "", OPEN: "done"}.get(state, "warn")
    return format_html('<span class="badge {}">{}</span>', kind, state)
