"""Signing in: one name, one password, one's own school; and what everyone else is told."""

import re

import pytest
from django.core import mail
from django.utils import timezone
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from ent.accounts.models import Account, Membership
from ent.kernel import limits as kernel_limits
from ent.kernel.language import COOKIE
from tests import factories
from tests.factories import PASSWORD

REFUSED = "Identifiant ou mot de passe incorrect"


@pytest.fixture(autouse=True)
def no_earlier_tries(monkeypatch):
    """Rates are kept in Valkey, which no rollback empties and other workers share: each test counts from nought."""
    limiter = MovingWindowRateLimiter(MemoryStorage())
    monkeypatch.setattr(kernel_limits, "_limiter", lambda: limiter)


def enter(browser, name: str, password: str = PASSWORD, **more):
    return browser.post("/sign-in/", {"username": name, "password": password, **more})


def name_of(person) -> str:
    return factories.account_of(person).sign_in_name


def test_a_pupil_signs_in_with_any_case_and_spaces(visitor):
    name = name_of(factories.pupil())
    response = enter(visitor, f"  {name.upper()} ")
    assert response.status_code == 302
    assert response["Location"] == "/"


def test_the_page_asked_for_comes_after_signing_in_but_never_another_site(visitor):
    name = name_of(factories.pupil())
    assert enter(visitor, name, next="/account/")["Location"] == "/account/"
    visitor.post("/sign-out/")
    assert enter(visitor, name, next="https://exemple.org/")["Location"] == "/"


def test_nobody_learns_which_names_exist(visitor, other_school):
    """Wrong password, unknown name, closed, never activated, of another school: one answer."""
    known = name_of(factories.pupil())
    closed, waiting, stranger = factories.pupil(), factories.pupil(), factories.pupil()
    Account.objects.filter(pk=closed.account_id).update(closed_at=timezone.now())
    Account.objects.filter(pk=waiting.account_id).update(activated_at=None)
    Membership.objects.filter(account=stranger.account_id).update(school=other_school)
    answers = {
        re.sub(r'value="[^"]*"', "", enter(visitor, name, password).text)
        for name, password in (
            (known, "mauvais"), ("personne.inconnue", PASSWORD), (name_of(closed), PASSWORD),
            (name_of(waiting), PASSWORD), (name_of(stranger), PASSWORD),
        )
    }  # fmt: skip
    assert len(answers) == 1
    assert REFUSED in answers.pop()


def test_who_left_the_school_is_refused_there(visitor):
    person = factories.pupil()
    Membership.objects.filter(person_id=person.pk).update(closed_at=timezone.now())
    assert REFUSED in enter(visitor, name_of(person)).text


@pytest.mark.parametrize("exists", [True, False])
def test_after_ten_tries_a_name_rests_whether_it_exists_or_not(visitor, exists):
    name = name_of(factories.pupil()) if exists else "personne.inconnue"
    for _ in range(10):
        assert REFUSED in enter(visitor, name, "mauvais").text
    assert "Trop d&#x27;essais" in enter(visitor, name).text


def test_a_whole_school_behind_one_address_signs_in_in_the_morning(visitor):
    """Only failures count for an address."""
    name = name_of(factories.pupil())
    for _ in range(70):
        assert enter(visitor, name).status_code == 302
        visitor.post("/sign-out/")


def test_an_address_that_fails_sixty_times_rests(visitor):
    for number in range(60):
        enter(visitor, f"inconnu{number}", "mauvais")
    assert "Trop d&#x27;essais" in enter(visitor, "inconnu60", "mauvais").text


def test_the_language_chosen_at_home_comes_with_the_account(visitor):
    person = factories.guardian(of=factories.pupil())
    Account.objects.filter(pk=person.account_id).update(language="tr")
    assert enter(visitor, name_of(person)).cookies[COOKIE].value == "tr"


def without_tokens(answer) -> str:
    """The page, less what is drawn anew each time."""
    return re.sub(r'(name="csrfmiddlewaretoken" value=)"\w+"', r"\1", answer.text)


