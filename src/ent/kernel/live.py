"""Live events: whoever looks at a topic is told that it changed, and asks for the page's fragment again.

Nothing of the content travels this way: the fragment comes from the page itself, under the reader's own rights.
"""

import contextlib
from functools import lru_cache

import redis
from django.conf import settings
from django.db import connection, transaction
from django.http import HttpRequest

# A session follows the last pages it looked at.
KEPT_TOPICS = 20


def channel(schema: str, topic: str) -> str:
    """Valkey's channel of a topic: keyed by school, like everything that remembers."""
    return f"live:{settings.CACHES['default'].get('KEY_PREFIX', '')}:{schema}:{topic}"


@lru_cache(maxsize=1)
def valkey() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL)


def announce(topic: str) -> None:
    """Tell whoever follows the topic, in the school in force, that it changed: once the change is committed."""
    name = channel(connection.schema_name, topic)

    def publish() -> None:
        # Pages also ask by themselves: the work announced matters more than its announcement.
        with contextlib.suppress(redis.RedisError):
            valkey().publish(name, b"")

    transaction.on_commit(publish)


def follow(request: HttpRequest, topic: str) -> str:
    """Let this session follow a topic; returns the stream's address. Called by a view that has checked the right."""
    topics = request.session.get("live_topics", [])
    if topic not in topics:
        request.session["live_topics"] = [*topics, topic][-KEPT_TOPICS:]
    if not settings.LIVE_PORT:
        return f"/live/{topic}"
    host = request.get_host().rsplit(":", 1)[0]
    return f"{settings.SCHEME}://{host}:{settings.LIVE_PORT}/live/{topic}"
