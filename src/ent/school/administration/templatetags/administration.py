"""The administration's places, for who may open them."""

from django import template
from django.urls import reverse

register = template.Library()
TABS = [
    ("accounts", "Comptes", "people.manage_accounts"),
    ("letters", "Lettres", "people.manage_accounts"),
    ("functions", "Fonctions", "people.manage_functions"),
    ("photos", "Photos", "people.import_photos"),
    ("imports", "Imports", "people.manage_accounts"),
    ("timetable_files:imports", "Emploi du temps", "timetable.import_file"),
    ("training", "Formations", "administration.sign_up_training"),
    ("network", "Réseau", "network.manage"),
    ("support", "Assistance", "support.ask"),
    ("rights:matrix", "Droits", "people.view_rights"),
    ("settings", "Réglages", "administration.change_settings"),
]


@register.inclusion_tag("administration/_tabs.html", takes_context=True)
def administration_tabs(context) -> dict[str, object]:
    """Tabs towards the pages this person may open."""
    request = context["request"]
    tabs = [
        (name, label, reverse(name if ":" in name else f"administration:{name}"))
        for name, label, right in TABS
        if request.user.has_perm(right)
    ]
    return {"tabs": tabs, "request": request}
