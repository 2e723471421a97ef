"""Remarks reach the family and are signed; sanctions leave the file when the law says so."""

from datetime import date

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from ent.school.conduct.models import ErasureRecord, Remark, Sanction
from ent.school.conduct.retention import erase_due, erase_on
from ent.school.conduct.tasks import erase_due_sanctions_of
from ent.school.notifications.models import Notification
from tests import factories


def test_a_teacher_encourages_in_one_tap_and_the_family_is_told(school, sign_in):
    division = factories.division()
    pupil = factories.pupil(division=division)
    parent, teacher = factories.guardian(of=pupil), factories.staff(teaches=division)
    sign_in(teacher).post(reverse("conduct:record", args=[pupil.pk]), {"kind": "encouragement"})
    assert Remark.objects.get().by == teacher
    assert Notification.objects.filter(person=parent, pupil=pupil).exists()


def test_an_observation_without_words_is_asked_for_them(school, sign_in):
    division = factories.division()
    pupil, teacher = factories.pupil(division=division), factories.staff(teaches=division)
    page = sign_in(teacher).post(reverse("conduct:record", args=[pupil.pk]), {"kind": "observation"})
    assert page.status_code == 400
    assert "Dites en une phrase" in page.content.decode()


def test_a_parent_signs_once_and_another_parent_may_not(school, sign_in):
    pupil = factories.pupil(division=factories.division())
    parent, stranger = factories.guardian(of=pupil), factories.guardian(of=factories.pupil())
    remark = Remark.objects.create(pupil=pupil, kind="observation", text="Bavarde.", needs_signature=True)
    for _ in range(2):
        sign_in(parent).post(reverse("conduct:sign", args=[remark.pk]))
    assert remark.acknowledgements.get().guardian == parent
    assert "je signe" not in sign_in(parent).get(reverse("conduct:pupil", args=[pupil.pk])).content.decode()
    assert sign_in(stranger).post(reverse("conduct:sign", args=[remark.pk])).status_code == 403


def test_a_teacher_does_not_see_what_a_colleague_wrote_but_the_form_tutor_does(school, sign_in):
    division = factories.division()
    pupil = factories.pupil(division=division)
    Remark.objects.create(pupil=pupil, kind="observation", text="Insolence.", by=factories.staff(teaches=division))
    url = reverse("conduct:pupil", args=[pupil.pk])
    assert "Insolence." not in sign_in(factories.staff(teaches=division)).get(url).content.decode()
    assert "Insolence." in sign_in(factories.staff(tutors=division)).get(url).content.decode()


@pytest.mark.parametrize(("kind", "day"), [
    ("warning", date(2027, 9, 1)), ("reprimand", date(2028, 9, 1)), ("responsibility", date(2028, 9, 1)),
    ("class_exclusion", date(2029, 9, 1)), ("school_exclusion", date(2029, 9, 1)), ("permanent", None),
])  # fmt: skip
def test_a_sanction_leaves_the_file_after_the_school_years_of_the_law(kind, day):
    assert erase_on(kind, date(2026, 11, 24)) == erase_on(kind, date(2027, 8, 31)) == day


@given(st.sampled_from(Sanction.Kind.values), st.dates(date(2015, 1, 1), date(2060, 1, 1)))
def test_a_sanction_is_never_erased_on_the_day_it_is_decided(kind, decided_on):
    day = erase_on(kind, decided_on)
    assert day is None or (decided_on < day and (day.month, day.day) == (9, 1))


def test_what_is_due_is_erased_with_a_count_and_nobodys_name(school):
    pupil, decided = factories.pupil(), date(2026, 11, 24)
    for kind in ("warning", "reprimand"):
        Sanction.objects.create(pupil=pupil, kind=kind, reason="Bagarre", decided_on=decided,
                                erase_on=erase_on(kind, decided))  # fmt: skip
    assert erase_due(date(2027, 8, 31)) == 0
    assert erase_due(date(2027, 9, 1)) == 1
    assert erase_due(date(2027, 9, 1)) == 0
    assert Sanction.objects.get().kind == "reprimand"
    assert (ErasureRecord.objects.get().kind, ErasureRecord.objects.get().count) == ("warning", 1)


def test_the_schools_nightly_job_erases_under_its_own_role(school):
    Sanction.objects.create(pupil=factories.pupil(), kind="warning", reason="Bagarre",
                            decided_on=date(2020, 9, 7), erase_on=date(2021, 9, 1))  # fmt: skip
    erase_due_sanctions_of(school.uai)
    assert not Sanction.objects.exists()


def test_home_tells_a_parent_what_is_to_sign_until_it_is_signed(school, sign_in):
    pupil = factories.pupil(division=factories.division())
    parent = sign_in(factories.guardian(of=pupil))
    remark = Remark.objects.create(pupil=pupil, kind="observation", text="Bavarde.", needs_signature=True)
    assert "À signer : 1 observation" in parent.get("/").content.decode()
    parent.post(reverse("conduct:sign", args=[remark.pk]))
    assert "À signer" not in parent.get("/").content.decode()


def test_the_head_alone_decides_a_sanction_and_the_family_reads_when_it_leaves_the_file(school, sign_in):
    pupil = factories.pupil(division=factories.division())
    parent, head = factories.guardian(of=pupil), sign_in(factories.staff("school_head"))
    url = reverse("conduct:new_sanction", args=[pupil.pk])
    typed = {"kind": "reprimand", "reason": "Insultes répétées.", "decided_on": "2026-09-14"}
    assert sign_in(factories.staff("cpe")).post(url, typed).status_code == 403
    assert head.post(url, typed).status_code == 302
    assert Sanction.objects.get().erase_on == date(2028, 9, 1)
    assert Notification.objects.filter(person=parent, pupil=pupil).exists()
    read = sign_in(parent).get(reverse("conduct:pupil", args=[pupil.pk])).content.decode()
    assert "Insultes répétées." in read
    assert "sera effacée le 1er septembre 2028" in read
    assert "Sera effacée le" in head.get(reverse("conduct:sanctions")).content.decode()


@pytest.mark.parametrize(("ends_on", "told"), [
    ("", "premier et le dernier jour"), ("2026-09-30", "dépasser 8 jours"), ("2026-09-10", "après le début"),
])  # fmt: skip
def test_a_temporary_exclusion_needs_dates_the_law_allows(school, sign_in, ends_on, told):
    url = reverse("conduct:new_sanction", args=[factories.pupil(division=factories.division()).pk])
    typed = {"kind": "school_exclusion", "reason": "Bagarre", "decided_on": "2026-09-14",
             "starts_on": "2026-09-15", "ends_on": ends_on}  # fmt: skip
    page = sign_in(factories.staff("school_head")).post(url, typed)
    assert page.status_code == 400
    assert told in page.content.decode()
    assert "Bagarre" in page.content.decode()


def test_a_teacher_and_an_assistant_do_not_read_sanctions(school, sign_in):
    division = factories.division()
    pupil = factories.pupil(division=division)
    Sanction.objects.create(pupil=pupil, kind="warning", reason="Bagarre", decided_on=date(2026, 9, 14))
    for reader in (factories.staff(teaches=division), factories.staff("aed")):
        page = sign_in(reader).get(reverse("conduct:pupil", args=[pupil.pk]))
        assert "Bagarre" not in page.content.decode()
