"""What every page knows: the school, who is asking, where one can go."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from ent.kernel.access import acting_as

# The right whose holders have the search field in the top bar of a school's pages.
SEARCH = "people.search"


@dataclass(frozen=True)
class Entry:
    """A place in the navigation, shown to whoever holds its right."""

    label: str
    url_name: str
    icon: str
    permission: str
    order: int
    # Other pages, by the name of their URL, that belong to this place though they do not lie below it.
    within: tuple[str, ...] = ()
    # How much waits there for who asks.
    count: Callable[[HttpRequest], int] | None = None
    # Whoever holds this right reaches it from another place.
    unless: str = ""


@dataclass(frozen=True)
class Module:
    """A part of the school layer that a school may do without, unless it is essential."""

    key: str
    label: str
    # How the names of its addresses begin, pages and API.
    url_names: tuple[str, ...]
    is_essential: bool


@dataclass(frozen=True)
class AboutPage:
    """A page about a person, a class or a group, reached from theirs by whoever holds its right over them."""

    label: str
    url_name: str
    icon: str
    permission: str
    order: int
    # Profiles of people; « division », « group ».
    kinds: tuple[str, ...]
    # What the page calls them in its query string (« ?pupil=… »); where empty, its address takes their id.
    field: str = ""
    # Where the right over them does not say all: whether who asks may use it for them.
    may: Callable[[HttpRequest, Any], bool] | None = None

    def url(self, pk: Any) -> str:
        return f"{reverse(self.url_name)}?{self.field}={pk}" if self.field else reverse(self.url_name, args=[pk])


_about_pages: list[AboutPage] = []
_entries: dict[str, list[Entry]] = {"school": [], "platform": []}
_modules: list[Module] = []


def module(key: str, label: str, *url_names: str, essential: bool = False) -> None:
    """Declare a module of the school layer by how the names of its addresses begin."""
    _modules.append(Module(key, label, url_names, essential))


def modules() -> list[Module]:
    """Every module of the school layer."""
    return list(_modules)


def module_of(url_name: str) -> Module | None:
    """The module an address belongs to."""
    return next((one for one in _modules if url_name.startswith(one.url_names)), None)


def is_closed(request: HttpRequest, url_name: str) -> bool:
    """Whether an address belongs to a module that is closed on this host."""
    closed = getattr(request, "closed_modules", ())
    found = module_of(url_name) if closed else None
    return found is not None and found.key in closed


def entry(
    layer: str,
    label: str,
    url_name: str,
    icon: str,
    permission: str,
    order: int,
    within: tuple[str, ...] = (),
    count: Callable[[HttpRequest], int] | None = None,
    unless: str = "",
) -> None:
    """Declare a place in the navigation of a layer ("school" or "platform"), with what waits there if told."""
    _entries[layer].append(Entry(label, url_name, icon, permission, order, within, count, unless))
    _entries[layer].sort(key=lambda item: item.order)


def person_page(
    label: str, url_name: str, icon: str, permission: str, order: int, profiles: tuple[str, ...] = ("pupil",),
    field: str = "",
) -> None:  # fmt: skip
    """Declare a page about a person of some profiles; its address, or its `field`, takes the person's id."""
    _about(AboutPage(label, url_name, icon, permission, order, profiles, field))


def class_page(
    label: str, url_name: str, icon: str, permission: str, order: int, kind: str = "division", field: str = "",
    may: Callable[[HttpRequest, Any], bool] | None = None,
) -> None:  # fmt: skip
    """Declare a page about a class (or a « group »); its address, or its `field`, takes the id."""
    _about(AboutPage(label, url_name, icon, permission, order, (kind,), field, may))


def _about(found: AboutPage) -> None:
    _about_pages.append(found)
    _about_pages.sort(key=lambda one: one.order)


def pages_about(request: HttpRequest, subject: Any, kind: str = "") -> list[dict[str, str]]:
    """The pages about a person (or a class, a group: `kind`) that one may open: label, url, icon."""
    return [
        {"label": one.label, "url": one.url(subject.pk), "icon": one.icon}
        for one in _about_pages
        if (kind or subject.profile) in one.kinds
        and not is_closed(request, one.url_name)
        and request.user.has_perm(one.permission, subject)
        and (one.may is None or one.may(request, subject))
    ]


def page(request: HttpRequest) -> dict[str, object]:
    """Context of every page."""
    school = getattr(request, "school", None)
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"school": school, "person": None, "navigation": [], "identities": [], "roles_label": ""}
    acting = acting_as(user)
    return {
        "school": school,
        "person": acting if acting.name else None,
        "roles_label": acting.roles_label,
        "identities": acting.identities,
        "searches": bool(school) and user.has_perm(SEARCH) and not is_closed(request, "people:search"),
        "navigation": list(_places(request, "school" if school else "platform", user.has_perm)),
    }


def _places(request: HttpRequest, layer: str, may: Callable[[str], bool]):
    places = [(place, reverse(place.url_name)) for place in _entries[layer]
              if may(place.permission) and not is_closed(request, place.url_name)
              and not (place.unless and may(place.unless))]  # fmt: skip
    # Of the places one is below, the nearest: « /console/imports/ » rather than « /console/ ».
    within = [
        (len(root), url)
        for place, url in places
        for root in (url, *(reverse(name) for name in place.within))
        if request.path == root or (root != "/" and request.path.startswith(root))
    ]
    _, here = max(within, default=(0, ""))
    for place, url in places:
        waiting = place.count(request) if place.count else 0
        yield {"label": place.label, "url": url, "icon": place.icon, "current": url == here, "waiting": waiting}
