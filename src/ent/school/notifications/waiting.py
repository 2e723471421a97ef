"""Which schools have something to send, and from when: known beside the database, so that none is opened for nothing.

What is lost here (a restart) is found again by the sweep of every quarter of an hour.
"""

import contextlib
from datetime import datetime

import redis
from django.conf import settings

from ent.kernel.live import valkey


def _name() -> str:
    return f"notifications:waiting:{settings.CACHES['default'].get('KEY_PREFIX', '')}"


def wake(uai: str, at: datetime) -> None:
    """A school has something to send from this moment on; the earliest said holds."""
    with contextlib.suppress(redis.RedisError):
        valkey().zadd(_name(), {uai: at.timestamp()}, lt=True)


def due(now: datetime) -> list[str]:
    """The schools with something due, each told once."""
    with contextlib.suppress(redis.RedisError):
        found = valkey().zrangebyscore(_name(), "-inf", now.timestamp())
        if found:
            valkey().zrem(_name(), *found)
        return [one.decode() for one in found]
    return []
