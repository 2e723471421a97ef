"""Search, people's pages and homes: each role sees what it may, in words that help."""

import pytest

from ent.accounts.models import Membership
from ent.school.people.models import Function, Guardianship, Person
from tenants.context import inside_as_owner
from tests import factories


@pytest.fixture
def cpe(school, sign_in):
    """The CPE's browser."""
    return sign_in(factories.staff(Function.CPE))


def names(page: str, people) -> list[str]:
    """Which of these people a page names, in its order."""
    return [one.last_name for one in sorted(people, key=lambda one: page.find(f"{one.pk}")) if f"{one.pk}" in page]


# --- search ----------------------------------------------------------------------------------------------------------
def test_search_ignores_accents_and_capitals_and_puts_names_that_begin_so_first(cpe):
    found = [
        factories.pupil(last_name="Amarel", first_name="Zoé"),
        factories.pupil(last_name="Dupré", first_name="Maréva"),
        factories.pupil(last_name="Maréchal", first_name="Éloi"),
    ]
    other = factories.pupil(last_name="Petit", first_name="Éloi")
    page = cpe.get("/people/", {"q": "MARE"}).text
    assert names(page, [*found, other]) == ["Maréchal", "Dupré", "Amarel"]


def test_two_letters_of_each_name_find_the_pupil(cpe):
    wanted = factories.pupil(last_name="Fernandez", first_name="Zoé")
    other = factories.pupil(last_name="Fernandez", first_name="Ali")
    page = cpe.get("/people/suggestions/", {"q": "fe zo"}).text
    assert names(page, [wanted, other]) == ["Fernandez"]
    assert f"{wanted.pk}" in page


def test_a_pupil_comes_before_the_parents_of_the_same_name(cpe):
    pupil = factories.pupil(last_name="Roussel", first_name="Zoé")
    parent = factories.guardian(of=pupil, last_name="Roussel", first_name="Ana")
    page = cpe.get("/people/suggestions/", {"q": "rous"}).text
    assert page.index(f"{pupil.pk}") < page.index(f"{parent.pk}")


def test_a_lone_answer_of_the_top_bar_opens_at_once(cpe):
    wanted = factories.pupil(last_name="Quillfeldt", first_name="Zoé")
    assert cpe.get("/people/", {"q": "quill", "go": "1"})["Location"] == f"/people/{wanted.pk}/"
    assert cpe.get("/people/", {"q": "quill"}).status_code == 200


def test_suggestions_name_classes_too(cpe):
    division = factories.division("5e B")
    assert f"/classes/{division.pk}/" in cpe.get("/people/suggestions/", {"q": "5eb"}).text


def test_suggestions_show_nobody_the_asker_may_not_open(sign_in):
    mine = factories.pupil(division=factories.division("6A"), last_name="Valade")
    theirs = factories.pupil(division=factories.division("3C"), last_name="Valade")
    page = sign_in(factories.staff(teaches=factories.division("6A"))).get("/people/suggestions/", {"q": "vala"}).text
    assert f"{mine.pk}" in page
    assert f"{theirs.pk}" not in page


def test_the_rest_of_the_staff_finds_colleagues_only(sign_in):
    colleague, pupil = factories.staff(last_name="Valade"), factories.pupil(last_name="Valade")
    page = sign_in(factories.staff(Function.OTHER)).get("/people/", {"q": "valade"}).text
    assert f"{colleague.pk}" in page
    assert f"{pupil.pk}" not in page


@pytest.mark.parametrize("words", ["'", "%", "(", "[a", "\\", "   ", "é" * 300, "(.*"])
def test_any_words_can_be_searched(cpe, words):
    assert cpe.get("/people/", {"q": words}).status_code == 200
    assert cpe.get("/people/suggestions/", {"q": words}).status_code == 200


@pytest.mark.parametrize("path", ["/people/", "/people/suggestions/?q=e", "/"])
def test_pages_of_people_open_with_few_queries(sign_in, path, django_assert_max_num_queries):
    division = factories.division()
    for _ in range(12):
        factories.guardian(of=factories.photographed(factories.pupil(division=division)))
    for person in (factories.staff(teaches=division), factories.staff(Function.SCHOOL_ADMIN)):
        browser = sign_in(person)
        with django_assert_max_num_queries(12):
            assert browser.get(path).status_code == 200


# --- families --------------------------------------------------------------------------------------------------------
def two_homes():
    """A child of two homes, with each parent's address."""
    pupil = factories.pupil(division=factories.division())
    first = factories.guardian(of=pupil, last_name="Un", address="1 rue du Puits", mobile_phone="0611")
    second = factories.guardian(of=pupil, rank=2, last_name="Deux", address="2 rue du Four", mobile_phone="0622")
    return pupil, first, second


def test_two_homes_never_see_each_others_address(sign_in):
    pupil, first, second = two_homes()
    page = sign_in(first).get(f"/people/{pupil.pk}/").text
    assert "1 rue du Puits" in page
    assert second.display_name in page
    assert "2 rue du Four" not in page
    assert "0622" not in page
    assert sign_in(first).get(f"/people/{second.pk}/").status_code == 403


