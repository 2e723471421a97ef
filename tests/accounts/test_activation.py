"""From the letter to the first password, on a phone, without e-mail, in ten languages."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from ent.accounts.actions import new_codes
from ent.accounts.codes import code_digest, new_code
from ent.accounts.models import Account, ActivationCode
from tests import factories
from tests.accounts.test_sign_in import enter, no_earlier_tries  # noqa: F401

OWN = {"new_password1": "volcan-eteint-1", "new_password2": "volcan-eteint-1"}


@pytest.fixture
def parent(school):
    """A parent who has not activated the account yet."""
    person = factories.guardian(of=factories.pupil())
    Account.objects.filter(pk=person.account_id).update(activated_at=None, password="!")
    return factories.account_of(person)


@pytest.fixture
def code(parent) -> str:
    return new_codes([parent.pk])[parent.pk]


def test_codes_have_sixty_bits_and_forgive_how_they_are_typed():
    code = new_code()
    assert [len(part) for part in code.split("-")] == [4, 4, 4]
    assert not set(code) & set("ILOU")
    assert code_digest(f" {code.lower().replace('-', '  ')} ".replace("0", "o").replace("1", "l")) == code_digest(code)
    assert code_digest(code[:-1]) == ""


def test_a_parent_activates_in_arabic_without_email(visitor, parent, code):
    visitor.post("/language/", {"language": "ar", "next": "/activate/"})
    page = visitor.get("/activate/")
    assert '<html lang="ar" dir="rtl"' in page.text
    assert "Activer mon compte" not in page.text
    assert visitor.post("/activate/", {"code": code})["Location"] == "/activate/"
    assert parent.sign_in_name in visitor.get("/activate/").text
    assert visitor.post("/activate/", OWN)["Location"] == "/"
    parent.refresh_from_db()
    assert (parent.state, parent.email, parent.language) == ("active", "", "ar")
    visitor.post("/sign-out/")
    assert enter(visitor, parent.sign_in_name, OWN["new_password1"]).status_code == 302


def test_the_square_of_the_letter_opens_the_second_step_at_once(visitor, parent, code):
    assert visitor.get("/activate/", {"code": code})["Location"] == "/activate/"
    assert parent.sign_in_name in visitor.get("/activate/").text


@pytest.mark.parametrize("language", [code for code, _ in settings.LANGUAGES if code != "fr"])
def test_the_whole_journey_is_translated(visitor, parent, code, language):
    visitor.post("/language/", {"language": language})
    wrong = visitor.post("/activate/", {"code": "0000-0000-0000"})
    visitor.post("/activate/", {"code": code})
    pages = [wrong, visitor.get("/activate/"), visitor.post("/activate/", {"new_password1": "1", "new_password2": "2"})]
    for page in pages:
        for french in ("compte", "mot de passe", "lettre", "Continuer", "identifiant", "Langue"):
            assert french not in page.text.split("<main", 1)[1].split("</main>")[0], french


def test_a_code_works_once(visitor, parent, code):
    visitor.post("/activate/", {"code": code})
    visitor.post("/activate/", OWN)
    visitor.post("/sign-out/")
    assert "a déjà servi" in visitor.post("/activate/", {"code": code}).text


def test_two_browsers_with_one_code_make_one_activation(visitor, parent, code):
    from ent.accounts.actions import activate

    held = ActivationCode.objects.select_related("account").get()
    assert activate(held, "premier-arrive", "", "fr") is not None
    assert activate(held, "second-arrive", "", "fr") is None


def test_a_new_letter_ends_the_old_one_and_sixty_days_end_any(visitor, parent, code):
    newer = new_codes([parent.pk])[parent.pk]
    assert visitor.post("/activate/", {"code": code}).status_code == 200
    ActivationCode.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert visitor.post("/activate/", {"code": newer}).status_code == 200


def test_a_letter_of_another_school_says_nothing_here(visitor, parent, code, other_school):
    parent.memberships.update(school=other_school)
    assert "valable" in visitor.post("/activate/", {"code": code}).text


def test_guessing_codes_ends_after_twenty_tries(visitor, code):
    for _ in range(20):
        visitor.post("/activate/", {"code": new_code()})
    assert "Trop d&#x27;essais" in visitor.post("/activate/", {"code": code}).text


def test_a_poor_password_is_explained_and_nothing_changes(visitor, parent, code):
    visitor.post("/activate/", {"code": code})
    page = visitor.post("/activate/", {"new_password1": "0123456789", "new_password2": "0123456789"})
    assert page.status_code == 200
    assert "error" in page.text
    parent.refresh_from_db()
    assert parent.state == "waiting"
