"""PostgreSQL itself keeps one school from another's requests, messages and measures."""

import pytest

from tenants.context import inside, platform
from tenants.liaison.models import SlowNetwork, SpeedTest, SupportMessage, SupportRequest
from tests import factories
from tests.tenants.apart import refused

pytestmark = pytest.mark.usefixtures("school")
TEST = {"down_mbps": 8, "up_mbps": 1, "latency_ms": 40}


@pytest.fixture
def theirs(other_school) -> SupportRequest:
    """Another school's request."""
    with platform():
        SpeedTest.objects.create(school=other_school, **TEST)
        SlowNetwork.objects.create(school=other_school)
        return factories.support_request(other_school)


def test_a_school_reads_its_own_rows_alone(school, theirs):
    own = factories.support_request(school)
    with inside(school):
        assert list(SupportRequest.objects.values_list("pk", flat=True)) == [own.pk]
        assert set(SupportMessage.objects.values_list("request", flat=True)) == {own.pk}
        assert not SpeedTest.objects.exists()
        assert not SlowNetwork.objects.exists()


def test_a_school_writes_nothing_in_anothers_name(school, other_school, theirs):
    with inside(school):
        assert refused("INSERT INTO liaison_speedtest (school_id, at, down_mbps, up_mbps, latency_ms)"
                       " VALUES (%s, now(), 1, 1, 1)", other_school.pk)  # fmt: skip
        assert refused("INSERT INTO liaison_supportrequest (school_id, subject, title, state, created_at, updated_at)"
                       " VALUES (%s, 'other', 'x', 'open', now(), now())", other_school.pk)  # fmt: skip
        assert refused("INSERT INTO liaison_slownetwork (school_id, since) VALUES (%s, now())", other_school.pk)
        assert refused("INSERT INTO liaison_supportmessage (id, request_id, from_school, author, text, event, at)"
                       " VALUES (gen_random_uuid(), %s, true, 'x', 'x', '', now())", theirs.pk)  # fmt: skip
        assert SupportRequest.objects.filter(pk=theirs.pk).update(state="closed") == 0
        assert SlowNetwork.objects.filter(school=other_school).delete()[0] == 0
    theirs.refresh_from_db()
    assert theirs.state == SupportRequest.State.OPEN


def test_a_school_does_not_hand_its_request_to_another(school, other_school):
    own = factories.support_request(school)
    with inside(school):
        assert refused("UPDATE liaison_supportrequest SET school_id = %s WHERE number = %s", other_school.pk, own.pk)


def test_a_school_does_not_speak_for_the_academy_nor_change_what_was_said(school):
    own = factories.support_request(school)
    with inside(school):
        assert refused("INSERT INTO liaison_supportmessage (id, request_id, from_school, author, text, event, at)"
                       " VALUES (gen_random_uuid(), %s, false, 'Académie', 'x', '', now())", own.pk)  # fmt: skip
        assert refused("UPDATE liaison_supportmessage SET text = 'x'")
        assert refused("DELETE FROM liaison_supportmessage")
        assert refused("DELETE FROM liaison_speedtest")


def test_the_academy_sees_every_schools_rows(school, theirs):
    own = factories.support_request(school)
    with platform():
        assert set(SupportRequest.objects.values_list("pk", flat=True)) == {own.pk, theirs.pk}
