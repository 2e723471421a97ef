"""Queries that are built and compiled once, then only given their values.

Building and compiling its queries is half of what a home page costs Django; what changes from one request to the next
is a few values.

    @prepared
    def _due(pupils: Sequence[UUID], first: date, now: datetime) -> QuerySet: …

    _due([pupil], today, now)        # a list, as list(_due.build([pupil], today, now)) would give

The function is called again for other lengths of its sequences only. Its values go into the query as they are: to
compute with one of them is refused (a value would stay from the first call), and so is not to use one.
"""

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import QuerySet
from django.db.models.sql.compiler import SQLCompiler

Row = TypeVar("Row")

# What stands for a value while compiling lies where no real one does, so that what is left of it is recognised.
MARKED_YEAR = 1
MARKED_UUIDS = 2**64
# Longer lists are compiled each time: they are rare, and each length would be kept.
LONGEST = 100
# How many combinations of lengths are kept of a query; a home knows a few dozen.
SHAPES = 200


class UnpreparedValue(TypeError):
    """A value that is computed with, left out, or of a kind that cannot be marked."""


@dataclass(frozen=True)
class _Compiled:
    queryset: QuerySet
    compiler: SQLCompiler
    sql: str
    constants: tuple[Any, ...]
    # (place among the parameters, place among the values) of each value.
    places: tuple[tuple[int, int], ...]


class Prepared(Generic[Row]):
    """A function that gives a query set, run with its compilation kept."""

    def __init__(self, build: Callable[..., QuerySet[Any, Row]]):
        self.build = build
        self.__doc__ = build.__doc__
        self._compiled: dict[tuple[int, ...], _Compiled] = {}

    def __call__(self, *values: Any) -> list[Row]:
        """The rows for these values (UUIDs, dates, aware datetimes, or sequences of them), in one query."""
        shape = tuple(len(value) if _is_many(value) else -1 for value in values)
        if 0 in shape or max(shape) > LONGEST:  # (of an empty list, Django knows that there is nothing to find)
            return list(self.build(*values))
        found = self._compiled.get(shape)
        if found is None:
            if len(self._compiled) >= SHAPES:
                self._compiled.clear()
            found = self._compiled[shape] = _compile(self.build, values)
        flat = _flat(values)
        parameters = list(found.constants)
        for place, value in found.places:
            parameters[place] = flat[value]
        return list(_bound(found, tuple(parameters)))


def prepared(build: Callable[..., QuerySet[Any, Row]]) -> Prepared[Row]:
    """Compile what a function's query set says once for all calls (a decorator)."""
    return Prepared(build)


def _compile(build: Callable[..., QuerySet], values: Sequence[Any]) -> _Compiled:
    found, again = (_marked(build, values, apart) for apart in (2, 3))
    if found.places != again.places:
        raise UnpreparedValue(f"{build.__qualname__}: a value is computed with before it is asked for")
    return found


def _marked(build: Callable[..., QuerySet], values: Sequence[Any], apart: int) -> _Compiled:
    """Compiled with marks for values. `apart`: what is added to one mark is not the next one at every distance."""
    marks: list[Any] = []

    def mark(value: Any) -> Any:
        if _is_many(value):
            return [mark(one) for one in value]
        marks.append(_mark(value, len(marks) * apart))
        return marks[-1]

    queryset = build(*[mark(value) for value in values])
    compiler = queryset.query.get_compiler(DEFAULT_DB_ALIAS)
    sql, parameters = compiler.as_sql()
    wanted = {mark: place for place, mark in enumerate(marks)}
    places = []
    for place, value in enumerate(parameters):
        if _is_marked(value):
            if value not in wanted:
                raise UnpreparedValue(f"{build.__qualname__}: a value is computed with before it is asked for")
            places.append((place, wanted[value]))
    if len({value for _, value in places}) < len(marks):
        raise UnpreparedValue(f"{build.__qualname__}: a value never reaches the query")
    return _Compiled(queryset, compiler, sql, tuple(parameters), tuple(places))


def _bound(compiled: _Compiled, parameters: tuple[Any, ...]) -> QuerySet:
    """The query set, about to run what was compiled with these parameters, on this thread's connection."""
    compiler = copy(compiled.compiler)
    compiler.connection = connections[DEFAULT_DB_ALIAS]
    compiler.as_sql = lambda *_, **__: (compiled.sql, parameters)  # type: ignore[method-assign]
    queryset = compiled.queryset.all()
    queryset.query.get_compiler = lambda *_, **__: compiler  # type: ignore[method-assign]
    return queryset


def _is_many(value: Any) -> bool:
    return isinstance(value, list | tuple | set | frozenset)


def _flat(values: Sequence[Any]) -> list[Any]:
    return [one for value in values for one in (value if _is_many(value) else (value,))]


def _mark(value: Any, place: int) -> Any:
    """What stands for a value of this kind, unlike any other."""
    if isinstance(value, UUID):
        return UUID(int=place)
    if isinstance(value, datetime):
        return datetime(MARKED_YEAR, 2, 1, tzinfo=UTC) + timedelta(minutes=place)
    if isinstance(value, date):
        return date.fromordinal(place + 1)
    raise UnpreparedValue(f"a {type(value).__name__} cannot be given to a prepared query")


def _is_marked(value: Any) -> bool:
    if isinstance(value, UUID):
        return value.int < MARKED_UUIDS
    return isinstance(value, date) and value.year == MARKED_YEAR
