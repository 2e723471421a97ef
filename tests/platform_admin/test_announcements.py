"""The academy and its collectivities tell schools what they are to know, when, and only those concerned."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

from ent.kernel.audit.models import AuditEvent
from platform_admin.exchanges.actions import reached
from platform_admin.officers.models import Officer
from platform_admin.rollout.actions import Author, place
from platform_admin.rollout.models import Deployment, Wave
from tenants.context import inside_as_owner, platform
from tenants.liaison.models import Announcement
from tenants.liaison.notices import KEY, maintenance_words, notices_of
from tenants.models import School, SchoolKind
from tests import factories
from tests.conftest import SchoolClient

PARIS = ZoneInfo("Europe/Paris")
NEW = "/console/exchanges/announcements/new/"


@pytest.fixture
def volcans(platform_db) -> School:
    """The run's first school, with nothing remembered."""
    school = School.objects.get(uai=factories.uai(1))
    with inside_as_owner(school):
        cache.delete(KEY)
    yield school
    with inside_as_owner(school):
        cache.delete(KEY)


@pytest.fixture
def teacher(volcans) -> SchoolClient:
    """A teacher's browser at that school."""
    client = SchoolClient(f"{volcans.subdomain}.{settings.BASE_DOMAIN}")
    with inside_as_owner(volcans):
        client.force_login(factories.account_of(factories.staff()))
    return client


@pytest.fixture
def committed(django_capture_on_commit_callbacks):
    return lambda: django_capture_on_commit_callbacks(execute=True)


def browser(officer: Officer) -> SchoolClient:
    client = SchoolClient(settings.BASE_DOMAIN)
    client.force_login(officer.account)
    return client


def information(**values) -> dict:
    until = timezone.localtime() + timedelta(days=2)
    return {"kind": "information", "title": "Nouvelle page d'aide", "body": "Elle est <b>là</b>.",
            "shown_until": f"{until:%Y-%m-%dT%H:%M}"} | values  # fmt: skip


def upkeep(starts: datetime, ends: datetime, **values) -> dict:
    return {"kind": "maintenance", "title": "Mise à jour", "starts_at": f"{starts:%Y-%m-%dT%H:%M}",
            "ends_at": f"{ends:%Y-%m-%dT%H:%M}", "hours_before": "72"} | values  # fmt: skip


def test_whom_it_reaches_is_shown_before_it_is_published(officer_client, volcans):
    preview = officer_client.post(NEW, information(schools=volcans.uai)).text
    assert "1 établissement atteint" in preview
    assert volcans.name in preview
    assert not Announcement.objects.exists()


def test_a_published_announcement_is_on_the_schools_pages_as_plain_text(officer_client, teacher, volcans, committed):
    assert "Nouvelle page" not in teacher.get("/").text
    with committed():
        officer_client.post(NEW, information(schools=volcans.uai, confirmed="1"))
    page = teacher.get("/").text
    assert "Nouvelle page d&#x27;aide" in page
    assert "&lt;b&gt;là&lt;/b&gt;" in page
    assert AuditEvent.objects.get(action="announcements.publish").details["schools"] == 1


def test_a_school_it_is_not_for_does_not_see_it(officer_client, teacher, volcans, committed):
    other = School.objects.get(uai=factories.uai(2))
    with committed():
        officer_client.post(NEW, information(schools=other.uai, confirmed="1"))
    assert "Nouvelle page" not in teacher.get("/").text


def test_an_information_is_dismissed_for_ones_own_browser(teacher, volcans):
    announced = factories.announcement([volcans])
    key = announced.pk.hex[-12:]
    assert key in teacher.get("/people/").text
    assert teacher.post("/announcements/dismiss/", {"announcement": key, "next": "/people/"})["Location"] == "/people/"
    assert key not in teacher.get("/people/").text
    assert teacher.post("/announcements/dismiss/", {"announcement": "../x"}).status_code == 400


def test_a_maintenance_is_told_before_then_under_way_and_cannot_be_dismissed(teacher, volcans, visitor_of):
    announced = factories.maintenance([volcans], starts_in=timedelta(hours=3))
    page = teacher.get("/").text
    assert "Maintenance" in page
    assert "Masquer" not in page
    teacher.post("/announcements/dismiss/", {"announcement": announced.pk.hex[-12:]})
    assert "Mise à jour du service" in teacher.get("/").text
    assert "Mise à jour du service" in visitor_of(volcans).get("/sign-in/").text
    Announcement.objects.filter(pk=announced.pk).update(starts_at=timezone.now() - timedelta(minutes=1))
    with inside_as_owner(volcans):
        cache.delete(KEY)
    assert "Maintenance en cours" in teacher.get("/").text


