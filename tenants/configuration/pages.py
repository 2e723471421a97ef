"""The pages of settings, the same in the console and in a school: the list, one setting, its history, an undoing."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from tenants.configuration import actions, images, queries
from tenants.configuration.actions import Author, ChangedMeanwhile, UndoRefused, version
from tenants.configuration.forms import SettingForm
from tenants.configuration.kinds import Picture
from tenants.configuration.models import Level, SettingChange
from tenants.configuration.queries import Effective, InForce, Place
from tenants.configuration.registry import SETTINGS, Hand, Setting
from tenants.models import School

HISTORY = 30
# Names listed of the schools a change touches; the others are counted.
LISTED = 300


@dataclass(frozen=True)
class Desk:
    """Who sits where: the level whose settings are shown, what this person may change there, and the addresses."""

    place: Place
    hand: Hand
    may_act: bool
    author: Author
    page: str
    edit_url: Callable[[str], str]
    undo_url: Callable[[UUID], str]
    # What stands above the settings: tabs of the console, or of the school's administration.
    tabs: str
    # Whether what a change touches is shown before it is made (a school touches itself alone).
    confirms: bool = True
    more: dict[str, Any] = field(default_factory=dict)

    def may_change(self, setting: Setting) -> bool:
        """Whether this person may set it here."""
        return self.may_act and setting.may_be_set(self.place.level, self.hand)

    @property
    def context(self) -> dict[str, Any]:
        return {"desk": self, "place": self.place, "tabs_template": self.tabs} | self.more


@dataclass(frozen=True)
class Shown:
    """A value as a page shows it."""

    setting: Setting
    value: Any

    @property
    def words(self) -> str:
        return self.setting.shown(self.value)

    @property
    def kind(self) -> str:
        return self.setting.kind.name

    @property
    def picture(self) -> str:
        """The address of the image it is."""
        return images.preview(self.value["digest"]) if self.value and isinstance(self.setting.kind, Picture) else ""


@dataclass(frozen=True)
class Row:
    """A setting on the list."""

    setting: Setting
    shown: Shown
    source: str
    is_own: bool
    who: str
    edit_url: str
    below: int


def source_of(found: Effective, place: Place) -> str:
    """Where a value comes from, in words."""
    if found.level is None:
        return "Valeur d'origine"
    if found.level == place.level:
        return "Fixé ici"
    if found.level == Level.AUTHORITY:
        return f"Hérité : {place.school.authority}" if place.school else "Fixé ici"
    return "Hérité : académie"


def _rows(desk: Desk) -> list[Row]:
    values, below = queries.in_force_at(desk.place).values, queries.set_below(desk.place)
    return [
        Row(
            setting=setting,
            shown=Shown(setting, values[setting.key].value),
            source=source_of(values[setting.key], desk.place),
            is_own=values[setting.key].level == desk.place.level,
            who=setting.who_sets(desk.place.level),
            edit_url=desk.edit_url(setting.key) if desk.may_change(setting) else "",
            below=below.get(setting.key, 0),
        )
        for setting in SETTINGS.values()
        # What only a school sets has no value above it.
        if desk.place.school or set(setting.by) != {Level.SCHOOL}
    ]


def _history(request: HttpRequest, desk: Desk, setting: Setting | None = None) -> dict[str, Any]:
    page = Paginator(queries.changes(desk.place, setting), HISTORY).get_page(request.GET.get("page"))
    standing = queries.standing(desk.place)
    lines = []
    for change in page:
        changed = SETTINGS[change.key]
        lines.append(
            {
                "change": change,
                "setting": changed,
                "before": _words(changed, change.before),
                "after": _words(changed, change.after),
                "is_undone": hasattr(change, "undone_by"),
                "undo_url": desk.undo_url(change.pk) if change.pk in standing and desk.may_change(changed) else "",
            }
        )
    return {"page": page, "lines": lines}


def _words(setting: Setting, value: Any) -> str:
    return "valeur héritée" if value is None else setting.shown(value)


def settings_page(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Every setting at a level: value, where it comes from, who may change it; and what was changed."""
    groups = [(label, list(rows)) for label, rows in groupby(_rows(desk), lambda row: row.setting.group)]
    context = desk.context | _history(request, desk) | {"groups": groups}
    return render(request, "configuration/settings.html", context)


