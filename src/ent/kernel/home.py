"""What the home page shows of each module, for who asks: « what now? » first.

    @block("attendance.take", order=10, template="attendance/_home_teacher.html", url_name="attendance:register")
    def sessions_of_today(request): …          # what the template gets as `block`; None: nothing to show

    @pupil_block("timetable.view_own", order=10, template="timetable/_home_pupil.html", url_name="timetable:own")
    def next_sessions(request, pupils): …      # {pupil id: what the template gets as `block`}

A pupil block is shown to the pupil, and to a guardian once per child; it reads for all of them at once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest

from ent.kernel.navigation import is_closed


@dataclass(frozen=True)
class Block:
    """A part of the home page, for who holds the right."""

    permission: str
    order: int
    template: str
    # A page of the module: where that is closed, so is the block.
    url_name: str
    find: Callable[..., Any]


@dataclass(frozen=True)
class Shown:
    """A block with what it found."""

    template: str
    data: Any


_blocks: list[Block] = []
_pupil_blocks: list[Block] = []


def block(permission: str, *, order: int, template: str, url_name: str):
    """Declare a block of whoever holds a right: a function of the request."""
    return _declare(_blocks, permission, order, template, url_name)


def pupil_block(permission: str, *, order: int, template: str, url_name: str):
    """Declare a block about a pupil: a function of the request and the pupils' ids, all at once."""
    return _declare(_pupil_blocks, permission, order, template, url_name)


def _declare(where: list[Block], permission: str, order: int, template: str, url_name: str):
    def register(find):
        where.append(Block(permission, order, template, url_name, find))
        where.sort(key=lambda one: one.order)
        return find

    return register


def blocks(request: HttpRequest) -> list[Shown]:
    """What there is to show of oneself and one's work."""
    found = ((one, one.find(request)) for one in _open(_blocks, request))
    return [Shown(one.template, data) for one, data in found if data is not None]


def pupil_blocks(request: HttpRequest, pupils: list[UUID]) -> Mapping[UUID, list[Shown]]:
    """What there is to show of each pupil."""
    shown: dict[UUID, list[Shown]] = {pupil: [] for pupil in pupils}
    if not pupils:
        return shown
    for one in _open(_pupil_blocks, request):
        for pupil, data in one.find(request, pupils).items():
            if pupil in shown and data is not None:
                shown[pupil].append(Shown(one.template, data))
    return shown


def _open(where: list[Block], request: HttpRequest) -> list[Block]:
    may = request.user.has_perm
    return [one for one in where if may(one.permission) and not is_closed(request, one.url_name)]
