"""Lessons and homework: written by the teacher, read once published, done, handed in, returned."""

import re
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from ent.kernel.documents import checked
from ent.school.attendance.models import Attendance
from ent.school.lessons import actions, queries
from ent.school.lessons.models import Endorsement, Homework, LessonEntry, Submission
from ent.school.lessons.text import cleaned, plain
from ent.school.notifications.models import Notification
from ent.school.people.models import Function
from tests import factories

TODAY = timezone.localdate


@pytest.fixture
def lesson(school):
    """(session over, teacher, pupil of the class)."""
    division = factories.division()
    teacher = factories.staff(teaches=division)
    pupil = factories.pupil(division=division)
    return factories.session(teacher, division, timezone.now() - timedelta(hours=2)), teacher, pupil


def given_work(lesson, **values) -> Homework:
    session, teacher, _ = lesson
    asked = {"content": "Exercice 4", "due_on": TODAY() + timedelta(days=2), "due_session": None, "minutes": 20,
             "is_test": False, "takes_files": True, "publish": "now"}  # fmt: skip
    return actions.give(session, teacher.pk, **asked | values)


# --- text --------------------------------------------------------------------------------------------------------
def test_scripts_and_handlers_do_not_survive():
    html = cleaned('<p onclick="x()">Bonjour<script>alert(1)</script><a href="javascript:x">lien</a></p>')
    assert "script" not in html
    assert "onclick" not in html
    assert "Bonjour" in html


def test_a_formula_between_dollars_becomes_mathml():
    assert "<mfrac>" in cleaned(r"Calculer $\frac{1}{2}$")
    assert plain(cleaned("Cela coûte 5 $ et 6 euros")) == "Cela coûte 5 $ et 6 euros"


@given(st.text(max_size=300))
def test_whatever_is_typed_is_safe_and_cleaning_again_changes_nothing_dangerous(text):
    html = cleaned(text)
    assert "<script" not in html.lower()
    assert cleaned(html).lower().count("<script") == 0


# --- content -----------------------------------------------------------------------------------------------------
def test_content_is_shown_to_families_from_the_end_of_the_session_only(lesson, sign_in):
    _, teacher, pupil = lesson
    coming = factories.session(teacher, factories.division(), timezone.now() + timedelta(minutes=30))
    sign_in(teacher).post(f"/sessions/{coming.pk}/log/save/", {"content": "Prévu", "publish": "end", "based_on": 0})
    entry = LessonEntry.objects.get(session=coming)
    assert entry.publish_at == coming.ends_at
    division = factories.division()
    assert "Prévu" not in sign_in(pupil).get(f"/log/classes/{division.pk}/").text
    assert "Prévu" in sign_in(factories.staff(Function.CPE)).get(f"/log/classes/{division.pk}/").text


def test_what_a_colleague_saved_meanwhile_is_not_overwritten(lesson, sign_in):
    session, teacher, _ = lesson
    actions.write(session, teacher.pk, content="Le mien", private_note="", based_on=0)
    page = sign_in(teacher).post(f"/sessions/{session.pk}/log/save/", {"content": "L'autre", "publish": "end",
                                                                       "based_on": 0})  # fmt: skip
    assert page.status_code == 409
    assert "entre-temps" in page.text
    assert "L&#x27;autre" in page.text
    assert LessonEntry.objects.get().content == "<p>Le mien</p>"


def test_the_private_note_is_never_shown(lesson, sign_in):
    session, teacher, pupil = lesson
    actions.write(session, teacher.pk, content="Cours", private_note="Surveiller Lina", based_on=0, publish="now")
    assert "Surveiller" not in sign_in(pupil).get(f"/log/classes/{factories.division().pk}/").text


def test_content_and_work_are_copied_to_a_parallel_class(lesson, sign_in):
    session, teacher, _ = lesson
    actions.write(session, teacher.pk, content="Cours", private_note="", based_on=0)
    given = given_work(lesson)
    other = factories.session(teacher, factories.division("6B"), timezone.now() + timedelta(days=1))
    sign_in(teacher).post(f"/sessions/{other.pk}/log/copy/", {"source": str(session.pk)})
    assert LessonEntry.objects.get(session=other).content == "<p>Cours</p>"
    work = Homework.objects.get(given_in=other)
    assert work.due_on == other.day + (given.due_on - session.day)
    assert work.audiences.get().division == factories.division("6B")