def edit_page(request: HttpRequest, desk: Desk, setting: Setting) -> HttpResponse:
    """Change a setting: type, see what it touches, confirm. What someone else set meanwhile stands beside one's own."""
    if not desk.may_change(setting):
        raise PermissionDenied
    here = queries.in_force_at(desk.place)
    form = SettingForm(setting, here.values[setting.key].value, request.POST or None, request.FILES or None)
    if request.method != "POST":
        read = version(queries.last_change(setting, desk.place))
        return _form(request, desk, setting, here, form, read)
    read, inherits = request.POST.get("read", ""), "inherit" in request.POST
    value = None
    if not inherits:
        try:
            # A value already typed and cleaned, on its way back from the confirmation.
            kept = json.loads(request.POST["kept"]) if "kept" in request.POST else None
            value = setting.clean(kept) if kept is not None else None
        except (ValueError, ValidationError):
            value = None
        if value is None:
            if not form.is_valid():
                return _form(request, desk, setting, here, form, read, status=400)
            value = form.cleaned_data["value"]
    if desk.confirms and "confirmed" not in request.POST:
        return _confirm(request, desk, setting, here, value, read)
    try:
        if inherits:
            done = actions.unset_value(setting, desk.place, read=read, author=desk.author)
        else:
            done = actions.set_value(setting, desk.place, value, read=read, author=desk.author)
    except ChangedMeanwhile as meanwhile:
        return _conflict(request, desk, setting, meanwhile.change, value)
    except ValidationError as error:
        form.add_error(None, error)
        return _form(request, desk, setting, here, form, read, status=400)
    if done:
        messages.success(request, f"{setting.label} : {_words(setting, value)}.")
    else:
        messages.info(request, f"{setting.label} : rien ne change, cette valeur était déjà là.")
    return redirect(desk.page)


def _form(
    request: HttpRequest, desk: Desk, setting: Setting, here: InForce, form: SettingForm, read: str,
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    found, inherited = here.values[setting.key], here.inherited[setting.key]
    context = {
        "setting": setting,
        "form": form,
        "shown": Shown(setting, found.value),
        "source": source_of(found, desk.place),
        "is_own": found.level == desk.place.level,
        "inherited": Shown(setting, inherited.value),
        "who": setting.who_sets(desk.place.level),
        "read": read,
    }
    return render(
        request, "configuration/edit.html", desk.context | context | _history(request, desk, setting), status=status
    )


def _confirm(request: HttpRequest, desk: Desk, setting: Setting, here: InForce, value: Any, read: str) -> HttpResponse:
    new = here.inherited[setting.key].value if value is None else value
    context = {
        "setting": setting,
        "before": Shown(setting, here.values[setting.key].value),
        "after": Shown(setting, new),
        "inherits": value is None,
        "kept": json.dumps(value),
        "read": read,
    }
    reached = queries.touched(setting, desk.place, new)
    return render(request, "configuration/confirm.html", desk.context | context | _reach(reached))


def _reach(schools: QuerySet[School]) -> dict[str, Any]:
    """How many schools, of which collectivities, and their names."""
    by_authority = [
        {"name": line["authority__name"] or "Sans collectivité", "n": line["n"]}
        for line in schools.order_by("authority__code").values("authority__code", "authority__name")
        .annotate(n=Count("pk"))
    ]  # fmt: skip
    total = sum(line["n"] for line in by_authority)
    return {
        "by_authority": by_authority,
        "total": total,
        "schools": schools[:LISTED],
        "unlisted": max(0, total - LISTED),
    }


def _conflict(request: HttpRequest, desk: Desk, setting: Setting, change: SettingChange, value: Any) -> HttpResponse:
    inherited = queries.in_force_at(desk.place).inherited[setting.key].value
    context = {
        "setting": setting,
        "change": change,
        "theirs": Shown(setting, inherited if change.after is None else change.after),
        "theirs_inherits": change.after is None,
        "mine": Shown(setting, inherited if value is None else value),
        "inherits": value is None,
        "kept": json.dumps(value),
        "read": version(change),
    }
    return render(request, "configuration/conflict.html", desk.context | context, status=409)


def undo_page(request: HttpRequest, desk: Desk, change: SettingChange) -> HttpResponse:
    """Undo a change: what it touches first, then done; refused, with the reason, where a later one stands on it."""
    setting = SETTINGS[change.key]
    if not desk.may_change(setting):
        raise PermissionDenied
    try:
        if request.method == "POST":
            actions.undo(change, desk.place, author=desk.author)
            messages.success(request, f"{setting.label} : le changement est annulé.")
            return redirect(desk.page)
        actions.check_undo(change, desk.place)
    except UndoRefused as refused:
        messages.error(request, str(refused))
        return redirect(desk.page)
    except ValidationError as error:
        messages.error(request, f"La valeur d'avant n'est plus possible. {' '.join(error.messages)}")
        return redirect(desk.page)
    inherited = queries.in_force_at(desk.place).inherited[setting.key].value
    new = inherited if change.before is None else change.before
    context = {
        "setting": setting,
        "change": change,
        "before": Shown(setting, inherited if change.after is None else change.after),
        "after": Shown(setting, new),
        "inherits": change.before is None,
        "undoing": True,
    }
    reached = queries.touched(setting, desk.place, new)
    return render(request, "configuration/confirm.html", desk.context | context | _reach(reached))
