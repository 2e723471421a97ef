"""A pupil is sent out of a lesson: expected at once, received in one tap, looked for when late, told to the family."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from ent.school.attendance.models import EXPECTED_WITHIN, Attendance, Passage, Register
from ent.school.conduct.overdue import escalate
from ent.school.notifications.models import Notification
from ent.school.people.models import Function
from ent.school.structure.models import Teaching
from tests import factories


@pytest.fixture
def lesson(school):
    """A session under way: (session, teacher, a pupil, their classmate)."""
    division = factories.division()
    teacher = factories.staff(teaches=division)
    pupils = [factories.pupil(division=division) for _ in range(2)]
    return factories.session(teacher, division), teacher, *pupils


def out(client, session, pupil):
    return client.post(reverse("conduct:send_out", args=[session.pk]), {"pupil": pupil.pk})


def test_a_forgotten_kit_and_an_encouragement_take_one_tap_from_the_roll(lesson, sign_in):
    session, teacher, pupil, _ = lesson
    client = sign_in(teacher)
    address = f"/conduct/pupils/{pupil.pk}/record/"
    assert f'formaction="{address}"' in client.get(f"/sessions/{session.pk}/register/").text
    answer = client.post(address, {"kind": "equipment", "session": session.pk})
    assert answer["Location"] == f"/sessions/{session.pk}/register/"
    answer = client.post(
        address, {"kind": "encouragement", "session": session.pk}, headers={"Accept": "application/json"}
    )
    assert pupil.display_name in answer.json()["message"]
    assert set(pupil.remarks.values_list("session", flat=True)) == {session.pk}


def test_who_stands_in_for_a_colleague_is_offered_no_remark_they_may_not_write(lesson, sign_in):
    _, _, pupil, _ = lesson
    stand_in = factories.staff()
    factories.session(stand_in, pupil.enrolments.get().division)
    mine = stand_in.led.get().session
    page = sign_in(stand_in).get(f"/sessions/{mine.pk}/register/")
    assert page.status_code == 200
    assert "formaction" not in page.text


def test_a_remark_is_put_only_in_a_session_its_writer_led_and_the_pupil_has(lesson, sign_in):
    session, teacher, pupil, _ = lesson
    client, other = sign_in(teacher), factories.pupil(division=factories.division("5A"))
    Teaching.objects.create(teacher=teacher, subject=factories.subject(), division=factories.division("5A"))
    away = factories.session(teacher, pupil.enrolments.get().division)
    away.session_teachers.update(part="absent")
    for of, in_session in ((other, session), (pupil, away)):
        client.post(f"/conduct/pupils/{of.pk}/record/", {"kind": "equipment", "session": in_session.pk})
        assert of.remarks.get().session is None


def test_a_session_with_a_remark_is_kept(lesson, sign_in):
    session, teacher, pupil, _ = lesson
    sign_in(teacher).post(f"/conduct/pupils/{pupil.pk}/record/", {"kind": "equipment", "session": session.pk})
    session.refresh_from_db()
    assert session.is_kept


def test_a_remark_is_not_put_in_a_colleagues_session(lesson, sign_in):
    session, _, pupil, _ = lesson
    sign_in(factories.staff(Function.CPE)).post(
        f"/conduct/pupils/{pupil.pk}/record/", {"kind": "equipment", "session": session.pk}
    )
    assert pupil.remarks.get().session is None


def test_sent_in_two_taps_seen_on_the_board_received_in_one(lesson, sign_in):
    session, teacher, pupil, _ = lesson
    cpe = factories.staff("cpe")
    answer = out(sign_in(teacher), session, pupil)
    removal = Passage.objects.get()
    assert answer["Location"] == reverse("conduct:removal", args=[removal.pk])
    assert (removal.is_removal, removal.sent_by, removal.place) == (True, teacher, "student_life")
    assert Attendance.objects.get(pupil=pupil).state == "elsewhere"
    assert Notification.objects.filter(person=cpe, title__contains="exclu de cours").exists()
    board = sign_in(cpe).get(reverse("attendance:board")).text
    assert "exclu de Mathématiques" in board
    assert "pas encore arrivé" in board
    sign_in(cpe).post(reverse("attendance:receive", args=[removal.pk]), {"back": "board"})
    removal.refresh_from_db()
    assert removal.received_by == cpe
    assert "reçu à" in sign_in(cpe).get(reverse("attendance:board")).text


def test_the_register_says_sent_and_received_and_so_does_the_next_hours_strip(lesson, sign_in):
    session, teacher, pupil, _ = lesson
    out(sign_in(teacher), session, pupil)
    Passage.objects.update(received_at=timezone.now())
    page = sign_in(teacher).get(f"/sessions/{session.pk}/register/").text
    assert "Exclu du cours, envoyé à" in page
    later = factories.session(teacher, pupil.enrolments.get().division, timezone.now() + timedelta(minutes=5))
    strip = sign_in(teacher).get(f"/sessions/{later.pk}/register/").text
    assert "exclu du cours, envoyé à" in strip


def test_sending_twice_or_taking_the_roll_after_makes_no_second_removal(lesson, sign_in):
    session, teacher, pupil, _ = lesson
    client = sign_in(teacher)
    for _ in range(2):
        out(client, session, pupil)
    client.post(f"/sessions/{session.pk}/register/", {f"state-{pupil.pk}": "sent_out", f"note-{pupil.pk}": "x"})
    assert Passage.objects.count() == 1
    assert Register.objects.exists()


def test_the_reason_tells_the_family_and_the_direction_once(lesson, sign_in):
    session, teacher, pupil, mate = lesson
    parent, head = factories.guardian(of=pupil), factories.staff("school_head")
    client = sign_in(teacher)
    out(client, session, pupil)
    url = reverse("conduct:removal", args=[Passage.objects.get().pk])
    family = reverse("conduct:pupil", args=[pupil.pk])
    assert "Exclusions de cours" not in sign_in(parent).get(family).text
    refused = client.post(url, {"reason": "", "work": "Exercice 4"})
    assert refused.status_code == 400
    assert "Exercice 4" in refused.text
    for reason in ("Insolence", "Insolence répétée"):
        client.post(url, {"reason": reason, "work": "Exercice 4", "companion": mate.pk})
    assert [Notification.objects.filter(person=one, title__startswith="Exclusion de cours").count()
            for one in (parent, head)] == [1, 1]  # fmt: skip
    page = sign_in(parent).get(family).text
    assert "Insolence répétée" in page
    assert "Exercice 4" in page
    assert mate.last_name not in page
    assert "Exclusions de cours : 1" in page


def test_a_pupil_nobody_received_is_looked_for_once(lesson, sign_in):
    session, teacher, pupil, _ = lesson
    cpe, head = factories.staff("cpe"), factories.staff("school_head")
    out(sign_in(teacher), session, pupil)
    assert escalate() == 0
    Passage.objects.update(sent_at=timezone.now() - EXPECTED_WITHIN)
    assert [escalate(), escalate()] == [1, 0]
    told = Notification.objects.filter(title__endswith="pas arrivé à la vie scolaire", is_urgent=True)
    assert {one.person for one in told} == {cpe, head, teacher}


def test_a_mistake_is_called_off_until_it_is_received(lesson, sign_in):
    session, teacher, pupil, mate = lesson
    client = sign_in(teacher)
    out(client, session, pupil)
    client.post(reverse("conduct:cancel_removal", args=[Passage.objects.get().pk]))
    assert not Passage.objects.exists()
    assert Attendance.objects.get(pupil=pupil).state == "present"
    out(client, session, mate)
    Passage.objects.update(received_at=timezone.now())
    client.post(reverse("conduct:cancel_removal", args=[Passage.objects.get().pk]))
    assert Passage.objects.exists()


def test_a_teacher_sends_nobody_out_of_a_colleagues_lesson_nor_a_pupil_of_another_class(lesson, sign_in):
    session, teacher, pupil, _ = lesson
    assert out(sign_in(factories.staff()), session, pupil).status_code == 403
    out(sign_in(teacher), session, factories.pupil(division=factories.division("3C")))
    assert not Passage.objects.exists()


def test_a_script_gets_the_words_for_the_line(lesson, sign_in):
    session, teacher, pupil, _ = lesson
    answer = sign_in(teacher).post(
        reverse("conduct:send_out", args=[session.pk]), {"pupil": pupil.pk}, headers={"Accept": "application/json"}
    )
    assert answer.json()["message"].startswith("Envoyé à")