# --- homework ----------------------------------------------------------------------------------------------------
def test_homework_due_in_the_past_is_refused_and_nothing_typed_is_lost(lesson, sign_in):
    session, teacher, _ = lesson
    page = sign_in(teacher).post(f"/sessions/{session.pk}/log/give/", {
        "work": "Exercice 12", "due_on": "2026-09-02", "minutes": "20", "publish": "now",
    })  # fmt: skip
    assert page.status_code == 400
    assert "date est passée" in page.text
    assert "Exercice 12" in page.text


def test_a_draft_is_seen_by_no_pupil_and_no_parent(lesson, sign_in):
    _, _, pupil = lesson
    work = given_work(lesson, publish="draft")
    assert str(work.pk) not in sign_in(pupil).get("/homework/").text
    assert sign_in(pupil).get(f"/homework/{work.pk}/").status_code == 403
    parent = factories.guardian(of=pupil)
    assert sign_in(parent).get(f"/homework/{work.pk}/").status_code == 403


def test_the_load_of_a_day_is_that_of_the_busiest_pupil_over_their_groups(lesson):
    session, _, pupil = lesson
    group = factories.group()
    pupil.group_enrolments.create(group=group)
    day = TODAY() + timedelta(days=2)
    given_work(lesson, minutes=30)
    latin = factories.session(factories.staff(teaches=group), group, timezone.now() - timedelta(hours=3))
    given_work((latin, latin.teachers.get(), pupil), minutes=25)
    load = queries.load_of(session, [day])[day]
    assert load.minutes == 55
    assert len(load.items) == 2


def test_a_pupil_ticks_what_is_done_and_the_teacher_does_not_know(lesson, sign_in):
    _, teacher, pupil = lesson
    work = given_work(lesson)
    client = sign_in(pupil)
    client.post(f"/homework/{work.pk}/tick/", {"done": "1"})
    assert queries.homework_of_pupils([pupil.pk], TODAY(), work.due_on)[pupil.pk][0].is_done
    assert "fait" not in sign_in(teacher).get(f"/homework/{work.pk}/copies/").text


def test_a_pupil_ticks_a_work_from_its_page_and_stays_there(lesson, sign_in):
    _, _, pupil = lesson
    work = given_work(lesson)
    client, address = sign_in(pupil), f"/homework/{work.pk}/"
    assert "Marquer comme fait" in client.get(address).text
    assert client.post(f"{address}tick/", {"done": "1", "next": address})["Location"] == f"{address}#w{work.pk}"
    assert "Remettre à faire" in client.get(address).text
    assert "Marquer comme fait" not in sign_in(factories.guardian(of=pupil)).get(address).text


def test_an_own_to_do_for_a_day_gone_by_is_refused_and_nothing_typed_is_lost(lesson, sign_in):
    page = sign_in(lesson[2]).post("/homework/own/", {"text": "Ranger", "due_on": TODAY() - timedelta(days=3)})
    assert page.status_code == 400
    assert "Ce jour est passé" in page.text
    assert 'value="Ranger"' in page.text


def test_own_to_dos_are_shown_to_their_pupil_alone(lesson, sign_in):
    _, teacher, pupil = lesson
    sign_in(pupil).post("/homework/own/", {"text": "Préparer mon sac", "due_on": TODAY() + timedelta(days=1)})
    assert "Préparer mon sac" in sign_in(pupil).get("/homework/").text
    assert "Préparer mon sac" not in sign_in(factories.guardian(of=pupil)).get("/homework/").text
    assert sign_in(teacher).get("/homework/").status_code == 403


def test_a_pupil_hands_in_and_the_teacher_gives_it_back(lesson, sign_in):
    _, teacher, pupil = lesson
    work = given_work(lesson)
    image = SimpleUploadedFile("copie.png", factories.image("PNG"))
    sign_in(pupil).post(f"/homework/{work.pk}/hand-in/", {"text": "Ma réponse", "files": [image]})
    copy = Submission.objects.get(pupil=pupil)
    assert not copy.is_late
    client = sign_in(teacher)
    assert "Lire et rendre" in client.get(f"/homework/{work.pk}/copies/").text
    client.post(f"/copies/{copy.pk}/", {"comment": "Très bien"})
    assert "Très bien" in sign_in(pupil).get(f"/homework/{work.pk}/").text
    assert Notification.objects.filter(person=pupil, kind="homework").exists()


