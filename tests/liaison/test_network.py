"""Where the service will be slow: the rule, the school's own test, the light pages."""

import pytest
from django.core.cache import cache

from ent.kernel.audit.models import AuditEvent
from ent.school.people.models import Function
from tenants.liaison.models import Connectivity, SlowNetwork, SpeedTest
from tenants.liaison.network import Level, expected
from tenants.liaison.notices import KEY
from tests import factories


@pytest.fixture(autouse=True)
def _nothing_remembered(school):
    cache.delete(KEY)
    yield
    cache.delete(KEY)


@pytest.fixture
def desk(school, sign_in):
    """The administrator's browser."""
    return sign_in(factories.staff(Function.SCHOOL_ADMIN))


@pytest.mark.parametrize(
    ("down", "pupils", "latency", "white", "level"),
    [
        (100, 500, 20, False, Level.COMFORTABLE),
        (50, 500, 20, False, Level.COMFORTABLE),
        (20, 500, 20, False, Level.FAIR),
        (8, 500, 40, False, Level.SLOW),
        (2, 500, 40, False, Level.VERY_SLOW),
        (0, 500, None, False, Level.VERY_SLOW),
        (100, 500, 300, False, Level.FAIR),
        (100, 500, 650, False, Level.SLOW),
        (100, 500, 20, True, Level.SLOW),
        (2, 500, 20, True, Level.VERY_SLOW),
        (None, 500, None, True, Level.SLOW),
        (None, 500, None, False, None),
    ],
)
def test_a_connection_is_as_good_as_its_worst_side(down, pupils, latency, white, level):
    assert expected(down, pupils, latency, white).level == level


@pytest.mark.parametrize("pupils", [0, None])
def test_a_school_whose_headcount_is_unknown_is_counted_at_the_usual_one(pupils):
    found = expected(8, pupils)
    assert found.level == Level.SLOW
    assert found.reasons == ("20 kbit/s par élève (effectif inconnu, compté à 400)",)


def test_the_reason_is_what_makes_it_slow():
    assert expected(100, 500, 700, True).reasons == ("chaque échange attend 700 ms", "commune en zone blanche")


def test_the_administrator_measures_the_connection_and_sees_it(desk, school):
    sent = desk.post(
        "/administration/network/measure/", {"down_mbps": "7.5", "up_mbps": "0.9", "latency_ms": "48.2"}, follow=True
    )
    assert "7,5 Mbit/s" in sent.text
    kept = SpeedTest.objects.get()
    assert (kept.school, kept.down_mbps) == (school, 7.5)


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"down_mbps": "7", "up_mbps": "1"},
        {"down_mbps": "nan", "up_mbps": "1", "latency_ms": "10"},
        {"down_mbps": "inf", "up_mbps": "1", "latency_ms": "10"},
        {"down_mbps": "-3", "up_mbps": "1", "latency_ms": "10"},
        {"down_mbps": "99999999", "up_mbps": "1", "latency_ms": "10"},
        {"down_mbps": "7", "up_mbps": "1", "latency_ms": "0"},
    ],
)
def test_a_measure_that_cannot_be_is_refused(desk, told):
    assert desk.post("/administration/network/measure/", told).status_code == 400
    assert not SpeedTest.objects.exists()


def test_ten_measures_an_hour_are_enough(desk):
    for _ in range(12):
        desk.post("/administration/network/measure/", {"down_mbps": "7", "up_mbps": "1", "latency_ms": "10"})
    assert SpeedTest.objects.count() == 10


def test_the_test_downloads_what_it_says_and_no_more(desk):
    answer = desk.get("/administration/network/sample/?bytes=400000", headers={"accept-encoding": "gzip"})
    assert len(answer.content) == 400_000
    assert answer["Content-Encoding"] == "identity"
    for asked in ("400001", "-1", "x", "²"):
        assert desk.get(f"/administration/network/sample/?bytes={asked}").status_code == 400
    page = desk.get("/administration/network/").text
    assert "600 ko" in page


