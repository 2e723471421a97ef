# ruff: noqa: F811 - the fixture comes from the other file of lessons
"""Lessons where two people, two years or two devices meet: nothing lost, nothing shown too early."""

import io
from datetime import date, timedelta

import pytest
import typst
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from ent.kernel.documents import checked
from ent.school.lessons import actions, queries
from ent.school.lessons.models import Homework, LessonEntry
from ent.school.lessons.text import cleaned, typed
from ent.school.notifications.models import Notification
from ent.school.people.models import Function
from ent.school.structure.models import Division, Enrolment, SchoolYear, Teaching
from ent.school.timetable.models import SessionAudience
from tests import factories
from tests.school.test_lessons import TODAY, given_work, lesson  # noqa: F401 - the fixture


def test_draft_stays_draft_on_reload(lesson, sign_in):
    session, teacher, _pupil = lesson
    actions.write(session, teacher.pk, content="x", private_note="", based_on=0, publish="draft")
    page = sign_in(teacher).get(f"/sessions/{session.pk}/log/").text
    assert '<option value="draft" selected' in page


def test_content_opened_again_shows_words_not_tags(lesson, sign_in):
    session, teacher, _pupil = lesson
    actions.write(session, teacher.pk, content=r"Calculer $\frac{1}{2}$", private_note="", based_on=0)
    page = sign_in(teacher).get(f"/sessions/{session.pk}/log/").text
    assert "&lt;p&gt;" not in page


def test_a_colleague_does_not_see_draft_homework(lesson, sign_in):
    work = given_work(lesson, publish="draft")
    other = factories.staff(teaches=factories.division())
    assert sign_in(other).get(f"/homework/{work.pk}/").status_code in (403, 404)


def test_the_cpe_does_not_open_a_pupils_copy(lesson, sign_in):
    _session, _teacher, pupil = lesson
    work = given_work(lesson)
    made = actions.hand_in(work, pupil.pk, "", [SimpleUploadedFile("a.png", factories.image("PNG"))])
    assert sign_in(factories.staff(Function.CPE)).get(f"/attachments/{made.attachments.get().pk}/").status_code == 403


def past() -> Division:
    """A class of last year."""
    year = SchoolYear.objects.create(label="2025-2026", starts_on=date(2025, 9, 1), ends_on=date(2026, 8, 31))
    return Division.objects.create(year=year, code="6Z")


def test_a_pupil_reads_the_log_of_a_past_year(lesson, sign_in):
    _, _teacher, pupil = lesson
    division = past()
    Enrolment.objects.create(pupil=pupil, division=division, closed_at=timezone.now() - timedelta(days=100))
    assert sign_in(pupil).get(f"/log/classes/{division.pk}/").status_code == 200


def test_a_teacher_reads_the_log_of_a_past_year(lesson, sign_in):
    _, teacher, _pupil = lesson
    division = past()
    Teaching.objects.create(
        teacher=teacher, subject=factories.subject(), division=division, closed_at=timezone.now() - timedelta(days=100)
    )
    assert sign_in(teacher).get(f"/log/classes/{division.pk}/").status_code == 200


def test_the_log_shows_homework(lesson, sign_in):
    session, teacher, pupil = lesson
    actions.write(session, teacher.pk, content="Cours", private_note="", based_on=0, publish="now")
    given_work(lesson, content="Exercice XYZ")
    assert "Exercice XYZ" in sign_in(pupil).get(f"/log/classes/{factories.division().pk}/").text


def test_work_given_to_a_class_and_its_group_counts_once(lesson):
    session, _teacher, pupil = lesson
    group = factories.group()
    pupil.group_enrolments.create(group=group)
    SessionAudience.objects.create(session=session, group=group, day=session.day)
    day = TODAY() + timedelta(days=2)
    given_work(lesson, minutes=30)
    assert queries.load_of(session, [day])[day].minutes == 30


def test_the_session_proposed_first_is_to_come(lesson, sign_in):
    _, teacher, _pupil = lesson
    division = factories.division()
    now = timezone.now()
    old = factories.session(teacher, division, now - timedelta(days=10))
    factories.session(teacher, division, now - timedelta(days=8))
    factories.session(teacher, division, now + timedelta(days=2))
    made = sign_in(teacher)
    first = queries.next_sessions(old)[0]
    answer = made.post(
        f"/sessions/{old.pk}/log/give/", {"work": "Ex", "due": str(first.pk), "minutes": "20", "publish": "end"}
    )
    assert answer.status_code == 302


def test_work_for_tomorrow_shown_later_is_told_then_and_once(lesson):
    _, teacher, pupil = lesson
    now = factories.session(teacher, factories.division(), timezone.now() - timedelta(minutes=10))
    work = given_work((now, teacher, pupil), publish="end", due_on=TODAY() + timedelta(days=1))
    actions.tell_published(Homework.objects.all())
    assert not Notification.objects.filter(person=pupil).exists()
    Homework.objects.filter(pk=work.pk).update(publish_at=timezone.now())
    actions.tell_published(Homework.objects.all())
    actions.tell_published(Homework.objects.all())
    assert Notification.objects.filter(person=pupil).count() == 1