def test_an_address_that_may_be_given_gives_no_phone(sign_in):
    pupil, first, second = two_homes()
    Person.objects.filter(pk=second.pk).update(address_is_shared=True)
    page = sign_in(first).get(f"/people/{pupil.pk}/").text
    assert "2 rue du Four" in page
    assert "0622" not in page


def test_who_teaches_some_pupils_of_a_class_lists_and_exports_those_alone(sign_in):
    division, group = factories.division("6B"), factories.group("6LATIN")
    taught, other = factories.pupil(division, group), factories.pupil(division)
    browser = sign_in(factories.staff(teaches=group))
    exported = b"".join(browser.get(f"/classes/{division.pk}/list.csv").streaming_content).decode()
    for text in (exported, browser.get(f"/classes/{division.pk}/").text):
        assert taught.last_name in text
        assert other.last_name not in text


def test_the_staff_reads_in_which_order_to_call_and_who_decides(cpe):
    pupil, first, second = two_homes()
    Guardianship.objects.filter(relative=first).update(contact_order=2, is_contact=True)
    Guardianship.objects.filter(relative=second).update(contact_order=1, is_contact=True)
    page = cpe.get(f"/people/{pupil.pk}/").text
    assert page.index("Deux") < page.index("Un<")
    assert "À appeler en position 1" in page
    assert "responsable légal 2" in page
    assert "1 rue du Puits" in page


def test_the_staff_is_warned_of_a_restricted_contact_the_family_is_not(cpe, sign_in):
    pupil, first, second = two_homes()
    Guardianship.objects.filter(relative=second).update(is_restricted=True)
    assert "Contact restreint" in cpe.get(f"/people/{pupil.pk}/").text
    assert "Contact restreint" not in sign_in(first).get(f"/people/{pupil.pk}/").text


def test_a_parent_passes_from_child_to_child_across_schools_in_one_click(sign_in, school, other_school):
    parent = factories.guardian(of=factories.pupil(first_name="Lina"), last_name="Roy")
    account = factories.account_of(parent)
    with inside_as_owner(other_school):
        brother = factories.pupil(first_name="Noé", division=factories.division("2GT3"))
        there = factories.guardian(of=brother, account=account)
    assert Membership.objects.filter(account=account, person_id=there.pk).exists()
    browser = sign_in(parent)
    here = parent.wards.get().pupil
    link = f"/passage/{other_school.subdomain}/?next=/people/{brother.pk}/"
    for path in ("/", f"/people/{here.pk}/"):
        page = browser.get(path).text
        assert "Lina" in page
        assert "Noé" in page
        assert link in page
    assert "2GT3" in browser.get("/").text
    assert f"/people/{brother.pk}/" in browser.get(link)["Location"].replace("%2F", "/")


# --- homes -----------------------------------------------------------------------------------------------------------
def test_the_administrators_home_says_what_waits(sign_in, school):
    from ent.accounts.models import Account
    from ent.exchange.models import ImportRun, SchoolImport

    unclassed = factories.pupil()
    Account.objects.filter(pk=unclassed.account_id).update(activated_at=None)
    run = ImportRun.objects.create(digest="x", folder="/x", kind="Complet", state="done")
    SchoolImport.objects.create(run=run, school=school, oddities=[{"reason": "a"}, {"reason": "b"}])
    page = sign_in(factories.staff(Function.SCHOOL_ADMIN)).get("/").text
    assert "<strong>1</strong> personne n’a ni mot de passe ni lettre en cours" in page
    assert "<strong>2</strong> remarques au dernier import" in page
    assert "<strong>1</strong> élève n’est dans aucune classe" in page
    assert "Ce qui vous attend" not in sign_in(factories.staff(Function.CPE)).get("/").text


@pytest.mark.parametrize("function", [Function.SCHOOL_ADMIN, Function.CPE, Function.TEACHER, Function.OTHER])
def test_every_page_of_an_empty_school_says_what_to_expect(sign_in, function):
    browser = sign_in(factories.staff(function))
    for path in ("/", "/people/", "/people/?q=zzz", "/classes/", "/classes/photos/", "/account/"):
        assert browser.get(path).status_code in (200, 403)
    assert "viennent avec l’annuaire" in browser.get("/classes/").text


def test_subjects_are_written_as_people_write_them(sign_in):
    from ent.school.structure.models import Subject
    from ent.school.structure.subjects import presentable

    assert presentable("HISTOIRE-GEOGRAPHIE") == "Histoire-géographie"
    assert presentable("ENSEIGNEMENT MORAL & CIVIQUE") == "Enseignement moral et civique"
    assert presentable("ALLEMAND LV2") == "Allemand LV2"
    assert presentable("Latin (option)") == "Latin (option)"
    assert str(Subject(code="0613", label="")) == "0613"
