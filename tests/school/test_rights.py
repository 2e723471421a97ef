"""The rights matrix in one table, and « why? » with the relationship that grants."""

import pytest

from ent.kernel.access import CHAPTERS, PLATFORM_ROLES, RIGHTS, Role
from ent.school.people.models import Function, Guardianship, StaffFunction
from ent.school.rights.views import CELLS, COLUMNS, LEGEND
from tests import factories


@pytest.fixture
def desk(school, sign_in):
    """The administrator's browser."""
    return sign_in(factories.staff(Function.SCHOOL_ADMIN))


def why(desk, who, whom) -> str:
    return desk.get("/rights/why/", {"who": who.pk, "whom": whom.pk}).text


def test_the_matrix_shows_every_action_of_the_school_for_every_role(desk):
    page = desk.get("/rights/").text
    held_in_schools = {name: right for name, right in RIGHTS.items() if not right.scopes.keys() <= set(PLATFORM_ROLES)}
    assert {name.partition(".")[0] for name in held_in_schools} == set(CHAPTERS)
    school_rights = list(held_in_schools.values())
    for right in school_rights:
        assert right.label.replace("'", "&#x27;") in page
    assert page.count("<td") == len(school_rights) * len(COLUMNS)
    for right in school_rights:
        assert set(right.scopes) <= set(COLUMNS)
        assert set(right.scopes.values()) <= set(CELLS) == set(LEGEND)
    assert set(Role) - set(PLATFORM_ROLES) == set(COLUMNS)


def test_why_names_the_class_one_is_form_tutor_of(desk):
    division = factories.division("5eB")
    pupil, tutor = factories.pupil(division=division), factories.staff(tutors=division, title="Mme", last_name="Roy")
    page = why(desk, tutor, pupil)
    assert "Mme Camille Roy a ce droit parce que" in page
    assert "professeur principal de 5eB (2026-2027)" in page


def test_why_names_the_teaching_even_through_the_pupils_family(desk):
    division = factories.division("5eB")
    pupil, teacher = factories.pupil(division=division), factories.staff(teaches=division)
    parent = factories.guardian(of=pupil)
    assert "enseigne « Mathématiques » à 5eB (2026-2027)" in why(desk, teacher, pupil)
    page = why(desk, teacher, parent)
    assert "enseigne « Mathématiques » à 5eB (2026-2027)" in page
    assert pupil.display_name in page


def test_why_names_the_legal_authority_of_a_parent(desk):
    pupil = factories.pupil()
    page = why(desk, factories.guardian(of=pupil, rank=2), pupil)
    assert f"responsable légal 2 de {pupil.display_name} (mère)" in page


def test_why_says_where_a_function_comes_from(desk):
    pupil, head = factories.pupil(), factories.staff(Function.SCHOOL_HEAD, last_name="Cheffe")
    cpe = factories.staff(Function.CPE)
    assert "fonction de l&#x27;annuaire" in why(desk, cpe, pupil)
    by_hand = factories.staff()
    StaffFunction.objects.create(person=by_hand, function="cpe", source="hand", given_by=head.pk)
    assert "fonction donnée à la main par Camille Cheffe" in why(desk, by_hand, pupil)


def test_why_says_no_and_who_could(desk):
    pupil, stranger = factories.pupil(), factories.staff()
    page = why(desk, stranger, pupil)
    assert "a ce droit parce que" not in page
    assert "Ce droit est donné à : Élève (soi)" in page


def test_why_says_that_a_parent_kept_away_sees_nothing(desk):
    pupil = factories.pupil()
    away = factories.guardian(of=pupil)
    Guardianship.objects.filter(relative=away).update(is_restricted=True)
    page = why(desk, away, pupil)
    assert "cette personne ne voit rien" in page
    assert "a ce droit parce que" not in page


@pytest.mark.parametrize(
    "query", ["?who=x&whom=y", "?who_q=%25&whom_q=zz", "?who=", "?who=00000000-0000-0000-0000-000000000000"]
)
def test_why_bears_any_question(desk, query):
    assert desk.get(f"/rights/why/{query}").status_code == 200
