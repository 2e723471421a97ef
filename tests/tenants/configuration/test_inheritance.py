"""A school inherits its collectivity's value, its collectivity the academy's; a nearer value always wins."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ent.kernel.ids import new_id
from tenants.configuration import queries
from tenants.configuration.actions import Author, set_value, unset_value, version
from tenants.configuration.models import Level, SettingValue
from tenants.configuration.queries import ACADEMY, Place, effective, in_force_at, last_change, touched
from tenants.configuration.registry import ACCENTS, SETTINGS
from tenants.models import Authority, SchoolKind
from tests import factories

pytestmark = pytest.mark.usefixtures("platform_db")
ACCENT = SETTINGS["accent"]


def put(place: Place, value, setting=ACCENT):
    """Set a value as someone who has just read the page."""
    read = version(last_change(setting, place))
    author = Author(new_id(), "Agent d'essai")
    if value is None:
        return unset_value(setting, place, read=read, author=author)
    return set_value(setting, place, value, read=read, author=author)


@pytest.fixture
def cantal():
    return factories.authority("15", "Cantal")


@pytest.fixture
def region():
    return Authority.objects.get_or_create(
        code="ARA", defaults={"kind": Authority.Kind.REGION, "name": "Région Auvergne-Rhône-Alpes"}
    )[0]


def test_a_school_inherits_its_departements_colour(cantal):
    school = factories.registered(authority=cantal)
    elsewhere = factories.registered(authority=factories.authority("03", "Allier"))
    put(Place(authority=cantal), "lava")
    assert effective(school)["accent"].value == "lava"
    assert effective(school)["accent"].level == Level.AUTHORITY
    assert effective(elsewhere)["accent"].value == "lake"


def test_a_college_never_inherits_the_regions_colour_and_a_lycee_does(cantal, region):
    college = factories.registered(authority=cantal)
    lycee = factories.registered(authority=region, kind=SchoolKind.LYCEE_GT)
    put(Place(authority=region), "plum")
    assert effective(college)["accent"].value == "lake"
    assert effective(lycee)["accent"].value == "plum"


def test_a_schools_own_colour_stands_whatever_changes_above(cantal):
    school = factories.registered(authority=cantal)
    put(Place(school=school), "meadow")
    put(Place(authority=cantal), "lava")
    put(ACADEMY, "plum")
    assert effective(school)["accent"].value == "meadow"


def test_a_school_back_to_what_is_inherited_takes_its_departements_colour(cantal):
    school = factories.registered(authority=cantal)
    put(Place(authority=cantal), "lava")
    put(Place(school=school), "meadow")
    put(Place(school=school), None)
    assert effective(school)["accent"].value == "lava"


def test_a_school_of_no_collectivity_inherits_the_academys(cantal):
    school = factories.registered(authority=None)
    put(Place(authority=cantal), "lava")
    put(ACADEMY, "broom")
    assert effective(school)["accent"].value == "broom"


def test_a_school_that_changes_collectivity_inherits_from_the_new_one(cantal, region):
    school = factories.registered(authority=cantal)
    put(Place(authority=cantal), "lava")
    put(Place(authority=region), "plum")
    assert effective(school)["accent"].value == "lava"
    school.authority = region
    assert effective(school)["accent"].value == "plum"


def test_what_is_in_force_costs_one_query_then_none(cantal, django_assert_num_queries):
    school = factories.registered(authority=cantal)
    with django_assert_num_queries(1):
        effective(school)
    with django_assert_num_queries(0):
        effective(school)


@pytest.mark.parametrize("level", ["academy", "collectivity", "school"])
def test_a_change_at_any_level_is_seen_at_once_in_the_school(level, cantal):
    school = factories.registered(authority=cantal)
    assert effective(school)["accent"].value == "lake"
    place = {"academy": ACADEMY, "collectivity": Place(authority=cantal), "school": Place(school=school)}[level]
    put(place, "plum")
    assert effective(school)["accent"].value == "plum"


def test_what_was_read_just_before_a_change_is_not_taken_for_new(cantal, monkeypatch):
    school = factories.registered(authority=cantal)
    read = queries._rows

    def changed_while_reading(*levels):
        found = read(*levels)
        monkeypatch.undo()
        put(Place(authority=cantal), "lava")
        return found

    monkeypatch.setattr(queries, "_rows", changed_while_reading)
    assert effective(school)["accent"].value == "lake"
    assert effective(school)["accent"].value == "lava"


def test_a_key_nobody_declares_any_more_is_left_alone():
    SettingValue.objects.create(key="gone", value=1)
    assert "gone" not in in_force_at(ACADEMY).values


colours = st.none() | st.sampled_from([key for key, _ in ACCENTS])


@given(st.lists(st.tuples(st.sampled_from(["academy", "cantal", "region", "a", "b", "c"]), colours), max_size=12))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_nearest_value_wins_and_what_was_announced_is_what_changes(steps):
    cantal = factories.authority("15", "Cantal")
    region = factories.authority("ARA", "Région")
    homes = {"a": cantal, "b": cantal, "c": region}
    schools = {name: factories.registered(900 + number, authority=authority)
               for number, (name, authority) in enumerate(homes.items())}  # fmt: skip
    SettingValue.objects.filter(key="accent").delete()
    places = {"academy": ACADEMY, "cantal": Place(authority=cantal), "region": Place(authority=region)}
    places |= {name: Place(school=school) for name, school in schools.items()}
    above = {"a": "cantal", "b": "cantal", "c": "region"}
    model: dict[str, str | None] = dict.fromkeys(places)

    def expected(name: str) -> str:
        return next(filter(None, (model[name], model[above[name]], model["academy"])), "lake")

    for place, value in steps:
        before = {name: expected(name) for name in schools}
        new = value or in_force_at(places[place]).inherited["accent"].value
        announced = set(touched(ACCENT, places[place], new))
        put(places[place], value)
        model[place] = value
        for name, school in schools.items():
            assert effective(school)["accent"].value == expected(name)
            assert (school in announced) == (before[name] != expected(name))
    for school in schools.values():
        school.delete()


def test_what_an_older_version_kept_is_read_again():
    school = factories.registered()
    with pytest.MonkeyPatch.context() as older:
        older.setattr(queries, "SETTINGS", {key: one for key, one in SETTINGS.items() if key != "accent"})
        assert "accent" not in effective(school)
    assert effective(school)["accent"].value == "lake"
