"""A school's settings: its administrator and head change what is theirs, and its pages follow."""

import re

import pytest

from ent.kernel.audit.models import AuditEvent
from ent.school.people.models import Function
from tenants.configuration.models import SettingChange, SettingValue
from tenants.context import platform
from tests import factories
from tests.conftest import SchoolClient

SETTINGS = "/administration/settings/"


@pytest.fixture
def desk(school, sign_in):
    """The browser of the school's administrator."""
    return sign_in(factories.staff(Function.SCHOOL_ADMIN))


def read_on(page: str) -> str:
    return re.search(r'name="read" value="([^"]*)"', page)[1]


def change(client, key: str, **typed):
    address = f"{SETTINGS}{key}/"
    return client.post(address, {"read": read_on(client.get(address).text), **typed}, follow=True)


def set_above(key: str, value, **place) -> None:
    """A value of the collectivity or the academy."""
    with platform():
        SettingValue.objects.create(key=key, value=value, **place)


def test_the_administrator_changes_the_colour_of_the_schools_pages_alone(desk, visitor, other_school):
    assert 'data-accent="lake"' in visitor.get("/sign-in/").text
    assert "Couleur : Prune (violet)." in change(desk, "accent", value="plum").text
    assert 'data-accent="plum"' in visitor.get("/sign-in/").text
    assert 'data-accent="lake"' in SchoolClient(f"{other_school.subdomain}.ent.localhost").get("/sign-in/").text


def test_the_head_may_too_and_nobody_else(school, sign_in):
    assert sign_in(factories.staff(Function.SCHOOL_HEAD)).get(SETTINGS).status_code == 200
    for function in (Function.DEPUTY_HEAD, Function.CPE, Function.OFFICE, Function.TEACHER):
        assert sign_in(factories.staff(function)).get(SETTINGS).status_code == 403
    assert sign_in(factories.pupil()).post(f"{SETTINGS}accent/", {"value": "plum"}).status_code == 403


def test_what_is_decided_above_is_read_and_not_changed(desk):
    page = desk.get(SETTINGS).text
    assert "Se décide plus haut" in page
    for key in ("storage_quota", "holiday_zone", "trail_months", "service_name"):
        assert f"{SETTINGS}{key}/" not in page
        assert desk.get(f"{SETTINGS}{key}/").status_code == 403
        assert desk.post(f"{SETTINGS}{key}/", {"value": "1"}).status_code == 403


def test_the_platform_learns_the_function_of_who_changed_never_the_name(desk, school):
    change(desk, "accent", value="plum")
    kept = SettingChange.objects.get()
    assert kept.author == "Administrateur de l'ENT"
    assert kept.school == school
    assert AuditEvent.objects.get(action="settings.change").details["after"] == "plum"
    with platform():
        assert not AuditEvent.objects.filter(action="settings.change").exists()


def test_a_school_undoes_its_own_change(desk, visitor):
    change(desk, "accent", value="plum")
    address = re.search(rf'href="({SETTINGS}undo/[^"]+)"', desk.get(SETTINGS).text)[1]
    assert desk.get(address).status_code == 200
    desk.post(address)
    assert 'data-accent="lake"' in visitor.get("/sign-in/").text


def test_a_school_sees_and_undoes_nothing_of_another_or_of_its_collectivity(desk, school, other_school):
    with platform():
        theirs = SettingChange.objects.create(key="accent", school=other_school, after="lava", author="Ailleurs")
        above = SettingChange.objects.create(key="accent", authority=school.authority, after="lava", author="Au-dessus")
    page = desk.get(SETTINGS).text
    assert "Ailleurs" not in page
    assert "Au-dessus" not in page
    for one in (theirs, above):
        assert desk.post(f"{SETTINGS}undo/{one.pk}/").status_code == 404


def test_two_administrators_of_a_school_both_see_both_values(desk, sign_in):
    head = sign_in(factories.staff(Function.SCHOOL_HEAD))
    read = read_on(head.get(f"{SETTINGS}accent/").text)
    change(desk, "accent", value="plum")
    answer = head.post(f"{SETTINGS}accent/", {"read": read, "value": "lava"})
    assert answer.status_code == 409
    assert "Prune (violet)" in answer.text
    assert "Lave (rouge brun)" in answer.text


def test_name_message_contact_and_logo_show_on_the_schools_pages(desk, visitor, school, tmp_path):
    set_above("support_phone", "04 65 71 00 63", authority=school.authority)
    change(desk, "school_name", value="Collège <b>Essai</b>")
    change(desk, "sign_in_message", value="Bonne rentrée.\nPensez à vos lettres.")
    change(desk, "support_email", value="aide@essai.example")
    (tmp_path / "logo.png").write_bytes(factories.image("PNG", (300, 100)))
    with (tmp_path / "logo.png").open("rb") as file:
        change(desk, "logo", value=file)
    for page in (visitor.get("/sign-in/").text, desk.get("/").text):
        assert "&lt;b&gt;Essai&lt;/b&gt;" in page
        assert "mailto:aide@essai.example" in page
        assert 'href="tel:0465710063"' in page
        logo = re.search(r'src="(/logo/[0-9a-f]{64}\.webp)"', page)[1]
        assert visitor.get(logo).status_code == 200
    assert "Pensez à vos lettres." in visitor.get("/sign-in/").text
    assert "Pensez à vos lettres." not in desk.get("/").text


def test_a_closed_modules_pages_are_not_found_and_leave_the_navigation(desk, school, sign_in):
    teacher = sign_in(factories.staff())
    assert 'href="/classes/"' in teacher.get("/").text
    change(desk, "closed_modules", value=["people"])
    answer = teacher.get("/classes/")
    assert answer.status_code == 404
    assert "« Classes » n’est pas ouvert ici" in answer.text
    assert teacher.get("/api/divisions/").status_code == 404
    assert 'href="/classes/"' not in teacher.get("/").text
    assert teacher.get("/people/").status_code == 200


def test_without_the_directory_there_is_no_search_field(desk, sign_in):
    teacher = sign_in(factories.staff())
    assert "top-search" in teacher.get("/").text
    change(desk, "closed_modules", value=["structure"])
    assert "top-search" not in teacher.get("/").text
    assert teacher.get("/people/").status_code == 404


def test_no_link_leads_to_a_closed_module(desk, school, sign_in):
    division = factories.division("6A")
    child = factories.pupil(division)
    cast = [
        child,
        factories.guardian(of=child),
        factories.staff(teaches=division, tutors=division),
        factories.staff(Function.CPE),
    ]
    change(desk, "closed_modules", value=[])
    for client in (*map(sign_in, cast), desk):
        page = client.get("/").text
        assert 'href="/classes/' not in page
        assert 'href="/people/' not in page
    for tab in ("accounts/?audience=staff", "functions/", "photos/"):
        assert 'href="/people/' not in desk.get(f"/administration/{tab}").text


def test_the_administration_cannot_be_closed(desk):
    answer = desk.post(f"{SETTINGS}closed_modules/", {"value": ["administration"]})
    assert answer.status_code == 400


def test_a_page_that_knows_its_settings_asks_nothing_of_the_database_for_them(visitor, django_assert_num_queries):
    visitor.get("/sign-in/")
    with django_assert_num_queries(0):
        assert visitor.get("/sign-in/").status_code == 200
