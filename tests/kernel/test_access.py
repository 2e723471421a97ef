"""The matrix: a role's scope decides, and the answer can be explained."""

from types import SimpleNamespace

from ent.kernel.access import Acting, Role, Scope, reasons
from ent.school.people.models import Function
from tests import factories


def acting(person, *roles):
    return SimpleNamespace(acting=Acting(person_id=person.pk, profile=person.profile, roles=frozenset(roles)))


def test_a_teacher_sees_the_pupils_taught_and_says_why(school):
    division = factories.division()
    pupil, teacher = factories.pupil(division=division), factories.staff(teaches=division)
    assert reasons(acting(teacher, Role.TEACHER), "people.view_person", pupil) == [(Role.TEACHER, Scope.TAUGHT)]


def test_a_teacher_sees_no_pupil_of_others(school):
    pupil, teacher = factories.pupil(division=factories.division("3C")), factories.staff()
    assert reasons(acting(teacher, Role.TEACHER), "people.view_person", pupil) == []


def test_a_pupil_who_left_the_class_is_no_longer_its_teachers(school):
    division = factories.division()
    pupil, teacher = factories.pupil(division=division), factories.staff(teaches=division)
    pupil.enrolments.update(closed_at="2026-10-01T00:00Z")
    assert reasons(acting(teacher, Role.TEACHER), "people.view_person", pupil) == []


def test_a_parent_without_legal_authority_sees_nothing_of_the_child(school):
    pupil = factories.pupil()
    parent = factories.contact(of=pupil)
    assert reasons(acting(parent, Role.GUARDIAN), "people.view_person", pupil) == []


def test_a_parent_kept_away_by_a_judge_sees_nothing_of_the_child(school):
    pupil = factories.pupil()
    parent = factories.guardian(of=pupil, restricted=True)
    assert reasons(acting(parent, Role.GUARDIAN), "people.view_person", pupil) == []


def test_the_cpe_sees_every_family(school):
    parent = factories.guardian(of=factories.pupil())
    cpe = factories.staff(Function.CPE)
    assert reasons(acting(cpe, Role.CPE), "people.view_contact", parent) == [(Role.CPE, Scope.SCHOOL)]


def test_a_form_tutor_sees_the_families_of_the_class_only(school):
    division = factories.division()
    inside, outside = factories.pupil(division=division), factories.pupil(division=factories.division("3C"))
    tutor = acting(factories.staff(tutors=division), Role.TEACHER, Role.FORM_TUTOR)
    assert reasons(tutor, "people.view_contact", factories.guardian(of=inside))
    assert not reasons(tutor, "people.view_contact", factories.guardian(of=outside))
