"""Live events: told to those whom a page let follow a topic, at the same school only."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis
from django.conf import settings
from django.db import connection
from django.test import RequestFactory

from ent.config import live
from ent.kernel.live import announce, channel, follow
from tests import factories


@pytest.fixture
def follower(school, sign_in):
    """A signed-in browser whose session follows « roll-call »."""
    client = sign_in(factories.staff())
    session = client.session
    request = RequestFactory().get("/")
    request.session = session
    follow(request, "roll-call")
    session.save()
    return client


def asked(school, client, topic: str) -> str | None:
    tenant = connection.tenant
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    headers = {"host": f"{school.subdomain}.{settings.BASE_DOMAIN}:8001", "cookie": f"ent_session={cookie}"}
    try:
        return live.schema_of(headers, topic)
    finally:
        connection.set_tenant(tenant)


def test_a_session_follows_what_a_page_allowed_and_nothing_else(follower, school):
    assert asked(school, follower, "roll-call") == school.schema_name
    assert asked(school, follower, "discipline") is None


def test_the_same_session_follows_nothing_at_another_school(follower, other_school):
    assert asked(other_school, follower, "roll-call") is None


def test_an_unknown_topic_is_not_found():
    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "http.disconnect"}

    scope = {"type": "http", "path": "/live/", "headers": []}
    with ThreadPoolExecutor(1) as apart:  # the browser's tests keep a loop in this thread
        apart.submit(asyncio.run, live.application(scope, receive, send)).result()
    assert sent[0]["status"] == 404


def test_a_change_is_told_once_it_is_committed(school, django_capture_on_commit_callbacks):
    with redis.Redis.from_url(settings.REDIS_URL) as server, server.pubsub() as subscription:
        subscription.subscribe(channel(connection.schema_name, "roll-call"))
        subscription.get_message(timeout=2)
        with django_capture_on_commit_callbacks(execute=True):
            announce("roll-call")
            assert subscription.get_message(timeout=0.05) is None
        assert subscription.get_message(timeout=2)["data"] == b""


def test_the_followed_topics_are_few_and_the_last_ones(rf):
    request = rf.get("/")
    request.session = {}
    for number in range(40):
        follow(request, f"t{number}")
    assert request.session["live_topics"] == [f"t{number}" for number in range(20, 40)]