def test_copying_twice_gives_work_once(lesson, sign_in):
    session, teacher, _pupil = lesson
    actions.write(session, teacher.pk, content="Cours", private_note="", based_on=0)
    given_work(lesson)
    other = factories.session(teacher, factories.division("6B"), timezone.now() + timedelta(days=1))
    actions.copy(session, other, teacher.pk)
    actions.copy(session, other, teacher.pk)
    assert Homework.objects.filter(given_in=other).count() == 1


def test_a_copy_keeps_documents(lesson):
    session, teacher, _pupil = lesson
    given_work(lesson, link="https://exemple.fr")
    other = factories.session(teacher, factories.division("6B"), timezone.now() + timedelta(days=1))
    actions.copy(session, other, teacher.pk)
    assert Homework.objects.get(given_in=other).attachments.count() == 1


def test_a_copy_of_draft_is_draft(lesson):
    session, teacher, _pupil = lesson
    given_work(lesson, publish="draft")
    other = factories.session(teacher, factories.division("6B"), timezone.now() + timedelta(days=1))
    actions.copy(session, other, teacher.pk)
    assert Homework.objects.get(given_in=other).publish_at is None


def test_copying_counts_as_a_saving(lesson):
    session, teacher, _pupil = lesson
    actions.write(session, teacher.pk, content="Cours", private_note="", based_on=0)
    other = factories.session(teacher, factories.division("6B"), timezone.now() + timedelta(days=1))
    actions.write(other, teacher.pk, content="", private_note="", based_on=0)
    version = LessonEntry.objects.get(session=other).version
    actions.copy(session, other, teacher.pk)
    with pytest.raises(actions.ChangedMeanwhile):
        actions.write(other, teacher.pk, content="ancien onglet", private_note="", based_on=version)


@pytest.mark.parametrize("q", ["first=0001-01-01", "last=0001-01-05"])
def test_far_dates(lesson, sign_in, q):
    _, teacher, _ = lesson
    assert sign_in(teacher).get(f"/log/classes/{factories.division().pk}/?{q}").status_code < 500


def test_the_api_refuses_a_list(lesson, sign_in):
    _, _, pupil = lesson
    work = given_work(lesson)
    answer = sign_in(pupil).post(f"/api/homework/{work.pk}/done/", "[]", content_type="application/json")
    assert answer.status_code == 400


def test_huge_text_not_cut_in_silence(lesson, sign_in):
    session, teacher, _ = lesson
    answer = sign_in(teacher).post(
        f"/sessions/{session.pk}/log/save/", {"content": "a" * 70000, "publish": "end", "based_on": 0}
    )
    assert answer.status_code == 400
    assert "signes" in answer.text
    assert not LessonEntry.objects.exists()


def test_a_script_typed_as_homework_is_words(lesson, sign_in):
    session, teacher, _ = lesson
    answer = sign_in(teacher).post(
        f"/sessions/{session.pk}/log/give/",
        {
            "work": "<script>alert(1)</script>",
            "due_on": str(TODAY() + timedelta(days=2)),
            "minutes": "20",
            "publish": "now",
        },
    )
    assert answer.status_code == 302
    assert Homework.objects.get().content == "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"


def workbook() -> bytes:
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made)
    book.add_worksheet().write(0, 0, "a" * 50)
    book.close()
    return made.getvalue()


GOOD = {
    "a.xlsx": workbook, "a.pdf": lambda: typst.compile(b"Bonjour", format="pdf"),
    "A.JPG": lambda: factories.image("JPEG"), "a.webp": lambda: factories.image("WEBP"),
    "a.gif": lambda: factories.image("GIF"), "a.mp3": lambda: b"ID3\x04\0\0\0\0\0\x23" + b"\0" * 200,
    "a.mp4": lambda: b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41" + b"\0" * 200,
    "a.m4a": lambda: b"\0\0\0\x20ftypM4A \0\0\0\0M4A mp42isom\0\0\0\0" + b"\0" * 200,
    "a.ogg": lambda: b"OggS\0\2" + b"\0" * 200,
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_usual_files_are_accepted(school, name):
    assert checked(SimpleUploadedFile(name, GOOD[name]())).name == name


@pytest.mark.parametrize(
    "text", [r"Calculer $\frac{1}{2} < x_1$, **vite** et _bien_", "2**3**4 et a_b_c", "- un $x$\n- deux", "a < b & c"]
)
def test_what_was_typed_is_found_again(text):
    assert typed(cleaned(text)) == text


def test_a_draft_is_edited_then_shown(lesson, sign_in):
    _, teacher, pupil = lesson
    work = given_work(lesson, publish="draft")
    page = sign_in(teacher).get(f"/homework/{work.pk}/edit/").text
    assert '<option value="draft" selected' in page
    day = TODAY() + timedelta(days=2)
    answer = sign_in(teacher).post(
        f"/homework/{work.pk}/edit/", {"work": "Exercice 9", "due_on": str(day), "minutes": "20", "publish": "now"}
    )
    assert answer.status_code == 302
    assert "Exercice 9" in sign_in(pupil).get(f"/homework/{work.pk}/").text


def test_saving_again_does_not_hide_what_was_shown(lesson):
    session, teacher, _pupil = lesson
    first = actions.write(session, teacher.pk, content="Cours", private_note="", based_on=0, publish="now").publish_at
    assert (
        actions.write(session, teacher.pk, content="Cours 2", private_note="", based_on=1, publish="now").publish_at
        == first
    )
