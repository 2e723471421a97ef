"""Settings in the console: each level by its own people, what a change touches shown before it is made."""

import json
import re

import pytest
from django.conf import settings

from ent.kernel.audit.models import AuditEvent
from platform_admin.officers.models import Officer
from tenants.configuration.models import SettingChange, SettingImage, SettingValue
from tenants.configuration.queries import effective
from tests import factories
from tests.conftest import SchoolClient

pytestmark = pytest.mark.usefixtures("platform_db")
CANTAL = "/console/settings/15/"


@pytest.fixture
def cantal():
    return factories.authority("15", "Cantal")


@pytest.fixture
def theirs(cantal):
    return factories.registered(authority=cantal, name="Collège de la Vallée d'Essai")


@pytest.fixture
def elsewhere():
    return factories.registered(authority=factories.authority("03", "Allier"), name="Collège du Bocage d'Essai")


def browser(officer: Officer) -> SchoolClient:
    client = SchoolClient(settings.BASE_DOMAIN)
    client.force_login(officer.account)
    return client


@pytest.fixture
def desk(cantal, theirs, elsewhere):
    """The browser of an officer of Cantal who may act."""
    return browser(factories.officer(Officer.Function.OFFICER, cantal))


def read_on(page: str) -> str:
    return re.search(r'name="read" value="([^"]*)"', page)[1]


def change(client, address: str, **typed):
    """Type a value, read what it touches, confirm; returns the last page's response."""
    read = read_on(client.get(address).text)
    client.post(address, {"read": read, **typed})
    return client.post(address, {"read": read, "confirmed": "1", **typed}, follow=True)


def test_an_officer_of_cantal_changes_the_departements_colour_and_only_its_schools_take_it(desk, theirs, elsewhere):
    page = change(desk, f"{CANTAL}accent/", value="lava").text
    assert "Couleur : Lave (rouge brun)." in page
    assert effective(theirs)["accent"].value == "lava"
    assert effective(elsewhere)["accent"].value == "lake"


def test_what_a_change_touches_is_shown_before_anything_is_saved(desk, cantal, theirs, elsewhere):
    own = factories.registered(authority=cantal, name="Collège à la Couleur d'Essai")
    SettingValue.objects.create(key="accent", school=own, value="plum")
    page = desk.post(f"{CANTAL}accent/", {"read": "", "value": "lava"}).text
    assert "1 établissement change." in page
    assert theirs.name in page.replace("&#x27;", "'")
    assert own.name not in page.replace("&#x27;", "'")
    assert elsewhere.name not in page.replace("&#x27;", "'")
    assert not SettingChange.objects.exists()


def test_a_change_to_what_is_in_force_already_touches_nobody(desk):
    assert "Aucun établissement ne change." in desk.post(f"{CANTAL}accent/", {"read": "", "value": "lake"}).text


def test_the_page_says_where_each_value_comes_from_and_who_may_change_it(desk, theirs):
    change(desk, f"{CANTAL}accent/", value="lava")
    page = desk.get(f"/console/schools/{theirs.uai}/settings/").text
    assert re.search(
        r"Couleur</th>.*?Lave.*?Hérité : Cantal.*?L&#x27;académie, la collectivité, l&#x27;établissement", page, re.S
    )
    assert re.search(r"Espace de stockage</th>.*?50 Go.*?Valeur d&#x27;origine.*?L&#x27;académie\s*</td>", page, re.S)


def test_an_officer_of_cantal_does_not_change_what_the_academy_alone_sets(desk):
    assert desk.get(f"{CANTAL}storage_quota/").status_code == 403
    assert desk.post(f"{CANTAL}storage_quota/", {"value": "900", "confirmed": "1"}).status_code == 403
    assert desk.get("/console/settings/academy/accent/").status_code == 403
    assert not SettingValue.objects.exists()


def test_typing_another_departements_settings_is_not_found_and_noted(desk, elsewhere):
    for address in (
        "/console/settings/03/",
        "/console/settings/03/accent/",
        f"/console/schools/{elsewhere.uai}/settings/",
    ):
        assert desk.get(address).status_code == 404
    assert AuditEvent.objects.filter(action="console.refused").count() == 3


def test_the_entry_leads_an_officer_to_their_own_collectivity(desk):
    assert desk.get("/console/settings/", follow=True).redirect_chain == [(CANTAL, 302)]


def test_who_was_not_granted_to_act_reads_and_changes_nothing(cantal, theirs):
    client = browser(factories.officer(Officer.Function.OFFICER, cantal, acts=False))
    assert f'href="{CANTAL}accent/"' not in client.get(CANTAL).text
    assert client.post(f"{CANTAL}accent/", {"value": "lava", "confirmed": "1"}).status_code == 403


def test_the_second_officer_sees_both_values_and_chooses(desk, cantal, theirs):
    other = browser(factories.officer(Officer.Function.MANAGER, cantal))
    read = read_on(desk.get(f"{CANTAL}accent/").text)
    change(other, f"{CANTAL}accent/", value="plum")
    answer = desk.post(f"{CANTAL}accent/", {"read": read, "value": "lava", "confirmed": "1"})
    assert answer.status_code == 409
    assert "Prune (violet)" in answer.text
    assert "Lave (rouge brun)" in answer.text
    assert "Responsable de collectivité, Cantal" in answer.text
    assert effective(theirs)["accent"].value == "plum"
    again = {"read": read_on(answer.text), "kept": json.dumps("lava"), "confirmed": "1"}
    assert desk.post(f"{CANTAL}accent/", again).status_code == 302
    assert effective(theirs)["accent"].value == "lava"


