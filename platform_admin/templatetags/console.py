"""Pieces of the console's pages."""

from django import template
from django.urls import reverse

from platform_admin.console import tabs_for

register = template.Library()


@register.inclusion_tag("platform_admin/_school_tabs.html", takes_context=True)
def school_tabs(context, school) -> dict[str, object]:
    """The tabs of a school's pages."""
    request = context["request"]
    tabs = [(tab.label, reverse(tab.url_name, args=[school.uai])) for tab in tabs_for(request.user, school)]
    return {"tabs": tabs, "path": request.path}
