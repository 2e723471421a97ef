"""A teacher who is also a parent passes from one to the other on the home page."""

from tests import factories


def test_a_teacher_who_is_a_parent_sees_how_to_pass_to_the_children(school, sign_in):
    teacher, child = factories.staff(), factories.pupil(first_name="Lise")
    account = factories.account_of(teacher)
    parent = factories.guardian(account=account)
    factories.tie(parent, child)
    client = sign_in(teacher)
    assert "Passer à : Responsable" in " ".join(client.get("/").text.split())
    page = client.post("/act-as/", {"person": parent.pk}, follow=True)
    assert "Lise" in page.text
    assert "Passer à : Personnel" in " ".join(page.text.split())


def test_who_is_one_person_has_nothing_to_pass_to(school, sign_in):
    assert "Passer à" not in sign_in(factories.staff()).get("/").text