def test_a_copy_handed_in_after_the_day_is_late(lesson):
    _, _, pupil = lesson
    work = given_work(lesson, due_on=TODAY() - timedelta(days=1))
    assert actions.hand_in(work, pupil.pk, "Pardon", ()).is_late


def test_another_pupils_copy_is_not_read(lesson, sign_in):
    _, _, pupil = lesson
    work = given_work(lesson)
    copy = actions.hand_in(work, pupil.pk, "", [SimpleUploadedFile("a.png", factories.image("PNG"))])
    file = copy.attachments.get()
    mate = factories.pupil(division=factories.division())
    assert sign_in(mate).get(f"/attachments/{file.pk}/").status_code == 403
    assert sign_in(pupil).get(f"/attachments/{file.pk}/").status_code == 200


@pytest.mark.parametrize(("name", "content", "words"), [
    ("page.pdf", b"<html><script>alert(1)</script></html>", "n'est pas ce que son nom annonce"),
    ("page.html", b"<html></html>", "n'est pas d'un type accepté"),
    ("vide.pdf", b"", "est vide"),
    ("notes.txt", b"a\0b", "n'est pas ce que son nom annonce"),
])  # fmt: skip
def test_a_file_that_is_not_what_it_says_is_refused_in_words(school, name, content, words):
    with pytest.raises(ValidationError, match=words):
        checked(SimpleUploadedFile(name, content))


def test_a_file_too_large_is_refused(school):
    file = SimpleUploadedFile("a.png", factories.image("PNG"))
    file.size = 2 * 1024**3
    with pytest.raises(ValidationError, match="dépasse 25 Mo"):
        checked(file)


def test_what_was_missed_shows_the_content_of_the_session(lesson, sign_in):
    session, teacher, pupil = lesson
    actions.write(session, teacher.pk, content="Théorème de Thalès", private_note="", based_on=0, publish="now")
    Attendance.objects.create(session=session, pupil=pupil, state="absent", day=session.day,
                              starts_at=session.starts_at, ends_at=session.ends_at)  # fmt: skip
    path = f"/homework/missed/?day={session.day}"
    assert "Thalès" in sign_in(pupil).get(path).text
    assert "Thalès" in sign_in(factories.guardian(of=pupil)).get(path).text


def test_the_head_endorses_and_the_year_is_a_pdf(lesson, sign_in):
    session, teacher, _ = lesson
    actions.write(session, teacher.pk, content="Cours", private_note="", based_on=0, publish="now")
    client, division = sign_in(factories.staff(Function.SCHOOL_HEAD)), factories.division()
    client.post(f"/log/classes/{division.pk}/", {"comment": "Vu"})
    assert "Visé par" in client.get(f"/log/classes/{division.pk}/").text
    assert client.get(f"/log/classes/{division.pk}/log.pdf").content.startswith(b"%PDF")


def test_a_visa_covers_nothing_after_today(lesson, sign_in):
    client, division, today = sign_in(factories.staff(Function.SCHOOL_HEAD)), factories.division(), timezone.localdate()
    client.post(f"/log/classes/{division.pk}/", {"comment": "Vu"})
    assert Endorsement.objects.get().ends_on == today
    coming = f"?first={today + timedelta(days=1)}&last={today + timedelta(days=5)}"
    assert "Viser" not in client.get(f"/log/classes/{division.pk}/{coming}").text
    refused = client.post(f"/log/classes/{division.pk}/{coming}", {"comment": "Vu"}, follow=True)
    assert "elles se visent une fois passées" in refused.text
    assert Endorsement.objects.count() == 1


def test_the_log_of_a_class_that_is_no_more_stays_readable(lesson, sign_in):
    session, teacher, _ = lesson
    actions.write(session, teacher.pk, content="Aire : $\\frac{1}{2}$", private_note="", based_on=0, publish="now")
    division = factories.division()
    division.closed_at = timezone.now()
    division.save()
    year = division.year
    year.is_current = False
    year.save()
    client = sign_in(factories.staff(Function.SCHOOL_HEAD))
    assert f"/log/classes/{division.pk}/log.pdf" in client.get("/log/archives/").text
    assert client.get(f"/log/classes/{division.pk}/log.pdf").content.startswith(b"%PDF")
    assert plain(LessonEntry.objects.get().content) == r"Aire : \frac{1}{2}"