def test_a_forgotten_password_is_chosen_anew_by_mail(visitor, school):
    person = factories.guardian(of=factories.pupil())
    Account.objects.filter(pk=person.account_id).update(email="parent@exemple.fr")
    answer = visitor.post("/password/forgotten/", {"identifier": "parent@exemple.fr"})
    [message] = mail.outbox
    link = re.search(r"http\S+", message.body)[0]
    assert f"//{school.subdomain}." in link
    path = re.sub(r"^https?://[^/]+", "", link)
    chosen = {"new_password1": "volcan-eteint-1", "new_password2": "volcan-eteint-1"}
    step = visitor.get(path)
    assert visitor.post(step["Location"], chosen)["Location"] == "/sign-in/"
    assert enter(visitor, name_of(person), "volcan-eteint-1").status_code == 302
    visitor.post("/sign-out/")
    assert "a déjà servi" in visitor.get(path).text
    # The same answer for nobody, and no mail.
    nobody = visitor.post("/password/forgotten/", {"identifier": "personne@exemple.fr"})
    assert without_tokens(nobody) == without_tokens(answer)
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("broken", ["x", "AAAA", "MDE5YTAwMDA"])
def test_a_mangled_reset_link_says_so(visitor, broken):
    assert "plus valable" in visitor.get(f"/password/reset/{broken}/abc-def/").text


def test_a_key_opens_the_api_of_its_school_only_and_can_be_withdrawn(sign_in, school, other_school, visitor, rf):
    from rest_framework.exceptions import AuthenticationFailed
    from rest_framework.request import Request

    from ent.accounts.tokens import TokenAuthentication

    person = factories.staff()
    browser = sign_in(person)
    page = browser.post("/account/tokens/", {"name": "Agenda", "scopes": ["timetable"]})
    token = re.search(r"ent_[\w-]{43}", page.text)[0]
    assert token not in browser.get("/account/").text

    def present(at):
        request = rf.get("/", headers={"authorization": f"Bearer {token}"})
        request.school = at
        request.session = {}
        return TokenAuthentication().authenticate(Request(request))

    account, key = present(school)
    assert account.pk == person.account_id
    assert account.acting.roles == {"teacher"}
    with pytest.raises(AuthenticationFailed):
        present(other_school)
    Membership.objects.filter(person_id=person.pk).update(closed_at=timezone.now())
    with pytest.raises(AuthenticationFailed):
        present(school)
    Membership.objects.filter(person_id=person.pk).update(closed_at=None)
    browser.post("/account/tokens/revoke/", {"token": key.pk})
    with pytest.raises(AuthenticationFailed):
        present(school)


def test_changing_the_password_asks_for_the_old_one_and_keeps_this_session(sign_in, visitor):
    person = factories.pupil()
    browser = sign_in(person)
    chosen = {"new_password1": "volcan-eteint-1", "new_password2": "volcan-eteint-1"}
    refused = browser.post("/account/password/", {"current_password": "mauvais", **chosen})
    assert "pas votre mot de passe actuel" in refused.text
    assert browser.post("/account/password/", {"current_password": PASSWORD, **chosen}).status_code == 302
    assert browser.get("/account/").status_code == 200
    assert enter(visitor, name_of(person), "volcan-eteint-1").status_code == 302


def test_a_teacher_who_is_a_parent_acts_as_either(sign_in):
    teacher = factories.staff()
    parent = factories.guardian(of=factories.pupil(), account=factories.account_of(teacher))
    browser = sign_in(teacher)
    assert browser.post("/act-as/", {"person": parent.pk}).status_code == 302
    assert browser.session["acting_as"] == str(parent.pk)
    stranger = factories.staff()
    assert browser.post("/act-as/", {"person": stranger.pk}).status_code == 400


def test_an_unknown_language_is_refused_and_a_known_one_kept(visitor):
    assert visitor.post("/language/", {"language": "xx"}).status_code == 400
    response = visitor.post("/language/", {"language": "ar", "next": "//exemple.org"})
    assert response["Location"] == "/"
    assert response.cookies[COOKIE].value == "ar"
