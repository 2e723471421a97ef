"""Pieces of the pages about agents."""

from django import template
from django.utils.html import format_html

from platform_admin.officers.access import ACADEMY_FUNCTIONS
from platform_admin.officers.models import Officer
from platform_admin.officers.queries import Reach

register = template.Library()


@register.inclusion_tag("officers/_tabs.html", takes_context=True)
def officer_tabs(context) -> dict[str, object]:
    """Agents and journal, for who may read both."""
    request = context["request"]
    return {"request": request, "perms_journal": request.user.has_perm("console.read_journal")}


@register.simple_tag
def seen(officer: Officer, reach: Reach) -> str:
    """« Cantal, Allier », or all of the academy."""
    return "toute l’académie" if officer.function in ACADEMY_FUNCTIONS else _names(reach.sees)


@register.simple_tag
def acted(officer: Officer, reach: Reach) -> str:
    """The same of what an agent acts for."""
    return "toute l’académie" if officer.function in ACADEMY_FUNCTIONS else _names(reach.acts)


def _names(authorities) -> str:
    return ", ".join(one.name for one in sorted(authorities, key=lambda one: one.code)) or "rien"


@register.simple_tag
def access_state(officer: Officer, device=None) -> str:
    """How far an agent's access is: in words, with a badge."""
    is_enrolled = getattr(officer, "is_enrolled", device is not None)
    if officer.closed_at:
        state, kind = "fermé", ""
    elif not officer.account.activated_at:
        state, kind = "attend sa lettre", "warn"
    elif not is_enrolled:
        state, kind = "sans appareil", "warn"
    else:
        state, kind = "ouvert", "done"
    return format_html('<span class="badge {}">{}</span>', kind, state)