@pytest.fixture
def visitor_of():
    return lambda school: SchoolClient(f"{school.subdomain}.{settings.BASE_DOMAIN}")


def test_an_information_is_not_on_the_sign_in_page(volcans, visitor_of):
    factories.announcement([volcans], "Pour ceux d'ici")
    assert "Pour ceux" not in visitor_of(volcans).get("/sign-in/").text


def test_one_to_come_shows_in_its_time_without_anything_being_told_again(volcans, monkeypatch):
    now = timezone.now()
    factories.announcement([volcans], shown_from=now + timedelta(hours=1), shown_until=now + timedelta(hours=2))
    with inside_as_owner(volcans):
        known = notices_of(volcans)
    shown = []
    for hours in (0, 1.5, 3):
        monkeypatch.setattr(timezone, "now", lambda hours=hours: now + timedelta(hours=hours))
        shown.append(len(known.shown()))
    assert shown == [0, 1, 0]


@pytest.mark.parametrize(
    ("starts", "ends", "now", "words"),
    [
        ("2026-12-06T06:00", "2026-12-06T08:00", "2026-12-04T10:00", "Maintenance dimanche 6 décembre, de 6 h à 8 h"),
        ("2026-12-06T06:00", "2026-12-06T08:30", "2026-12-06T06:10", "Maintenance en cours, jusqu’à 8 h 30"),
        ("2026-12-01T22:00", "2026-12-02T02:00", "2026-11-30T10:00",
         "Maintenance du mardi 1er décembre, 22 h, au mercredi 2 décembre, 2 h"),
        ("2026-12-01T22:00", "2026-12-02T02:00", "2026-12-01T23:00",
         "Maintenance en cours, jusqu’au mercredi 2 décembre, 2 h"),
        # The night the clocks go back: hours are said as clocks show them.
        ("2026-10-25T01:00", "2026-10-25T04:00", "2026-10-24T10:00", "Maintenance dimanche 25 octobre, de 1 h à 4 h"),
    ],
)  # fmt: skip
def test_a_maintenance_is_said_as_people_say_it(starts, ends, now, words):
    moments = [datetime.fromisoformat(moment).replace(tzinfo=PARIS) for moment in (starts, ends, now)]
    assert maintenance_words(*moments) == words


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        (lambda now: upkeep(now + timedelta(hours=2), now + timedelta(hours=1)), "La fin vient avant le début"),
        (lambda now: upkeep(now - timedelta(hours=5), now - timedelta(hours=3)), "déjà passée"),
        (lambda now: {"kind": "maintenance", "title": "x"}, "Dites le jour et l’heure"),
        (lambda now: information(shown_until="2020-01-01T08:00"), "Cette date est passée"),
        (lambda now: information(shown_until=""), "jusqu’à quand"),
        (lambda now: information(schools="0000000A 0630001Z"), "UAI inconnus"),
    ],
)
def test_what_cannot_be_is_told_beside_the_field_and_nothing_is_lost(officer_client, told, reason):
    answer = officer_client.post(NEW, told(timezone.localtime()) | {"body": "Texte déjà écrit", "confirmed": "1"})
    assert answer.status_code == 400
    assert reason in answer.text
    assert "Texte déjà écrit" in answer.text
    assert not Announcement.objects.exists()


def test_choices_narrow_each_other_and_named_schools_are_added(platform_db):
    cantal, allier = factories.authority("15", "Cantal"), factories.authority("03", "Allier")
    college = factories.registered(authority=cantal)
    lycee = factories.registered(authority=cantal, kind=SchoolKind.LYCEE_GT)
    elsewhere = factories.registered(authority=allier)
    left = factories.registered(authority=cantal, state=School.State.CLOSED)
    Deployment.objects.create(school=lycee, wave=Wave.objects.create(number=77, name="Vague d'essai"))
    asked = [
        ({"authorities": ["15"]}, {college, lycee}),
        ({"authorities": ["15"], "kinds": ["college"]}, {college}),
        ({"waves": [77]}, {lycee}),
        ({"waves": [77], "schools": [elsewhere.uai]}, {lycee, elsewhere}),
        ({"schools": [elsewhere.uai]}, {elsewhere}),
    ]
    assert [set(reached(None, audience)) for audience, _ in asked] == [schools for _, schools in asked]
    assert set(reached(cantal, {})) == {college, lycee}
    assert left not in reached(None, {})


