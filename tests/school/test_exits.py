"""Exit schemes: what each allows from when, who has which, and whether a pupil may leave at a moment of the day."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from ent.school.attendance import exits, queries
from ent.school.attendance.models import ExitChoice, ExitScheme, ExitTerms
from ent.school.people.models import Person, Pupil
from tests import factories

DAY = "2026-11-24"


def scheme(name: str = "Vert", starts_on: str = "2026-09-01", **allows) -> ExitScheme:
    return exits.define(ExitScheme(name=name), ExitTerms(starts_on=starts_on, **allows), None)


def chosen(pupil: Person, of: ExitScheme, boarding: str = "day") -> Person:
    exits.assign({pupil.pk: of.pk}, factories.on(DAY).date(), None)
    Pupil.objects.filter(person=pupil).update(boarding_scheme=boarding)
    return pupil


@pytest.fixture
def day(school):
    """Lessons of a class at 8, 10 and 14; of another until 17: (class, its sessions)."""
    division, other = factories.division("5A"), factories.division("5B")
    teacher = factories.staff(teaches=division)
    sessions = [factories.session(teacher, division, factories.on(DAY, at)) for at in ("08:05", "10:05", "14:05")]
    for at in ("11:05", "16:05"):
        factories.session(teacher, other, factories.on(DAY, at))
    return division, sessions


def leave(pupil: Person, at: str) -> exits.Leave:
    return queries.whereabouts(factories.on(DAY, at), Person.objects.filter(pk=pupil.pk))[0].leave


@pytest.mark.parametrize(("allows", "boarding", "at", "allowed"), [
    ({"between_lessons": True}, "day", "09:30", True),
    ({"after_last_lesson": True}, "day", "09:30", False),
    ({"after_last_lesson": True}, "day", "10:30", False),
    ({"after_last_lesson": True}, "day", "11:10", True),
    ({}, "day", "11:10", False),
    ({}, "day", "12:10", True),
    ({"after_last_lesson": True}, "half_board", "11:10", False),
    ({"after_last_lesson": True}, "half_board", "15:10", True),
    ({"after_last_lesson": True, "for_half_boarders": False}, "half_board", "15:10", False),
    ({}, "half_board", "15:10", False),
    ({}, "half_board", "17:10", True),
    ({"after_last_lesson": True}, "boarder", "17:10", False),
    ({"after_last_lesson": True, "for_boarders": True}, "boarder", "17:10", True),
])  # fmt: skip
def test_who_may_leave_when(day, allows, boarding, at, allowed):
    pupil = chosen(factories.pupil(division=day[0]), scheme(**allows), boarding)
    assert leave(pupil, at).allowed is allowed, leave(pupil, at).why


@pytest.mark.parametrize("if_cancelled", [True, False])
def test_a_cancelled_last_lesson_lets_out_only_whose_scheme_says_so(day, if_cancelled):
    division, sessions = day
    sessions[2].state = "cancelled"
    sessions[2].save()
    pupil = chosen(factories.pupil(division=division), scheme(after_last_lesson=True, if_cancelled=if_cancelled))
    assert leave(pupil, "13:00").allowed
    pupil = chosen(pupil, scheme("Orange", after_last_lesson=True, if_cancelled=if_cancelled), "half_board")
    assert leave(pupil, "13:00").allowed is if_cancelled


def test_without_a_scheme_a_pupil_stays_until_the_schools_hour(day):
    pupil = factories.pupil(division=day[0])
    assert "17 h" in leave(pupil, "15:10").why


def test_a_scheme_changed_from_a_day_keeps_what_held_before(school, sign_in):
    cpe, today = sign_in(factories.staff("cpe")), timezone.localdate()
    made = scheme(after_last_lesson=True, starts_on="2026-09-01")
    url = reverse("attendance:exit_scheme", args=[made.pk])
    typed = {
        "name": "Vert",
        "starts_on": f"{today + timedelta(days=7)}",
        "between_lessons": "on",
        "for_day_pupils": "on",
    }
    assert cpe.post(url, typed | {"starts_on": f"{today - timedelta(days=1)}"}).status_code == 400
    assert cpe.post(url, typed).status_code == 302
    pupil = chosen(factories.pupil(), made)
    now, later = (exits.with_schemes(Person.objects.filter(pk=pupil.pk), day).get().exit_terms
                  for day in (today, today + timedelta(days=7)))  # fmt: skip
    assert (now["between_lessons"], later["between_lessons"]) == (False, True)


def test_a_class_gets_a_scheme_in_one_go_and_one_pupil_another(school, sign_in):
    division, cpe, today = factories.division("5A"), sign_in(factories.staff("cpe")), timezone.localdate()
    green, red = scheme("Vert"), scheme("Rouge")
    first, second = factories.pupil(division=division), factories.pupil(division=division)
    url = reverse("attendance:exit_assign")
    typed = {"division": division.pk, "starts_on": f"{today}"}
    cpe.post(url, typed | {"everyone": green.pk})
    assert dict(ExitChoice.objects.values_list("pupil", "scheme")) == {first.pk: green.pk, second.pk: green.pk}
    cpe.post(url, typed | {f"scheme-{first.pk}": red.pk, f"scheme-{second.pk}": green.pk})
    assert dict(ExitChoice.objects.values_list("pupil", "scheme")) == {first.pk: red.pk, second.pk: green.pk}
    refused = cpe.post(url, typed | {"starts_on": "hier", f"scheme-{second.pk}": red.pk})
    assert refused.status_code == 400
    assert "Donnez une date." in refused.text


def test_the_gate_answers_for_a_name(school, sign_in):
    pupil = factories.pupil(division=factories.division("5A"), last_name="Vergnaud")
    chosen(pupil, scheme("Vert", after_last_lesson=True))
    aed = sign_in(factories.staff("aed"))
    assert "Oui, peut sortir" in aed.get(reverse("attendance:gate") + "?q=vergn").text
    assert "Aucun élève ne porte ce nom" in aed.get(reverse("attendance:gate") + "?q=zzz").text


def test_a_scheme_no_longer_given_leaves_its_pupils_without_one(school, sign_in):
    made = scheme()
    pupil = chosen(factories.pupil(), made)
    sign_in(factories.staff("cpe")).post(reverse("attendance:withdraw_exit_scheme", args=[made.pk]))
    today = timezone.localdate()
    assert exits.with_schemes(Person.objects.filter(pk=pupil.pk), today).get().exit_scheme_id is None


def test_a_family_reads_whether_the_child_eats_here_and_when_they_may_leave(school, sign_in):
    pupil = factories.pupil(division=factories.division())
    parent = sign_in(factories.guardian(of=pupil))
    Pupil.objects.filter(person=pupil).update(boarding_scheme="")
    assert "Externe" not in parent.get("/absences/").text
    Pupil.objects.filter(person=pupil).update(boarding_scheme="day")
    assert "Externe." in parent.get("/absences/").text
    chosen(pupil, scheme(between_lessons=True, if_cancelled=True), boarding="half_board")
    page = parent.get("/absences/").text
    assert "Demi-pensionnaire. Régime de sortie" in page
    assert " : peut sortir entre deux cours, plus tôt quand un cours est annulé." in page
    Pupil.objects.filter(person=pupil).update(boarding_scheme="boarder")
    assert "» : reste dans l&#x27;établissement" in sign_in(pupil).get("/absences/").text
