"""A school's administrator takes places at training sessions: numbers, no name."""

from datetime import timedelta

import pytest
from django.utils import timezone

from ent.school.people.models import Function
from tenants.context import inside, platform
from tenants.liaison.models import Seats, Training
from tests import factories

PAGE = "/administration/training/"


@pytest.fixture
def administrator(school, sign_in):
    return sign_in(factories.staff(Function.SCHOOL_ADMIN))


@pytest.fixture
def training(school):
    with platform():
        return factories.training(seats=6)


def places(training: Training) -> list[int]:
    with platform():
        return list(Seats.objects.filter(training=training).values_list("taken", flat=True))


def sign_up(client, training: Training, wanted):
    return client.post(f"{PAGE}sign-up/", {"training": training.pk, "wanted": wanted}, follow=True)


def test_an_administrator_takes_places_changes_them_and_gives_them_back(administrator, training):
    assert "6 places libres sur 6" in administrator.get(PAGE).text
    assert "c’est enregistré" in sign_up(administrator, training, 2).text
    sign_up(administrator, training, 4)
    assert places(training) == [4]
    assert "Inscrit : 4 places" in administrator.get(PAGE).text
    assert "Vos places sont rendues" in sign_up(administrator, training, 0).text
    assert places(training) == []


def test_a_full_session_refuses_next_to_the_number_and_keeps_it(administrator, training, other_school):
    with platform():
        Seats.objects.create(training=training, school=other_school, taken=5)
    answer = sign_up(administrator, training, 3)
    assert answer.status_code == 400
    assert "Il reste 1 place" in answer.text
    assert 'value="3"' in answer.text
    assert places(training) == [5]


@pytest.mark.parametrize("wanted", ["", "deux", "-1", "9999"])
def test_what_is_no_number_of_people_is_told(administrator, training, wanted):
    answer = sign_up(administrator, training, wanted)
    assert answer.status_code == 400
    assert places(training) == []


def test_a_session_that_is_gone_is_told(administrator, training):
    with platform():
        Training.objects.all().delete()
    assert "n’existe plus" in sign_up(administrator, training, 1).text
    assert "n’existe plus" in administrator.post(f"{PAGE}sign-up/", {"training": "x"}, follow=True).text


def test_one_sees_the_academys_sessions_and_those_of_ones_collectivity(administrator, training, school):
    with platform():
        factories.training(title="Pour le Cantal", authority=factories.authority())
        factories.training(title="Pour le Puy-de-Dôme", authority=school.authority)
        factories.training(title="Passée", starts_at=timezone.now() - timedelta(days=1))
        gone = factories.training(title="Annulée ensuite")
        Seats.objects.create(training=gone, school=school, taken=1)
        Training.objects.filter(pk=gone.pk).update(cancelled_at=timezone.now())
    page = administrator.get(PAGE).text
    assert "Pour le Puy-de-Dôme" in page
    assert "Pour le Cantal" not in page
    assert "Passée" not in page.split("<h1>")[1].split("Passées")[0]
    assert "cette formation est annulée" in page


def test_a_schools_own_role_cannot_change_a_session(school, training):
    from django.db import ProgrammingError, transaction

    with inside(school), pytest.raises(ProgrammingError), transaction.atomic():
        Training.objects.update(seats=1_000)


def test_a_teacher_does_not_sign_up_the_school(school, sign_in, training):
    assert sign_in(factories.staff()).get(PAGE).status_code == 403


def test_the_next_session_comes_first(administrator, training):
    with platform():
        for days in (9, 3, 6):
            begins = timezone.now() + timedelta(days=days)
            factories.training(title=f"Dans {days} jours", starts_at=begins, ends_at=begins + timedelta(hours=1))
    page = administrator.get(PAGE).text
    assert sorted((3, 6, 9), key=lambda days: page.index(f"Dans {days} jours")) == [3, 6, 9]