def test_the_test_uploads_what_it_says_and_no_more(desk):
    for size, status in ((200_000, 200), (200_001, 400)):
        sent = desk.post("/administration/network/sample/", b"x" * size, content_type="application/octet-stream")
        assert sent.status_code == status


def test_a_teacher_does_not_manage_the_network(sign_in):
    teacher = sign_in(factories.staff())
    assert teacher.get("/administration/network/").status_code == 403
    assert teacher.post("/administration/network/slow/", {"on": "1"}).status_code == 403


def test_anyone_turns_the_light_pages_on_in_their_own_browser_and_off_again(visitor):
    assert "data-slow-network" not in visitor.get("/sign-in/").text
    back = visitor.post("/slow-network/", {"on": "1", "next": "/sign-in/"})
    assert back["Location"] == "/sign-in/"
    page = visitor.get("/sign-in/").text
    assert "data-slow-network" in page
    assert "Revenir aux pages complètes" in page
    visitor.post("/slow-network/", {"on": "0"})
    assert "data-slow-network" not in visitor.get("/sign-in/").text


@pytest.mark.parametrize("told", [{}, {"on": "2"}])
def test_another_choice_is_refused(visitor, told):
    assert visitor.post("/slow-network/", told).status_code == 400


def test_the_choice_leads_back_into_the_site_only(visitor):
    assert visitor.post("/slow-network/", {"on": "1", "next": "https://ailleurs.example/"})["Location"] == "/"


def test_the_administrator_turns_the_light_pages_on_for_all_and_one_may_refuse(
    desk, sign_in, django_capture_on_commit_callbacks
):
    teacher = sign_in(factories.staff())
    assert "data-slow-network" not in teacher.get("/").text
    with django_capture_on_commit_callbacks(execute=True):
        desk.post("/administration/network/slow/", {"on": "1"})
    assert "data-slow-network" in teacher.get("/").text
    assert AuditEvent.objects.filter(action="network.slow_for_all", details__on=True).exists()
    teacher.post("/slow-network/", {"on": "0"})
    assert "data-slow-network" not in teacher.get("/").text
    with django_capture_on_commit_callbacks(execute=True):
        desk.post("/administration/network/slow/", {"on": "0"})
    assert not SlowNetwork.objects.exists()


def test_where_the_connection_is_slow_the_light_pages_are_proposed_once(school, sign_in):
    Connectivity.objects.create(school=school, technology="satellite", down_mbps=2, is_white_zone=True)
    teacher = sign_in(factories.staff())
    assert "La connexion de votre établissement est lente" in teacher.get("/").text
    teacher.post("/slow-network/", {"on": "0"})
    assert "La connexion de votre établissement est lente" not in teacher.get("/").text


def test_light_pages_hold_twenty_rows_no_photo_and_ask_nothing_by_themselves(school, sign_in):
    division = factories.division("6B")
    pupils = [factories.pupil(division) for _ in range(30)]
    factories.photographed(pupils[0])
    head = sign_in(factories.staff(Function.SCHOOL_HEAD))

    def pages() -> tuple[str, str]:
        return head.get("/people/").text, head.get(f"/classes/{division.pk}/?view=photos").text

    def found(text: str) -> int:
        return text.split("<main")[1].count("<li>")

    people, faces = pages()
    assert found(people) > 30
    assert "data-live-search" in people
    assert "data-suggest" in people
    assert "<img" in faces
    head.post("/slow-network/", {"on": "1"})
    people, faces = pages()
    assert found(people) == 20
    assert "data-live-search" not in people
    assert "data-suggest" not in people
    assert "avatar" not in people.split("<main")[1]
    assert "<img" not in faces
    assert "Les photos ne sont pas affichées" in faces


def test_pages_know_all_this_without_a_query_once_warm(school, sign_in, django_assert_num_queries):
    from tenants.liaison.notices import notices_of

    notices_of(school)
    with django_assert_num_queries(0):
        assert notices_of(school).answered == 0
