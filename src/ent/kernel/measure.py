"""What a school counts of itself: who came, how the service answered, what was done. Counts, never a name.

A page only adds to a counter in memory; a thread sends the sums to Valkey every second. Where Valkey is slow or
away, the sums wait, up to a bound, and no page does. What Valkey keeps is keyed by school and forgotten after 8 days.
People are counted by HyperLogLog (exact to 1 %): nowhere stands a list of who came.
"""

import atexit
import threading
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from uuid import UUID

import redis
from django.conf import settings
from django.db import connection, models
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import empty

from ent.kernel.access import Role

KEPT = timedelta(days=8)
# « Cette semaine »: today and the six days before.
WEEK_DAYS = 7
SEND_EVERY_SECONDS = 1.0
# A stuck Valkey must not hold the thread either.
TIMEOUT_SECONDS = 2.0
# School-days waiting to be sent: beyond, what comes is let go rather than memory filled.
MOST_WAITING = 5_000
# Upper bounds of the classes of response times, in milliseconds; the last class has none.
BOUNDS = (5, 10, 15, 20, 30, 40, 50, 75, 100, 150, 200, 300, 400, 500, 750, 1_000, 1_500, 2_000, 3_000, 5_000, 10_000)


class RoleGroup(models.TextChoices):
    """Roles of people in schools, as they are counted together."""

    PUPIL = "pupil", "Élèves"
    GUARDIAN = "guardian", "Familles"
    TEACHER = "teacher", "Enseignants"
    STAFF = "staff", "Autres personnels"


def group_of(roles: Iterable[str]) -> RoleGroup | None:
    """The group of someone with these roles in a school; None for nobody."""
    roles = set(roles)
    if not roles:
        return None
    if Role.PUPIL in roles:
        return RoleGroup.PUPIL
    if roles & {Role.TEACHER, Role.FORM_TUTOR}:
        return RoleGroup.TEACHER
    return RoleGroup.GUARDIAN if roles == {Role.GUARDIAN} else RoleGroup.STAFF


# --- what modules count ------------------------------------------------------------------------------------------
COUNTED = ("lessons_filled", "rolls_taken", "messages_sent", "letters_printed", "storage_bytes")
_counters: dict[str, list[Callable[[date], int]]] = {name: [] for name in COUNTED}


def counter(name: str, function: Callable[[date], int]) -> None:
    """Declare how a module counts something of a day in the school in force. Several counts of a name are added up.

    `storage_bytes` is what is there, whatever the day: a module with files says how much they take.
    """
    _counters[name].append(function)


def counted(day: date) -> dict[str, int]:
    """What every module counted of a day, in the school in force."""
    return {name: counted_now(name, day) for name in _counters}


def counted_now(name: str, day: date) -> int:
    """One of these counts."""
    return sum(function(day) for function in _counters[name])


# --- counting, in the page ---------------------------------------------------------------------------------------
@dataclass(frozen=True)
class _Key:
    """A school's day, in this deployment."""

    prefix: str
    schema: str
    day: str

    @property
    def service(self) -> str:
        return f"measure:{self.prefix}:{self.schema}:{self.day}"

    def people(self, group: str) -> str:
        return f"{self.service}:{group}"


def _key(schema: str, day: date) -> _Key:
    return _Key(settings.CACHES["default"].get("KEY_PREFIX", ""), schema, day.isoformat())


