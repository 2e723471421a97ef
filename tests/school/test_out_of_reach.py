"""What people of the school day must not read nor change, tried as they would try it."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.core import mail
from django.utils import timezone
from rest_framework.throttling import UserRateThrottle

from ent.school.absences import actions as absences
from ent.school.absences import reasons
from ent.school.absences.models import AbsenceNotice
from ent.school.attendance.actions import Mark, submit
from ent.school.attendance.models import Attendance, Passage
from ent.school.conduct.models import Concern, Referent
from ent.school.lessons import actions as lessons
from ent.school.lessons.models import LessonEntry, Submission
from ent.school.lessons.text import LONGEST, cleaned
from ent.school.notifications import sending
from ent.school.notifications.models import Delivery, Kind, Notification
from ent.school.people.models import Function
from ent.school.structure.models import Teaching
from tests import factories
from tests.school import notes_factories as notes

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate


@pytest.fixture
def lesson(school):
    """(session under way, teacher, pupil, guardian)."""
    division = factories.division()
    teacher, pupil = factories.staff(teaches=division), factories.pupil(division=division, first_name="Lina")
    return factories.session(teacher, division), teacher, pupil, factories.guardian(of=pupil)


def reason(code: str):
    return next(one for one in reasons.current() if one.code == code)


def said(pupil, by, code: str = "family", **values) -> AbsenceNotice:
    """What a parent said of today."""
    now = timezone.now()
    asked = {"kind": "announces", "starts_at": now - timedelta(hours=3), "ends_at": now + timedelta(hours=3)} | values
    return absences.give_notice(pupil, reason=reason(code), by=absences.By(by.pk, by.account_id), **asked)


def stands_in(session, substitute) -> None:
    """The teacher is away; someone else has the session."""
    session.session_teachers.update(part="absent")
    session.session_teachers.create(teacher=substitute, part="stands_in", day=session.day,
                                    during=(session.starts_at, session.ends_at), is_exclusive=False)  # fmt: skip


def work_of(session, teacher, **values):
    asked = {"content": "Exercice 4", "due_on": TODAY() + timedelta(days=2), "due_session": None, "minutes": 20,
             "is_test": False, "takes_files": True, "publish": "now"}  # fmt: skip
    return lessons.give(session, teacher.pk, **asked | values)


# --- health ------------------------------------------------------------------------------------------------------
def test_what_a_family_writes_of_an_illness_is_not_read_where_the_reason_is_hidden(lesson, sign_in):
    _, _, pupil, parent = lesson
    said(pupil, parent, "illness", text="Crise d'épilepsie cette nuit")
    said(pupil, parent, "family", text="Mariage de sa tante")
    page = sign_in(factories.staff(Function.OFFICE)).get("/absences/to-treat/").text
    assert "Motif non communiqué" in page
    assert "épilepsie" not in page
    assert "Mariage" in page
    assert "épilepsie" in sign_in(factories.staff(Function.CPE)).get("/absences/to-treat/").text


def test_why_a_pupil_is_at_the_infirmary_is_read_by_those_who_care_and_student_life(lesson, sign_in):
    pupil = lesson[2]
    Passage.objects.create(pupil=pupil, place="infirmary", received_at=timezone.now(), reason="Règles douloureuses")
    Passage.objects.create(pupil=pupil, place="library", received_at=timezone.now(), reason="Exposé à finir")
    for function in (Function.LIBRARIAN, Function.OFFICE):
        page = sign_in(factories.staff(function)).get("/student-life/passages/").text
        assert "Exposé" in page
        assert "douloureuses" not in page
    for function in (Function.NURSE, Function.CPE, Function.AED):
        assert "douloureuses" in sign_in(factories.staff(function)).get("/student-life/passages/").text


def test_why_a_pupil_was_sent_out_of_a_lesson_is_read_by_student_life(lesson, sign_in):
    session, teacher, pupil, _ = lesson
    Passage.objects.create(pupil=pupil, place="student_life", is_removal=True, session=session, sent_by=teacher,
                           sent_at=timezone.now(), reason="Insulte un camarade", work="Exercice 3")  # fmt: skip
    for function, address in ((Function.LIBRARIAN, "/student-life/passages/"), (Function.OFFICE, "/student-life/"),
                              (Function.NURSE, "/student-life/passages/")):  # fmt: skip
        page = sign_in(factories.staff(function)).get(address).text
        assert "Exercice 3" in page
        assert "Insulte" not in page
    for address in ("/student-life/", "/student-life/passages/"):
        assert "Insulte" in sign_in(factories.staff(Function.AED)).get(address).text


# --- what families do not read -----------------------------------------------------------------------------------
def test_a_reason_the_school_keeps_to_itself_is_not_read_by_the_family_on_any_page(lesson, sign_in):
    _, _, pupil, parent = lesson
    cpe = factories.staff(Function.CPE)
    said(pupil, cpe, "educator", way="desk")
    client = sign_in(parent)
    for address in ("/absences/", f"/absences/pupils/{pupil.pk}/", "/api/absence-notices/"):
        page = client.get(address).content.decode()
        assert "éducateur" not in page
        assert "educator" not in page
    assert "éducateur" in sign_in(cpe).get(f"/absences/pupils/{pupil.pk}/").text


def test_a_parent_takes_back_their_own_word_and_not_the_other_parents(lesson, sign_in):
    _, _, pupil, mother = lesson
    father = factories.guardian(of=pupil, rank=2)
    notice = said(pupil, mother)
    client = sign_in(father)
    assert "Retirer" not in client.get("/absences/").text
    client.post(f"/absences/notices/{notice.pk}/withdraw/")
    notice.refresh_from_db()
    assert notice.state == "received"
    sign_in(mother).post(f"/absences/notices/{notice.pk}/withdraw/")
    notice.refresh_from_db()
    assert notice.state == "withdrawn"


def test_an_application_does_not_explain_a_whole_schooling_at_once(lesson, sign_in):
    _, _, pupil, parent = lesson
    now = timezone.now()
    for starts, ends in ((now - timedelta(days=4000), now), (now, now + timedelta(days=4000))):
        asked = {"pupil": str(pupil.pk), "reason": "family", "starts_at": starts.isoformat(),
                 "ends_at": ends.isoformat()}  # fmt: skip
        answer = sign_in(parent).post("/api/absence-notices/", asked, content_type="application/json")
        assert answer.status_code == 400
        assert "trop éloignée" in answer.json()["starts_at" if starts < now else "ends_at"][0]
    assert not AbsenceNotice.objects.exists()


# --- what staff do not read --------------------------------------------------------------------------------------
def test_what_could_not_leave_does_not_tell_the_office_of_a_sanction_nor_of_a_call_for_help(lesson, sign_in):
    _, _, pupil, parent = lesson
    for person, kind, title in ((parent, Kind.CONDUCT, "Sanction pour Lina : blâme"),
                                (pupil, Kind.ANSWER, "Une réponse vous attend"),
                                (parent, Kind.TIMETABLE, "La séance est déplacée")):  # fmt: skip
        told = Notification.objects.create(person=person, kind=kind, title=title, pupil=pupil)
        Delivery.objects.create(notification=told, way="email", state="failed", deliver_after=timezone.now())
    for function in (Function.OFFICE, Function.SCHOOL_ADMIN):
        client = sign_in(factories.staff(function))
        shown = client.get("/notifications/failures/").text
        table = client.get("/notifications/failures/?export=csv").getvalue().decode()
        for page in (shown, table):
            assert "La séance est déplacée" in page
            assert "blâme" not in page
            assert "Une réponse vous attend" not in page


def test_a_colleagues_draft_is_not_read_in_the_log_of_the_class(lesson, sign_in):
    session, teacher, _, _ = lesson
    lessons.write(session, teacher.pk, content="Pas encore relu", private_note="", based_on=0, publish="draft")
    work_of(session, teacher, content="Contrôle surprise", publish="draft")
    log = f"/log/classes/{factories.division().pk}/"
    tutor = factories.staff(tutors=factories.division())
    for person in (factories.staff(teaches=factories.division()), tutor, factories.staff(Function.CPE)):
        page = sign_in(person).get(log).text
        assert "Pas encore relu" not in page
        assert "surprise" not in page
    mine = sign_in(teacher).get(log).text
    assert "Pas encore relu" in mine
    assert "surprise" in mine


def test_a_note_for_oneself_is_not_read_by_who_stands_in_nor_lost_by_their_saving(lesson, sign_in):
    session, teacher, _, _ = lesson
    lessons.write(session, teacher.pk, content="Fractions", private_note="Lina : parents en conflit", based_on=0)
    substitute = factories.staff()
    stands_in(session, substitute)
    client = sign_in(substitute)
    assert "conflit" not in client.get(f"/sessions/{session.pk}/log/").text
    client.post(f"/sessions/{session.pk}/log/save/", {"content": "Fractions, exercices", "private_note": "",
                                                      "publish": "end", "based_on": 1})  # fmt: skip
    entry = LessonEntry.objects.get(session=session)
    assert "exercices" in entry.content
    assert entry.private_note == "Lina : parents en conflit"
    assert "conflit" not in client.get(f"/sessions/{session.pk}/log/").text


def test_a_note_for_oneself_does_not_follow_a_copy_by_a_colleague(lesson, sign_in):
    session, teacher, _, _ = lesson
    lessons.write(session, teacher.pk, content="Fractions", private_note="Lina : parents en conflit", based_on=0)
    colleague = factories.staff()
    session.session_teachers.create(teacher=colleague, day=session.day, is_exclusive=False,
                                    during=(session.starts_at, session.ends_at))  # fmt: skip
    other = factories.session(colleague, factories.division("6B"), timezone.now() + timedelta(days=1))
    sign_in(colleague).post(f"/sessions/{other.pk}/log/copy/", {"source": str(session.pk)})
    copied = LessonEntry.objects.get(session=other)
    assert "Fractions" in copied.content
    assert copied.private_note == ""


# --- date tampering ----------------------------------------------------------------------------------------------
def roll(client, session, pupil, taken_at: datetime, state: str = "present", based_on: int = 0):
    return client.post(f"/sessions/{session.pk}/register/", {
        f"state-{pupil.pk}": state, "based_on": based_on, "client_id": str(uuid4()), "taken_at": taken_at.isoformat(),
    }, headers={"accept": "application/json"})  # fmt: skip


def test_a_roll_of_last_month_is_not_rewritten_by_a_device_that_says_it_is_of_then(lesson, sign_in):
    _, teacher, pupil, _ = lesson
    then = factories.session(teacher, factories.division(), timezone.now() - timedelta(days=30))
    submit(then, teacher.pk, {pupil.pk: Mark("absent")}, client_id=uuid4(), based_on=0, taken_at=then.starts_at,
           any_day=True)  # fmt: skip
    answer = roll(sign_in(teacher), then, pupil, then.starts_at + timedelta(minutes=5), based_on=1)
    assert answer.status_code == 409
    assert "vie scolaire" in answer.json()["message"]
    assert Attendance.objects.get(session=then).state == "absent"


@pytest.mark.parametrize(
    ("days", "is_taken", "status"), [(2, True, 200), (5, True, 409), (17, False, 200), (25, False, 409)]
)
def test_what_a_device_kept_is_believed_for_a_time(lesson, sign_in, days, is_taken, status):
    _, teacher, pupil, _ = lesson
    then = factories.session(teacher, factories.division(), timezone.now() - timedelta(days=days))
    if is_taken:
        submit(then, teacher.pk, {}, client_id=uuid4(), based_on=0, taken_at=then.starts_at, any_day=True)
    answer = roll(sign_in(teacher), then, pupil, then.starts_at + timedelta(minutes=5), "absent", int(is_taken))
    assert answer.status_code == status


# --- former teachers ---------------------------------------------------------------------------------------------
def test_a_draft_is_not_sent_to_a_class_that_is_no_longer_ones_own(school, sign_in):
    division = factories.division()
    parent = factories.guardian(of=factories.pupil(division=division))
    teacher = factories.staff(teaches=division)
    draft = notes.draft(teacher, division)
    Teaching.objects.filter(teacher=teacher).update(closed_at=timezone.now())
    answer = sign_in(teacher).post(f"/notes/drafts/{draft.pk}/send/", follow=True)
    assert "Vous n&#x27;écrivez plus aux familles de : 6A" in answer.text
    draft.refresh_from_db()
    assert draft.sent_at is None
    assert not Notification.objects.filter(person=parent).exists()


def test_whoever_stood_in_loses_the_session_after_a_while(lesson, sign_in):
    _, teacher, _, _ = lesson
    for days, status in ((3, 200), (20, 403)):
        session = factories.session(teacher, factories.division(), timezone.now() - timedelta(days=days))
        work = work_of(session, teacher, content="Exposé")
        substitute = factories.staff()
        stands_in(session, substitute)
        client = sign_in(substitute)
        for address in (f"/sessions/{session.pk}/log/", f"/sessions/{session.pk}/register/",
                        f"/homework/{work.pk}/copies/"):  # fmt: skip
            assert client.get(address).status_code == status


# --- notes -------------------------------------------------------------------------------------------------------
def test_no_paper_is_entered_for_a_note_that_is_withdrawn(school, sign_in):
    division = factories.division()
    factories.guardian(of=factories.pupil(division=division))
    teacher = factories.staff(teaches=division)
    note = notes.permission(teacher, division)
    line = note.recipients.get()
    client = sign_in(teacher)
    client.post(f"/notes/{note.pk}/withdraw/")
    client.post(f"/notes/{note.pk}/paper/", {"received_on": TODAY(), f"answer-{line.pk}": "yes",
                                             f"name-{line.pk}": "Mme Durand"})  # fmt: skip
    line.refresh_from_db()
    assert line.answer == ""


def test_a_parent_kept_away_meanwhile_gets_no_mail_of_a_note(school):
    division = factories.division()
    pupil = factories.pupil(division=division)
    factories.guardian(of=pupil, directory_email="mere@example.org")
    father = factories.guardian(of=pupil, rank=2, directory_email="pere@example.org")
    notes.sent(factories.staff(teaches=division), division, title="Rendez-vous lundi à 8 h")
    father.wards.update(is_restricted=True)
    Delivery.objects.update(deliver_after=timezone.now())
    sending.send_due()
    assert [one.to for one in mail.outbox] == [["mere@example.org"]]


def test_a_parent_of_two_kept_away_from_one_reads_no_note_about_that_child(school, sign_in):
    division, other = factories.division(), factories.division("3C")
    pupil = factories.pupil(division=division)
    father = factories.guardian(of=pupil, directory_email="pere@example.org")
    father.wards.create(pupil=factories.pupil(division=other), kinship="father", legal_rank=1)
    notes.sent(factories.staff(teaches=division), division, title="Rendez-vous lundi à 8 h")
    notes.sent(factories.staff(teaches=other), other, title="Sortie au lac")
    father.wards.filter(pupil=pupil).update(is_restricted=True)
    Delivery.objects.update(deliver_after=timezone.now())
    Notification.objects.update(deliver_after=timezone.now())
    sending.send_due()
    assert [one.subject for one in mail.outbox if "Rendez-vous" in one.subject] == []
    assert len(mail.outbox) == 1
    page = sign_in(father).get("/notifications/").text
    assert "Sortie au lac" in page
    assert "Rendez-vous" not in page


def test_of_a_colleagues_note_a_teacher_reads_the_names_of_their_own_pupils_only(school, sign_in):
    division = factories.division()
    mine = factories.pupil(division=division, last_name="Durand")
    other = factories.pupil(division=factories.division("3C"), last_name="Martin")
    for one in (mine, other):
        factories.guardian(of=one)
    notes.sent(factories.staff(Function.CPE), mine, other, title="Convocation")
    client = sign_in(factories.staff(teaches=division))
    for page in (client.get("/notes/sent/").text, client.get("/notes/sent/?export=csv").getvalue().decode()):
        assert "Durand" in page
        assert "Martin" not in page


# --- what was written stays --------------------------------------------------------------------------------------
def test_a_passage_is_received_and_let_go_once(lesson, sign_in):
    pupil = lesson[2]
    before = timezone.now() - timedelta(minutes=30)
    old = Passage.objects.create(pupil=pupil, place="infirmary", sent_at=timezone.now() - timedelta(days=9))
    passage = Passage.objects.create(pupil=pupil, place="infirmary", sent_at=before, received_at=before,
                                     left_at=before, care_note="Paracétamol")  # fmt: skip
    client = sign_in(factories.staff(Function.NURSE))
    client.post(f"/student-life/passages/{passage.pk}/receive/")
    client.post(f"/student-life/passages/{passage.pk}/let-go/", {"care_note": "Famille prévenue"})
    client.post("/student-life/passages/", {"pupil": pupil.pk, "place": "infirmary"})
    passage.refresh_from_db()
    old.refresh_from_db()
    assert (passage.received_at, passage.left_at) == (before, before)
    assert passage.care_note == "Paracétamol\nFamille prévenue"
    assert old.received_at is None


def test_a_colleague_does_not_rewrite_why_a_pupil_was_sent_out_once_the_family_has_read_it(lesson, sign_in):
    session, teacher, pupil, _ = lesson
    removal = Passage.objects.create(pupil=pupil, place="student_life", is_removal=True, session=session,
                                     sent_by=teacher, sent_at=timezone.now())  # fmt: skip
    address = f"/conduct/removals/{removal.pk}/"
    sign_in(teacher).post(address, {"reason": "Bavardages", "work": "Exercice 3"})
    colleague = factories.staff()
    session.session_teachers.create(teacher=colleague, day=session.day, is_exclusive=False,
                                    during=(session.starts_at, session.ends_at))  # fmt: skip
    sign_in(colleague).post(address, {"reason": "Violences", "work": "Exercice 4"})
    removal.refresh_from_db()
    assert (removal.reason, removal.work) == ("Bavardages", "Exercice 4")


# --- floods and crashes ------------------------------------------------------------------------------------------
def test_calls_for_help_do_not_ring_referents_without_end(school, sign_in):
    referent = factories.staff(Function.CPE)
    Referent.objects.create(person=referent)
    client = sign_in(factories.pupil(division=factories.division()))
    asked = {"about": "myself", "text": "On m'attend à la sortie."}
    answers = [client.post("/help/", asked) for _ in range(40)]
    assert answers[0].status_code == 302
    assert answers[-1].status_code == 400
    assert "On m&#x27;attend" in answers[-1].text
    assert Concern.objects.count() < 20
    concern = Concern.objects.first()
    for _ in range(40):
        client.post(f"/help/calls/{concern.pk}/write/", {"text": "Encore"})
    assert Notification.objects.filter(person=referent).count() < 60


def test_papers_of_a_whole_school_fit_a_page_and_a_hundred_thousand_lines_do_not(school, sign_in):
    division = factories.division()
    factories.guardian(of=factories.pupil(division=division))
    teacher = factories.staff(teaches=division)
    note = notes.permission(teacher, division)
    line = note.recipients.get()
    client = sign_in(teacher)
    many = {"received_on": TODAY(), f"answer-{line.pk}": "yes", f"name-{line.pk}": "Mme Durand"}
    many |= {f"name-{number}": "x" for number in range(2500)}
    assert client.post(f"/notes/{note.pk}/paper/", many).status_code == 302
    too_many = {f"name-{number}": "" for number in range(100_000)}
    assert client.post(f"/notes/{note.pk}/paper/", too_many).status_code == 400


def test_a_text_made_of_stars_is_cleaned_in_no_time():
    begun = timezone.now()
    cleaned("**a " * (LONGEST // 4))
    assert timezone.now() - begun < timedelta(seconds=3)


def test_a_copy_given_back_meanwhile_is_not_changed(lesson, sign_in):
    session, teacher, pupil, _ = lesson
    work = work_of(session, teacher)
    made = lessons.hand_in(work, pupil.pk, "Ma réponse", [])
    lessons.give_back(made, teacher.pk, "Bien", [])
    with pytest.raises(lessons.GivenBack):
        lessons.hand_in(work, pupil.pk, "Une autre", [])
    assert Submission.objects.get().text == "Ma réponse"


@pytest.mark.parametrize(
    ("address", "fields", "function"),
    [
        ("/student-life/services/canteen/", {f"absent-{'x' * 36}": "on"}, Function.CPE),
        ("/timetable/set-up/", {"do": "remove", "kind": "day", "day": "hier"}, Function.SCHOOL_HEAD),
        ("/timetable/bookings/", {"day": "9999-12-31", "starts": "08:00", "ends": "09:00", "purpose": "Club",
                                  "weeks": "40"}, Function.TEACHER),
        ("/timetable/bookings/", {"day": "0001-01-01", "starts": "00:00", "ends": "09:00", "purpose": "Club",
                                  "weeks": "1"}, Function.TEACHER),
        ("/conduct/detentions/new/", {"day": "9999-12-31", "begins": "08:00", "ends": "09:00", "places": "1"},
         Function.CPE),
        ("/conduct/detentions/new/?day=0001-01-01", {}, Function.CPE),
        ("/timetable/absences/", {"first": "0001-01-01", "last": "9999-12-31"}, Function.CPE),
        ("/homework/own/", {"text": "x", "due_on": "0001-01-01"}, None),
        ("/homework/own/", {"text": "x", "due_on": "9999-12-31"}, None),
    ],
)  # fmt: skip
def test_nonsense_is_answered_in_words_and_breaks_nothing(school, sign_in, address, fields, function):
    room = factories.room(is_bookable=True)
    person = factories.staff(function) if function else factories.pupil(division=factories.division())
    answer = sign_in(person).post(address, fields | ({"room": room.pk} if "day" in fields else {}))
    assert answer.status_code in (200, 302, 400)
    client = sign_in(person)
    assert client.get(address.replace("new/", "")).status_code in (200, 405)


# --- what slows others down --------------------------------------------------------------------------------------
def test_an_application_that_asks_without_pause_is_told_to_wait(lesson, sign_in, monkeypatch):
    monkeypatch.setattr(UserRateThrottle, "THROTTLE_RATES", {"user": "2/minute"})
    _, _, pupil, _ = lesson
    client = sign_in(pupil)
    assert [client.get("/api/sessions/").status_code for _ in range(3)] == [200, 200, 429]
    assert "seconde" in client.get("/api/sessions/").json()["detail"]
