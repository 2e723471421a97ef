"""Server-sent events (HTML Standard, 9.2): a small ASGI application beside the pages.

A browser may follow a topic only if a page allowed its session to, on the same host. An event says that the topic
changed and nothing else.
"""

import asyncio
import os
import re
from collections.abc import Awaitable, Callable
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from urllib.parse import urlsplit

import django
import redis.asyncio
from asgiref.sync import sync_to_async

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ent.config.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402

from ent.kernel.live import channel  # noqa: E402
from tenants.hosts import base_host, school_at  # noqa: E402

HEARTBEAT_SECONDS = 20
# A stream ends after a while and the browser opens another: a lost session does not listen for ever.
LONGEST_SECONDS = 600
CHANGED, HEARTBEAT = b"data: change\n\n", b": \n\n"

Receive = Callable[[], Awaitable[dict]]
Send = Callable[[dict], Awaitable]


async def application(scope: dict, receive: Receive, send: Send) -> None:
    """Serve `/live/<topic>`; 404 for a topic this session may not follow."""
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
        return
    if scope["type"] != "http":
        return
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    topic = re.fullmatch(r"/live/([\w.:-]{1,100})", scope["path"])
    schema = await sync_to_async(_asked_apart)(headers, topic[1]) if topic else None
    if topic is None or schema is None:
        await send({"type": "http.response.start", "status": 404, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})
        return
    await send({"type": "http.response.start", "status": 200, "headers": _headers(headers.get("origin", ""))})
    left = asyncio.create_task(_left(receive))
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            await _stream(channel(schema, topic[1]), send, left)
    except (TimeoutError, redis.RedisError, OSError):
        pass  # the browser opens another stream, or asks by itself
    finally:
        left.cancel()
    await send({"type": "http.response.body", "body": b""})


async def _stream(name: str, send: Send, left: asyncio.Task) -> None:
    server = redis.asyncio.Redis.from_url(settings.REDIS_URL)
    try:
        async with server.pubsub() as subscription:
            await subscription.subscribe(name)
            # What changed between the page and this stream would be missed: ask again at once.
            await send({"type": "http.response.body", "body": CHANGED, "more_body": True})
            while not left.done():
                message = await subscription.get_message(ignore_subscribe_messages=True, timeout=HEARTBEAT_SECONDS)
                body = CHANGED if message and message["type"] == "message" else HEARTBEAT
                await send({"type": "http.response.body", "body": body, "more_body": True})
    finally:
        await server.aclose()


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def schema_of(headers: dict[str, str], topic: str) -> str | None:
    """The schema of the host's layer, if this host's session may follow the topic."""
    host = headers.get("host", "").rsplit(":", 1)[0].lower()
    connection.set_schema_to_public()
    try:
        school = None if host == base_host() else school_at(host)
        if school is None and host != base_host():
            return None
        cookie = SimpleCookie(headers.get("cookie", "")).get(settings.SESSION_COOKIE_NAME)
        if cookie is None:
            return None
        if school is not None:
            connection.set_tenant(school)
        schema = connection.schema_name
        store = import_module(settings.SESSION_ENGINE).SessionStore
        return schema if topic in store(cookie.value).get("live_topics", []) else None
    except CookieError:
        return None
    finally:
        connection.set_schema_to_public()


def _asked_apart(headers: dict[str, str], topic: str) -> str | None:
    """A stream lasts minutes: it holds no database connection meanwhile."""
    try:
        return schema_of(headers, topic)
    finally:
        connection.close()


def _headers(origin: str) -> list[tuple[bytes, bytes]]:
    headers = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store"), (b"x-accel-buffering", b"no")]
    host = urlsplit(origin).hostname or ""
    if host == settings.BASE_DOMAIN or host.endswith(f".{settings.BASE_DOMAIN}"):
        headers += [(b"access-control-allow-origin", origin.encode()), (b"access-control-allow-credentials", b"true"),
                    (b"vary", b"Origin")]  # fmt: skip
    return headers


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
