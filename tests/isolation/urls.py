"""The URL map, flattened: every address with what it declares."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module

from django.urls import URLPattern, URLResolver
from django.urls.resolvers import RegexPattern


@dataclass(frozen=True)
class Address:
    """One URL of one host, with the methods to try and what its view declares."""

    name: str
    route: str
    kwargs: tuple[str, ...]
    method: str
    permission: str
    open_reason: str
    needs_session: bool
    is_api: bool

    def __str__(self) -> str:
        return f"{self.method} {self.name}"


def addresses(urlconf: str) -> list[Address]:
    """Every URL of a URL map and, for the API, every operation."""
    return list(_walk(import_module(urlconf).urlpatterns, "", ""))


def _walk(patterns, namespace: str, route: str) -> Iterator[Address]:
    for pattern in patterns:
        text = str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _walk(pattern.url_patterns, inner, route + text)
        elif isinstance(pattern, URLPattern):
            yield from _operations(pattern, f"{namespace}{pattern.name}", route + text)


def _operations(pattern: URLPattern, name: str, route: str) -> Iterator[Address]:
    view = pattern.callback
    kwargs = tuple(
        re.findall(
            r"\?P<(\w+)>" if isinstance(pattern.pattern, RegexPattern) else r"<(?:\w+:)?(\w+)>", str(pattern.pattern)
        )
    )
    kwargs = tuple(dict.fromkeys((*re.findall(r"<(?:\w+:)?(\w+)>", route), *kwargs)))
    permissions = getattr(getattr(view, "cls", None), "permissions", None)
    if permissions is not None:
        for method, action in (getattr(view, "actions", None) or {}).items():
            if method != "head":
                yield Address(name, route, kwargs, method, permissions.get(action, ""), "", True, True)
        return
    yield Address(
        name, route, kwargs, "get", getattr(view, "permission", ""), getattr(view, "open_reason", ""),
        getattr(view, "needs_session", True), hasattr(view, "cls"),
    )  # fmt: skip