def test_a_school_that_joins_a_wave_reads_what_is_announced_to_it(platform_db):
    wave = Wave.objects.create(number=77, name="Vague d'essai")
    school = factories.registered()
    announced = factories.announcement([], audience={"waves": [77]})
    ended = factories.announcement([], audience={"waves": [77]}, shown_until=timezone.now() - timedelta(minutes=1))
    deployment = Deployment.objects.create(school=school, wave=wave)
    assert list(announced.schools.all()) == [school]
    assert not ended.schools.exists()
    deployment.delete()
    assert not announced.schools.exists()
    place(wave, [school.pk], Author("Agent Essai"))
    assert list(announced.schools.all()) == [school]


def test_a_withdrawn_announcement_leaves_the_pages(officer_client, teacher, volcans, committed):
    announced = factories.announcement([volcans], "Erreur de date")
    assert "Erreur de date" in teacher.get("/").text
    with committed():
        officer_client.post(f"/console/exchanges/announcements/{announced.pk}/withdraw/")
    assert "Erreur de date" not in teacher.get("/").text


def test_a_changed_announcement_reaches_its_new_schools_only(officer_client, teacher, volcans, committed):
    announced = factories.announcement([volcans], "Avant")
    assert "Avant" in teacher.get("/").text
    other = School.objects.get(uai=factories.uai(2))
    page = officer_client.get(f"/console/exchanges/announcements/{announced.pk}/edit/").text
    assert "Avant" in page
    with committed():
        officer_client.post(
            f"/console/exchanges/announcements/{announced.pk}/edit/",
            information(title="Après", schools=other.uai, confirmed="1"),
        )
    assert "Avant" not in teacher.get("/").text
    announced.refresh_from_db()
    assert (announced.title, list(announced.schools.all())) == ("Après", [other])


def test_a_collectivity_speaks_to_its_own_schools_only(platform_db):
    cantal = factories.authority("15", "Cantal")
    mine = factories.registered(authority=cantal)
    elsewhere = factories.registered(authority=factories.authority("03", "Allier"))
    client = browser(factories.officer(Officer.Function.OFFICER, cantal))
    client.post(NEW, information(speaker="15", confirmed="1"))
    announced = Announcement.objects.get()
    assert (announced.speaker, list(announced.schools.all())) == ("Cantal", [mine])
    refused = client.post(NEW, information(speaker="15", schools=elsewhere.uai, confirmed="1"))
    assert "pas de cette collectivité" in refused.text
    assert client.post(NEW, information(speaker="", confirmed="1")).status_code == 400
    assert client.post(NEW, information(speaker="03", confirmed="1")).status_code == 400


def test_an_officer_sees_what_concerns_their_schools_and_changes_only_their_own(platform_db):
    cantal, allier = factories.authority("15", "Cantal"), factories.authority("03", "Allier")
    mine, elsewhere = factories.registered(authority=cantal), factories.registered(authority=allier)
    for_all = factories.announcement([mine, elsewhere], "Pour tous")
    theirs = factories.announcement([elsewhere], "Pour l'Allier", authority=allier)
    own = factories.announcement([mine], "Du Cantal", authority=cantal)
    client = browser(factories.officer(Officer.Function.OFFICER, cantal))
    page = client.get("/console/exchanges/announcements/").text
    assert "Pour tous" in page
    assert "Du Cantal" in page
    assert "Pour l&#x27;Allier" not in page
    shown = client.get(f"/console/exchanges/announcements/{for_all.pk}/").text
    assert mine.uai in shown
    assert elsewhere.uai not in shown
    answers = [
        client.get(f"/console/exchanges/announcements/{one.pk}/edit/").status_code for one in (for_all, theirs, own)
    ]
    assert answers == [403, 404, 200]
    assert AuditEvent.objects.filter(action="console.refused", details__announcement=str(theirs.pk)).exists()
    guest = browser(factories.officer(Officer.Function.GUEST, cantal))
    assert guest.get("/console/exchanges/announcements/").status_code == 200
    assert guest.post(f"/console/exchanges/announcements/{own.pk}/withdraw/").status_code == 403


def test_schools_pages_ask_nothing_of_the_database_once_warm(volcans, django_assert_num_queries):
    factories.announcement([volcans])
    with inside_as_owner(volcans):
        notices_of(volcans)
        with django_assert_num_queries(0):
            assert len(notices_of(volcans).shown()) == 1
    with platform():
        assert Announcement.objects.count() == 1