def test_a_change_is_undone_from_the_history_after_seeing_what_that_touches(desk, theirs):
    change(desk, f"{CANTAL}accent/", value="lava")
    address = re.search(r'href="(/console/settings/15/undo/[^"]+)"', desk.get(CANTAL).text)[1]
    page = desk.get(address).text
    assert "1 établissement change." in page
    assert effective(theirs)["accent"].value == "lava"
    assert "le changement est annulé" in desk.post(address, follow=True).text
    assert effective(theirs)["accent"].value == "lake"


def test_undoing_what_a_later_change_stands_on_is_refused_in_words(desk, theirs):
    change(desk, f"{CANTAL}accent/", value="lava")
    first = SettingChange.objects.get()
    change(desk, f"{CANTAL}accent/", value="plum")
    assert "plus récent" in desk.post(f"{CANTAL}undo/{first.pk}/", follow=True).text
    assert effective(theirs)["accent"].value == "plum"


def test_a_change_of_another_level_is_not_undone_from_here(desk, elsewhere):
    theirs = SettingChange.objects.create(key="accent", authority=elsewhere.authority, after="lava", author="Agent")
    assert desk.post(f"{CANTAL}undo/{theirs.pk}/").status_code == 404


def test_returning_to_what_is_inherited(desk, theirs):
    change(desk, f"{CANTAL}accent/", value="lava")
    change(desk, f"{CANTAL}accent/", inherit="1")
    assert not SettingValue.objects.exists()
    assert effective(theirs)["accent"].value == "lake"


@pytest.mark.parametrize(
    ("key", "typed", "told"),
    [
        ("accent", {"value": "turquoise"}, "Sélectionnez un choix valide"),
        ("accent", {}, "Choisissez une des valeurs proposées"),
        ("support_email", {"value": "aide"}, "écrivez-la comme aide@exemple.fr"),
        ("quiet_hours", {"from": "20:00", "to": ""}, "Tapez deux heures"),
        ("sign_in_message", {"value": "x" * 600}, "600 caractères"),
        ("logo", {}, "Choisissez une image"),
    ],
)
def test_what_cannot_be_is_told_beside_the_field_and_what_was_typed_stays(desk, key, typed, told):
    answer = desk.post(f"{CANTAL}{key}/", {"read": "", **typed})
    assert answer.status_code == 400
    assert told in answer.text
    for value in typed.values():
        assert value in answer.text or key == "accent"


def test_a_confirmation_tampered_with_is_checked_again(desk):
    answer = desk.post(f"{CANTAL}accent/", {"read": "", "kept": '"red;}body{display:none"', "confirmed": "1"})
    assert answer.status_code == 400
    assert desk.post(f"{CANTAL}accent/", {"read": "", "kept": "{", "confirmed": "1"}).status_code == 400
    assert not SettingValue.objects.exists()


def test_a_logo_is_seen_before_it_is_kept(desk, theirs, tmp_path):
    path = tmp_path / "logo.png"
    path.write_bytes(factories.image("PNG", (400, 200)))
    with path.open("rb") as file:
        page = desk.post(f"{CANTAL}logo/", {"read": "", "value": file}).text
    assert "data:image/webp;base64," in page
    assert not SettingImage.objects.exists()
    kept = re.search(r'name="kept" value="([^"]*)"', page)[1].replace("&quot;", '"')
    desk.post(f"{CANTAL}logo/", {"read": "", "kept": kept, "confirmed": "1"})
    assert effective(theirs)["logo"].value["digest"] == SettingImage.objects.get().pk


def test_a_drawing_with_a_script_is_refused(desk, tmp_path):
    path = tmp_path / "logo.svg"
    path.write_text("<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>")
    with path.open("rb") as file:
        answer = desk.post(f"{CANTAL}logo/", {"read": "", "value": file})
    assert answer.status_code == 400
    assert "SVG" in answer.text


def test_the_academy_sees_how_many_have_their_own_value_below(officer_client, theirs):
    SettingValue.objects.create(key="accent", authority=theirs.authority, value="lava")
    SettingValue.objects.create(key="accent", school=theirs, value="plum")
    assert "2 valeurs propres en dessous" in officer_client.get("/console/settings/").text


@pytest.mark.parametrize(
    "address",
    ["/console/settings/", "/console/settings/63/", "/console/settings/63/accent/", "/console/schools/{}/settings/"],
)
def test_pages_cost_few_queries_however_many_schools(address, officer_client, django_assert_max_num_queries):
    puy = factories.authority("63", "Puy-de-Dôme")
    schools = [factories.registered(authority=puy) for _ in range(5)]
    for school in schools:
        SettingValue.objects.create(key="accent", school=school, value="plum")
        SettingChange.objects.create(key="accent", school=school, after="plum", author="Agent")
        SettingChange.objects.create(key="accent", authority=puy, after="plum", author="Agent")
    address = address.format(schools[0].uai)
    officer_client.get(address)
    with django_assert_max_num_queries(12):
        assert officer_client.get(address).status_code == 200


def test_what_a_change_touches_costs_few_queries_however_many_schools(officer_client, django_assert_max_num_queries):
    for _ in range(6):
        factories.registered(authority=factories.authority())
    officer_client.get("/console/settings/")
    with django_assert_max_num_queries(12):
        page = officer_client.post("/console/settings/academy/accent/", {"read": "", "value": "lava"}).text
    assert re.search(r"\d+ établissements changent", page)