class _Waiting:
    """Sums not sent yet, and the thread that sends them."""

    def __init__(self) -> None:
        self.lock, self.sending = threading.Lock(), threading.Lock()
        self.sums: dict[_Key, Counter[str]] = {}
        self.people: dict[tuple[_Key, str], set[bytes]] = {}
        self.thread: threading.Thread | None = None

    def add(self, key: _Key, sums: dict[str, int], who: tuple[str, bytes] | None) -> None:
        """Add one request: no input or output here."""
        with self.lock:
            if key not in self.sums and len(self.sums) >= MOST_WAITING:
                return
            self.sums.setdefault(key, Counter()).update(sums)
            if who is not None:
                self.people.setdefault((key, who[0]), set()).add(who[1])
            # A forked process has the memory of its parent and none of its threads.
            if self.thread is None or not self.thread.is_alive():
                self.thread = threading.Thread(target=self._work, name="measure", daemon=True)
                self.thread.start()

    def _work(self) -> None:
        while True:
            time.sleep(SEND_EVERY_SECONDS)
            self.send()

    def send(self) -> None:
        """Send what waits; what could not be sent waits again."""
        with self.sending:
            with self.lock:
                sums, self.sums = self.sums, {}
                people, self.people = self.people, {}
            if not sums and not people:
                return
            try:
                self._send(sums, people)
            except redis.RedisError:
                with self.lock:
                    for key, counts in sums.items():
                        self.sums.setdefault(key, Counter()).update(counts)
                    for name, ids in people.items():
                        self.people.setdefault(name, set()).update(ids)

    def _send(self, sums: dict[_Key, Counter[str]], people: dict[tuple[_Key, str], set[bytes]]) -> None:
        with _valkey().pipeline(transaction=True) as pipe:
            for key, counts in sums.items():
                for field, count in counts.items():
                    pipe.hincrby(key.service, field, count)
                pipe.expire(key.service, KEPT)
            for (key, group), ids in people.items():
                pipe.pfadd(key.people(group), *ids)
                pipe.expire(key.people(group), KEPT)
            pipe.execute()


_waiting = _Waiting()


@lru_cache(maxsize=1)
def _valkey() -> redis.Redis:
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS
    )


@atexit.register
def flush() -> None:
    """Send at once what this process counted."""
    with suppress(redis.RedisError):
        _waiting.send()


def note(schema: str, milliseconds: float, *, is_error: bool, account_id: UUID | None = None, roles=()) -> None:
    """Count one answer of a school's pages."""
    sums = {"requests": 1, f"b{bisect_left(BOUNDS, milliseconds)}": 1} | ({"errors": 1} if is_error else {})
    group = group_of(roles) if account_id else None
    who = (str(group.value), account_id.bytes) if group and account_id else None
    _waiting.add(_key(schema, timezone.localdate()), sums, who)


class MeasureMiddleware:
    """Counts each answer of a school's pages and who asked for it. Stands just inside the school's middleware."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.school is None or request.path.startswith(settings.STATIC_URL):
            return self.get_response(request)
        started = time.perf_counter()
        response = self.get_response(request)
        spent = (time.perf_counter() - started) * 1000
        account_id, roles = _who(request)
        note(
            request.school.schema_name, spent, is_error=response.status_code >= 500, account_id=account_id, roles=roles
        )
        return response


def _who(request: HttpRequest) -> tuple[UUID | None, Iterable[str]]:
    """The account and its roles, where the page itself asked: counting makes no query."""
    user = getattr(request, "user", None)
    if user is None or getattr(user, "_wrapped", user) is empty or not user.is_authenticated:
        return None, ()
    acting = getattr(user, "acting", None)
    if acting is None or getattr(acting, "_wrapped", acting) is empty:
        return None, ()
    return user.pk, acting.roles


# --- reading, in the hourly job ----------------------------------------------------------------------------------
@dataclass(frozen=True)
class Service:
    """How the service answered on a day."""

    requests: int = 0
    errors: int = 0
    median_ms: int | None = None
    p95_ms: int | None = None


def service_on(day: date) -> Service:
    """How the service answered in the school in force."""
    found = _valkey().hgetall(_key(connection.schema_name, day).service)
    counts = {field.decode(): int(count) for field, count in found.items()}
    classes = [counts.get(f"b{index}", 0) for index in range(len(BOUNDS) + 1)]
    return Service(
        counts.get("requests", 0), counts.get("errors", 0), percentile(classes, 0.5), percentile(classes, 0.95)
    )


def came(group: str, day: date, days: int = 1) -> int:
    """How many people of a group came to the school in force on a day, or in the days up to it."""
    keys = [_key(connection.schema_name, day - timedelta(days=back)).people(group) for back in range(days)]
    return int(_valkey().pfcount(*keys))


def percentile(classes: list[int], share: float) -> int | None:
    """The time below which this share of answers lies, interpolated within its class; None without any answer."""
    total = sum(classes)
    if not total:
        return None
    wanted, before = share * total, 0
    for index, count in enumerate(classes):
        if count and before + count >= wanted:
            low = BOUNDS[index - 1] if index else 0
            high = BOUNDS[index] if index < len(BOUNDS) else BOUNDS[-1] * 2
            return round(low + (high - low) * (wanted - before) / count)
        before += count
    return None