def test_staff_see_which_sessions_have_no_content_and_families_do_not(lesson, sign_in):
    _, teacher, pupil = lesson
    path = f"/log/classes/{factories.division().pk}/"
    assert "Sans contenu" in sign_in(factories.staff(Function.SCHOOL_HEAD)).get(path).text
    assert "Sans contenu" not in sign_in(pupil).get(path).text
    own = sign_in(teacher).get("/log/mine/").text
    assert "Écrire le contenu" in own
    assert f"<h3>{factories.division().code} · " in own


def test_the_classs_minutes_are_seen_for_each_day_and_a_day_is_chosen_without_script(lesson, sign_in):
    session, teacher, _ = lesson
    day = queries.near_days("A", [])[3]
    given_work(lesson, due_on=day, minutes=45)
    client = sign_in(teacher)
    page = client.get(f"/sessions/{session.pk}/log/").text
    assert re.search(rf'value="{day}"[^>]*><span>[^<]*<br><small>déjà 45 min', page)
    client.post(f"/sessions/{session.pk}/log/give/", {"work": "Lire", "due": str(day), "minutes": 10, "publish": "now"})
    assert Homework.objects.filter(due_on=day).count() == 2


def test_content_is_shown_from_a_moment_one_chooses(lesson, sign_in):
    session, teacher, _ = lesson
    client, path = sign_in(teacher), f"/sessions/{session.pk}/log/save/"
    refused = client.post(path, {"content": "Cours", "publish": "on", "based_on": 0})
    assert refused.status_code == 400
    assert "Choisissez la date" in refused.text
    at = timezone.localtime() + timedelta(days=3)
    client.post(path, {"content": "Cours", "publish": "on", "publish_on": f"{at:%Y-%m-%dT%H:%M}", "based_on": 0})
    entry = LessonEntry.objects.get()
    assert abs(entry.publish_at - at) < timedelta(minutes=1)
    assert f"{at:%Y-%m-%dT%H:%M}" in client.get(f"/sessions/{session.pk}/log/").text
    actions.write(session, teacher.pk, content="Revu", private_note="", based_on=1, publish="on", publish_on=at)
    assert LessonEntry.objects.get().publish_at == at


def test_a_teachers_habit_is_proposed_for_what_is_new(lesson, sign_in):
    session, teacher, _ = lesson
    client = sign_in(teacher)
    client.post("/log/mine/habit/", {"publish": "draft"})
    assert client.get(f"/sessions/{session.pk}/log/").text.count('<option value="draft" selected>') == 2
    assert client.post("/log/mine/habit/", {"publish": "x"}).status_code == 400


def test_a_script_is_told_what_the_colleague_wrote(lesson, sign_in):
    session, teacher, _ = lesson
    actions.write(session, teacher.pk, content="Le **mien**", private_note="", based_on=0)
    answer = sign_in(teacher).post(f"/sessions/{session.pk}/log/save/",
                                   {"content": "L'autre", "publish": "end", "based_on": 0},
                                   headers={"Accept": "application/json"})  # fmt: skip
    assert (answer.status_code, answer.json()["content"], answer.json()["version"]) == (409, "Le **mien**", 1)


def test_what_was_missed_stands_day_by_day(lesson, sign_in):
    session, _, pupil = lesson
    given_work(lesson)
    Attendance.objects.create(session=session, pupil=pupil, state="absent", day=session.day,
                              starts_at=session.starts_at, ends_at=session.ends_at)  # fmt: skip
    client = sign_in(pupil)
    assert f"day={session.day}" in client.get("/homework/missed/").text
    assert "Exercice 4" in client.get(f"/homework/missed/?day={session.day}").text
    assert "Exercice 4" not in client.get("/homework/missed/?day=2000-13-45").text


def test_an_own_to_do_is_dropped_by_its_pupil_alone(lesson, sign_in):
    _, _, pupil = lesson
    task = actions.plan_own(pupil.pk, "Relire", TODAY() + timedelta(days=1))
    other = factories.pupil(division=factories.division())
    assert sign_in(other).post(f"/homework/own/{task.pk}/drop/").status_code == 403
    sign_in(pupil).post(f"/homework/own/{task.pk}/drop/")
    assert "Relire" not in sign_in(pupil).get("/homework/").text


def test_a_teachers_week_shows_which_sessions_have_no_content(lesson, sign_in):
    session, teacher, _ = lesson
    client, path = sign_in(teacher), f"/timetable/?day={session.day}"
    assert "Sans contenu" in client.get(path).text
    actions.write(session, teacher.pk, content="Cours", private_note="", based_on=0)
    assert "Sans contenu" not in client.get(path).text
